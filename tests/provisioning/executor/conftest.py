"""A cell that is ordered to make malls, with its web answering in a thread."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.core.wsgi import get_wsgi_application
from django.db import connection

from provisioning.rules import RunKind, steps_of
from saas.kernel.ids import new_schema_name, new_ulid


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def web(settings) -> Iterator[str]:
    """The cell's own web, reached over HTTP as the smoke test reaches it."""
    application = get_wsgi_application()

    def answer(environ, start_response):
        try:
            return list(application(environ, start_response))
        finally:
            connection.close()

    server = make_server("127.0.0.1", 0, answer, handler_class=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.CELL_INTERNAL_ORIGIN = f"http://127.0.0.1:{server.server_port}"
    yield settings.CELL_INTERNAL_ORIGIN
    server.shutdown()


@pytest.fixture(autouse=True)
def _media(settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path


def make_order(kind: RunKind = RunKind.PROVISION, **changes: object) -> dict[str, object]:
    """What control says in `provision.requested` (or in `provision.rollback_requested`)."""
    tail = new_ulid().lower()
    return {
        "run": new_ulid(),
        "serial": 1,
        "kind": kind.value,
        "mall": new_ulid(),
        "schema": new_schema_name(),
        "name": "Little Orchard",
        "host": f"m{tail}.localhost",
        "owner": {"phone": "+8613800138000", "email": "", "name": "Lin Yue"},
        "entitlements": {"products_max": 200, "modes": ["distribution"]},
        "entitlements_version": 1,
        "steps": [step.value for step in steps_of(kind)],
        **changes,
    }


def unmake(order: dict[str, object]) -> dict[str, object]:
    """The order to roll that one back."""
    steps = [step.value for step in steps_of(RunKind.ROLLBACK)]
    serial = int(str(order["serial"])) + 1
    return {**order, "run": new_ulid(), "serial": serial, "kind": "rollback", "steps": steps}


def in_a_process_that_dies_at(point: str, act: Callable[[], object]) -> int:
    """Run `act` in a forked process with CRASH_AT set; its exit status (137: it died there)."""
    connection.close()
    connection.close_pool()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.environ["CRASH_AT"] = point
            act()
            status = 0
        finally:
            os._exit(status)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    wait_for_its_locks()
    return status


def wait_for_its_locks(mall: str = "") -> None:
    """The server drops the session locks of a killed process when it notices: on a busy machine a moment later.

    With `mall` only the lock of runs of that mall counts.
    """
    end = time.monotonic() + 60
    with connection.cursor() as cursor:
        while time.monotonic() < end:
            cursor.execute(
                "SELECT 1 FROM pg_locks JOIN pg_database d ON d.oid = database WHERE locktype = 'advisory'"
                " AND datname = current_database() AND pid <> pg_backend_pid()"
                " AND (%s = '' OR (classid::bigint << 32 | objid::bigint) = hashtextextended('execution:' || %s, 5))",
                [mall, mall],
            )
            if cursor.fetchone() is None:
                return
            time.sleep(0.02)
    raise AssertionError("a killed process still holds its locks")
