"""`python -m tests.cells.moving COMMAND JSON`, in the role and cell of its environment: what the tests of a move run.

`make` a mall here, `write` into one with several processes, take a `run` through kills, `hear` what is left to deliver.
"""

import json
import os
import sys
import threading
import time
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import connection, connections, transaction  # noqa: E402

from provisioning.executor import engine, services  # noqa: E402
from provisioning.executor.models import ExecutedStep, Execution  # noqa: E402
from saas.config import delivery  # noqa: E402
from saas.kernel.clock import now  # noqa: E402
from saas.kernel.errors import NotFound  # noqa: E402
from saas.ledger import services as ledger  # noqa: E402
from saas.messaging.bus import services as bus  # noqa: E402
from saas.tenants.backend.base import MallNotWritable  # noqa: E402
from saas.tenants.malls import selectors as registry  # noqa: E402
from saas.tenants.malls import services as malls  # noqa: E402
from saas.tenants.malls.activation import in_mall  # noqa: E402
from saas.tenants.malls.rules import MallState  # noqa: E402
from tests.provisioning.executor.conftest import wait_for_its_locks  # noqa: E402

TOPIC = "cells.written"
PACE = 0.05  # seconds between two writes of one process: what is tested is that none is lost, not how many there are


def on_written(event):
    """The effect of an event: an entry of its own."""
    moves = [ledger.Move("vendor.balance.2", "vendor.balance.1", 1)]
    ledger.post_entry(
        key=f"heard:{event.event_id}", kind="bench", moves=moves, document="cells:heard", occurred_at=now()
    )


def make(*, order: dict, entries: int) -> dict:
    """A mall by the real steps, with some entries."""
    with _web():
        _public()
        services.accept_order(order=order, now=now())
        engine.execute(order["run"])
    state = Execution.objects.get(run=order["run"]).state
    assert state == "succeeded", list(ExecutedStep.objects.values_list("name", "state", "log"))
    malls.change_state(order["mall"], MallState.REHEARSAL, now=now())
    with in_mall(registry.mall_by_ulid(order["mall"])):
        for start in range(0, entries, 100):
            with transaction.atomic():
                for number in range(start, start + 100):
                    _post(f"first:{number}")
    return {"state": state}


def write(*, mall: str, crowd: int, seconds: float, log: str, settled: str = "") -> None:
    """`crowd` processes post and publish until the mall has left, or for `seconds` once it is `settled` here."""
    _close()
    children = []
    for number in range(crowd):
        if (child := os.fork()) == 0:
            try:
                _write_one(mall, number, seconds, Path(log).with_suffix(f".{number}"), settled)
            finally:
                os._exit(0)
        children.append(child)
    print("writing", flush=True)
    for child in children:
        os.waitpid(child, 0)


def _write_one(mall: str, number: int, seconds: float, log: Path, settled: str) -> None:
    with log.open("a") as book:
        end, count, waiting = time.monotonic() + seconds, 0, None
        while time.monotonic() < end:
            key = f"{settings.CELL}:{number}:{count}"
            try:
                _public()
                here = registry.mall_by_ulid(mall)
                if here.state == "moved":
                    book.write(f"left {time.time()}\n")
                    return
                if settled and here.state != settled:
                    time.sleep(PACE)
                    end = time.monotonic() + seconds
                    continue
                with in_mall(here), transaction.atomic():
                    _post(key)
                    event = bus.publish(TOPIC, {"key": key}, key=key)
                book.write(f"acked {key} {event} {time.time()}\n")
                book.flush()
                count, waiting = count + 1, None
                if count % 2:
                    bus.wire({TOPIC: (f"{__name__}.on_written",)})
                    delivery.run_delivery(event_id=event, mall=mall, fact=False)
            except (MallNotWritable, NotFound) as refused:
                if waiting is None and isinstance(refused, MallNotWritable):
                    waiting = time.time()
                    book.write(f"refused {waiting} {type(refused).__name__}\n")
                if settled:
                    end = time.monotonic() + seconds
            except Exception as error:
                book.write(f"error {type(error).__name__} {error}\n")
                book.flush()
            time.sleep(PACE)


def run(*, order: dict, points: list[str], finish: bool = True) -> dict:
    """Take the order's run through a kill at each point, each in a process of its own, then to its end."""
    met = {}
    with _web():
        _public()
        services.accept_order(order=order, now=now())
        for point in points:
            met[point] = _dies_at(point, order["run"])
        _public()
        if finish:
            engine.execute(order["run"])
        _public()
        execution = Execution.objects.get(run=order["run"])
        steps = ExecutedStep.objects.filter(execution=execution).order_by("position")
        told = [[step.name, step.state, step.log] for step in steps]
        at = {step.name: [step.started_at, step.finished_at] for step in steps}
        frozen = None
        if "flip" in at and "freeze" in at and at["flip"][1]:
            frozen = (at["flip"][1] - at["freeze"][0]).total_seconds()
    return {"state": execution.state, "met": met, "steps": told, "frozen": frozen}


def again(*, order: dict) -> list:
    """Every step of a run that is over once more: what each says; a second time must change nothing."""
    from provisioning.rules import StepName
    from provisioning.steps import STEPS
    from provisioning.steps.context import Context

    said = []
    with _web():
        for name in order["steps"]:
            _public()
            said.append([name, STEPS[StepName(name)].ensure(Context.from_order(order))])
    return said


def refuses(*, mall: str) -> str:
    """What a write into the mall is answered here."""
    _public()
    try:
        with in_mall(registry.mall_by_ulid(mall)), transaction.atomic():
            _post("too late")
    except MallNotWritable as refused:
        return refused.code
    return "written"


def hear(*, mall: str) -> int:
    """Deliver what is due of the mall in this cell; how many."""
    bus.wire({TOPIC: (f"{__name__}.on_written",)})
    count = 0
    _public()
    while due := [one for one in bus.due_events(now=now(), limit=5000) if one[1] == mall]:
        for event_id, owner, fact in due:
            assert delivery.run_delivery(event_id=event_id, mall=owner, fact=fact)
            count += 1
        _public()
    return count


def _post(key: str) -> None:
    moves = [ledger.Move("vendor.balance.1", "vendor.balance.2", 1)]
    ledger.post_entry(key=key, kind="bench", moves=moves, document=f"cells:{key}", occurred_at=now())


def _dies_at(point: str, run: str) -> int:
    _close()
    if (child := os.fork()) == 0:
        status = 1
        try:
            os.environ["CRASH_AT"] = point
            engine.execute(run)
            status = 0
        finally:
            os._exit(status)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    _public()
    wait_for_its_locks(Execution.objects.get(run=run).mall)
    return status


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


class _web:
    """This cell's own web, in a thread, where the steps look for it."""

    def __enter__(self) -> None:
        application = get_wsgi_application()

        def answer(environ, start_response):
            try:
                return list(application(environ, start_response))
            finally:
                connection.close()

        self.server = make_server("127.0.0.1", 0, answer, handler_class=_Quiet)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        settings.CELL_INTERNAL_ORIGIN = f"http://127.0.0.1:{self.server.server_port}"

    def __exit__(self, *failure: object) -> None:
        self.server.shutdown()


def _public() -> None:
    connection.set_schema_to_public()


def _close() -> None:
    for one in connections.all():
        one.close()
        one.close_pool()


if __name__ == "__main__":
    answer = globals()[sys.argv[1]](**json.loads(sys.argv[2]))
    print("answer:" + json.dumps(answer, default=str))
