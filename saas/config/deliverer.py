"""`python -m saas.config.deliverer`, ROLE=cell: delivers the cell's events as they are committed.

Threads take from the lane and run handlers in this process: a task of Celery costs several times what most handlers do.
Celery keeps what is scheduled, carried over the seam, tried again, or long. Killed at any moment: see saas.config.lane.
"""

import logging
import os
import signal
import threading
import time

import django
from redis.exceptions import RedisError

THREADS = 4  # a handler may wait for a channel
_STOP_SECONDS = 15
logger = logging.getLogger(__name__)


class _Thread(threading.Thread):
    """Takes and delivers, one event after the other; `busy` is held while it delivers."""

    def __init__(self, number: int) -> None:
        super().__init__(name=f"deliverer-{number}", daemon=True)
        self.busy = threading.Lock()

    def run(self) -> None:
        from saas.config.lane import Taker

        taker = Taker()
        while True:
            try:
                found = taker.take(2)
            except (RedisError, OSError):
                time.sleep(1)
                taker = Taker()
                continue
            if found is not None:
                with self.busy:
                    deliver(*found)


def deliver(event_id: str, mall: str) -> None:
    """Deliver one event and what follows from it; whatever goes wrong is logged, and the sweeper brings it again."""
    from saas.config import connections, delivery

    connections.make_usable()
    try:
        delivery.deliver_on(event_id=event_id, mall=mall)
    except Exception:
        logger.exception("event %s was not delivered", event_id, extra={"mall": mall})


def main() -> None:
    """Entry point: works until SIGTERM or SIGINT, then finishes what is under way."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "saas.config.settings.base")
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, frame: stopping.set())
    django.setup()
    from django.conf import settings

    from saas.config import connections, memory, reports

    if settings.ROLE != "cell":
        raise SystemExit("the deliverer runs with ROLE=cell")
    reports.install()
    connections.keep_one()
    memory.settle()
    threads = [_Thread(number) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    while not stopping.wait(1.0):
        if not all(thread.is_alive() for thread in threads):
            raise SystemExit("a thread has died")
    until = time.monotonic() + _STOP_SECONDS
    for thread in threads:
        thread.busy.acquire(timeout=max(0.0, until - time.monotonic()))


if __name__ == "__main__":
    main()
