"""`python -m saas.tenants.senders.sandbox --aliyun PORT --tencent PORT`: one server a provider, until told to stop."""

import argparse
import os
import signal
import sys
import threading

from saas.tenants.senders.sandbox import aliyun, tencent
from saas.tenants.senders.sandbox.server import Server


def main() -> None:
    """Parse, refuse production, serve."""
    if os.environ.get("ENVIRONMENT") == "production" or os.environ.get("DJANGO_SETTINGS_MODULE", "").endswith(".prod"):
        sys.exit("the sandboxes of SMS providers do not run in production")
    parser = argparse.ArgumentParser(prog="python -m saas.tenants.senders.sandbox", description=__doc__)
    parser.add_argument("--aliyun", type=int, default=8310, help="on 127.0.0.1; 0 picks a free one and prints it")
    parser.add_argument("--tencent", type=int, default=8311)
    arguments = parser.parse_args()
    servers = [
        Server(arguments.aliyun, aliyun.api, aliyun.report),
        Server(arguments.tencent, tencent.api, tencent.report),
    ]
    done = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: done.set())
    signal.signal(signal.SIGINT, lambda *_: done.set())
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write(" ".join(f"127.0.0.1:{server.server_address[1]}" for server in servers) + "\n")
    sys.stdout.flush()
    done.wait()


if __name__ == "__main__":
    main()
