"""`python -m saas.runtime.bench.move_client JSON`: writers of the move bench in one cell, a forked process each.

They post an entry and publish an event in one transaction and write down what was acknowledged. In the cell that the
mall leaves they end when it has left; in the other one they wait until it opens, then write for a second.
"""

import json
import os
import sys
import time
from pathlib import Path

import django


def main() -> None:
    """Say ready, write, end."""
    data = json.loads(sys.argv[1])
    django.setup()
    children = []
    for number in range(data["crowd"]):
        if (child := os.fork()) == 0:
            status = 1
            try:
                _write(data["mall"], number, Path(data["book"]).with_suffix(f".{number}"), waits=data["waits"])
                status = 0
            finally:
                os._exit(status)
        children.append(child)
    print("ready", flush=True)
    for child in children:
        os.waitpid(child, 0)


def _write(mall: str, number: int, path: Path, *, waits: bool) -> None:
    from django.conf import settings
    from django.db import connection, transaction

    from saas.kernel.clock import now
    from saas.kernel.errors import NotFound
    from saas.ledger import services as ledger
    from saas.messaging.bus import services as bus
    from saas.tenants.backend.base import MallNotWritable
    from saas.tenants.malls import selectors as registry
    from saas.tenants.malls.activation import in_mall

    count, last, opened = 0, time.monotonic() + 900, False
    with path.open("w") as book:
        while time.monotonic() < last:
            key = f"{settings.CELL}:{path.name}:{os.getpid()}:{count}"
            try:
                connection.set_schema_to_public()  # type: ignore[attr-defined]
                here = registry.mall_by_ulid(mall)
                if here.state in ("moved", "gone") and not waits:
                    return
                if here.state != "rehearsal":
                    time.sleep(0.005)
                    continue
                if waits and not opened:
                    opened, last = True, time.monotonic() + 1
                with in_mall(here), transaction.atomic():
                    move = ledger.Move(f"vendor.balance.{number}", f"vendor.balance.{100 + number}", 1)
                    ledger.post_entry(key=key, kind="bench", moves=[move], document="bench:move", occurred_at=now())
                    bus.publish("bench.written", {"key": key}, key=key)
                book.write(f"acked {key}\n")
                book.flush()
                count += 1
            except (MallNotWritable, NotFound):
                time.sleep(0.005)
            except Exception as error:
                book.write(f"error {type(error).__name__} {error}\n".replace("\n", " ") + "\n")
                book.flush()
                time.sleep(0.05)


if __name__ == "__main__":
    main()
