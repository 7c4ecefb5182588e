"""`python -m tenant_apps.payments.sandbox --port N --home DIR`: serves until it is told to stop."""

import argparse
import contextlib
import logging
import os
import signal
import sys
import threading
from pathlib import Path

from tenant_apps.payments.sandbox import wire
from tenant_apps.payments.sandbox.channel import Channel
from tenant_apps.payments.sandbox.notifier import Notifier
from tenant_apps.payments.sandbox.server import Server
from tenant_apps.payments.sandbox.store import Store


def main() -> None:
    """Parse, refuse production, serve."""
    if os.environ.get("ENVIRONMENT") == "production" or os.environ.get("DJANGO_SETTINGS_MODULE", "").endswith(".prod"):
        sys.exit("the payment sandbox does not run in production")
    parser = argparse.ArgumentParser(prog="python -m tenant_apps.payments.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=8300, help="on 127.0.0.1; 0 picks a free one and prints it")
    home = Path(os.environ.get("MALL_HOME", ".var")) / "sandbox"
    parser.add_argument("--home", type=Path, default=home, help="folder of the sandbox's own database")
    parser.add_argument("--origin", default="", help="how browsers reach it (default: http://127.0.0.1:PORT)")
    parser.add_argument("--speed", type=float, default=1.0, help="divide the waits between notices by this")
    parser.add_argument("--keys", type=int, default=0, help="make so many keys and then use them again (0: never)")
    arguments = parser.parse_args()
    logging.basicConfig(level=os.environ.get("LOG_LEVEL", "INFO"), format="%(asctime)s %(levelname)s %(message)s")
    channel = Channel(Store(arguments.home), arguments.origin.rstrip("/"), wire.KeyRing(arguments.keys))
    notifier = Notifier(channel, arguments.speed)
    server = Server(arguments.port, channel, notifier)
    port = server.server_address[1]
    channel.origin = channel.origin or f"http://127.0.0.1:{port}"
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    notifier.start()
    sys.stdout.write(f"payment sandbox on http://127.0.0.1:{port}\n")
    sys.stdout.flush()
    with contextlib.suppress(KeyboardInterrupt):
        server.serve_forever(poll_interval=0.2)


if __name__ == "__main__":
    main()
