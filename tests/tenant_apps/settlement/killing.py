"""Deliver an event, killed with -9 between any two steps.

`round:2026-12-07T16:00:00+00:00` instead of an event: the mall's round of month awards at that instant; `subsidy:…`: the
periods of its subsidy pools.

Each attempt is a process of its own (a fork of one that never touches the database) that dies before its n-th
statement or commit; n grows by `stride` until an attempt lives to the end. Now and then another process looks at the book.
"""

import os
import signal
import sys
import traceback
from collections.abc import Callable
from typing import Any

from django.db import connection, connections

LOOK_EVERY = 4


def deliver_killed(*, mall: str, event: str, stride: int) -> int:
    """Kill and retry until the event is delivered; how many were killed."""
    for one in connections.all():
        one.close()
        one.close_pool()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            connection.set_schema_to_public()
            _import_everything()
            os.write(writing, str(_kill_and_retry(mall, event, stride)).encode())
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading) as answer:
        said = answer.read()
    assert os.waitpid(child, 0)[1] == 0, "what was killed did not recover: see the error above"
    return int(said)


def _kill_and_retry(mall: str, event: str, stride: int) -> int:
    killed = 0
    while True:
        status = _in_child(lambda step=killed * stride: _deliver(mall, event, step))
        if os.WIFEXITED(status):
            assert os.WEXITSTATUS(status) == 0, f"attempt {killed} failed"
            return killed
        assert os.WTERMSIG(status) == signal.SIGKILL
        killed += 1
        if killed % LOOK_EVERY == 0:
            assert _in_child(lambda: _look(mall)) == 0, f"the book after death {killed}"


def _import_everything() -> None:
    """What an attempt needs, once, before the forks: they shall not spend their lives importing."""
    from django.utils.module_loading import import_string

    from saas.config.wiring import CELL

    for names in CELL.values():
        for name in names:
            import_string(name)
    import_string("saas.config.delivery.run_delivery")


def _in_child(work: Callable[[], object]) -> int:
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        except BaseException as error:
            print(repr(error), file=sys.stderr)
        finally:
            sys.stderr.flush()
            os._exit(code)
    return os.waitpid(child, 0)[1]


def _deliver(mall: str, event: str, step: int) -> None:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.backends.utils import CursorWrapper

    left = step
    execute, commit = CursorWrapper._execute, BaseDatabaseWrapper._commit

    def count() -> None:
        nonlocal left
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1

    def counted_execute(self: Any, *given: Any) -> Any:
        count()
        return execute(self, *given)

    def counted_commit(self: Any) -> None:
        count()
        commit(self)
        count()

    CursorWrapper._execute = counted_execute
    BaseDatabaseWrapper._commit = counted_commit
    _work(mall, event)
    CursorWrapper._execute, BaseDatabaseWrapper._commit = execute, commit


def _work(mall: str, event: str) -> None:
    import datetime as dt

    from saas.config.delivery import run_delivery
    from saas.tenants.malls import selectors as malls
    from saas.tenants.malls.activation import in_mall
    from tenant_apps.settlement import tasks

    kind, _colon, instant = event.partition(":")
    rounds = {"round": tasks.pay_period_awards, "subsidy": tasks.run_subsidy_periods}
    if kind not in rounds:
        assert run_delivery(event_id=event, mall=mall, fact=False)
        return
    with in_mall(malls.mall_by_ulid(mall)):
        rounds[kind](now=dt.datetime.fromisoformat(instant))


def _look(mall: str) -> None:
    from saas.ledger import selectors as book
    from saas.tenants.malls import selectors as malls
    from saas.tenants.malls.activation import in_mall
    from tenant_apps.settlement.models import Award, OrderSettlement

    with in_mall(malls.mall_by_ulid(mall)):
        assert book.check_ledger() == []
        held = {hold.key for hold in book.pending_holds() if hold.kind == "award"}
        frozen = Award.objects.filter(state="frozen").exclude(hold_key="")
        assert held == set(frozen.values_list("hold_key", flat=True))
        for row in OrderSettlement.objects.all():
            states = set(Award.objects.filter(line__settlement=row).values_list("state", flat=True))
            assert not (row.state == "released" and "frozen" in states)
