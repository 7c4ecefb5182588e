"""A real sandbox server in its own process, and a real web server of the cell in a thread of the test's."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.conf import settings as django_settings
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.db import connection, connections

from saas.kernel.clock import now
from tenant_apps.payments import services as payments
from tenant_apps.payments.rules import Purpose

_client = httpx.Client(timeout=20, trust_env=False)  # making one takes longer than what it asks
PROJECT = Path(__file__).resolve().parents[3]


@dataclass
class Sandbox:
    """The control side of the sandbox, over HTTP."""

    origin: str
    home: Path

    def control(self, path: str, **content: Any) -> dict[str, Any]:
        reply = _client.post(f"{self.origin}/_sandbox/{path}", json=content)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def fault(self, mchid: str, name: str, count: int = 1, argument: float = 0) -> None:
        self.control("faults", mchid=mchid, name=name, count=count, argument=argument)

    def pay(self, payment: Any) -> None:
        self.control("pay", mchid=payment.credential.merchant_id, number=payment.number)

    def notice(self, payment: Any, **content: Any) -> int:
        mchid = content.pop("mchid", payment.credential.merchant_id)
        return self.control("notices", mchid=mchid, number=payment.number, **content)["status"]

    def state(self, mchid: str) -> dict[str, list[dict[str, Any]]]:
        return _client.get(f"{self.origin}/_sandbox/state/{mchid}").json()


@pytest.fixture(scope="session")
def sandbox_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    home = tmp_path_factory.mktemp("sandbox")
    process = subprocess.Popen(
        [sys.executable, "-m", "tenant_apps.payments.sandbox", "--port", "0", "--home", str(home), "--speed", "50", "--keys", "12"],
        cwd=PROJECT, stdout=subprocess.PIPE, text=True, env={"PATH": "/usr/bin:/bin", "LOG_LEVEL": "WARNING"},
    )  # fmt: skip
    line = process.stdout.readline()
    assert "http://" in line, line
    yield Sandbox(line.split()[-1], home)
    process.terminate()
    assert process.wait(10) is not None


@pytest.fixture
def sandbox(sandbox_server: Sandbox, settings: Any) -> Sandbox:
    settings.SANDBOX_ORIGIN = sandbox_server.origin
    return sandbox_server


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


class _Server(ThreadedWSGIServer):
    def process_request_thread(self, *args: Any) -> None:
        super().process_request_thread(*args)
        connections.close_all()


@pytest.fixture
def web(committed: None, settings: Any) -> Iterator[str]:
    """The cell's web server on a free port; the malls' links name that port."""
    server = _Server(("127.0.0.1", 0), _Quiet)
    server.set_app(get_wsgi_application())
    settings.MALL_PORT = str(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{settings.MALL_PORT}"
    server.shutdown()
    thread.join()
    server.server_close()


def _mall(schema: str) -> Any:
    from django_tenants.utils import schema_context

    from saas.tenants.malls.models import Mall

    with schema_context("public"):
        return Mall.objects.get(schema_name=schema)


@pytest.fixture
def shop(web: str, sandbox: Sandbox) -> Iterator[Any]:
    """The grocery mall, active, committed, with an account at the sandbox standing in for a real one."""
    from saas.tenants.malls.activation import in_mall

    with in_mall(_mall("t_test_grocery")) as mall:
        payments.connect_sandbox(actor="system", purpose=Purpose.LIVE, now=now())
        yield mall
    connection.set_schema_to_public()


@pytest.fixture
def till(grocery: Any, sandbox: Sandbox, settings: Any) -> Any:
    """As `shop`, but rolled back and without a web server: for conversations that need no notice."""
    settings.MALL_PORT = "1"  # nobody listens there
    payments.connect_sandbox(actor="system", purpose=Purpose.LIVE, now=now())
    return grocery


@pytest.fixture
def other_shop(shop: Any) -> Any:
    """The beauty mall with an account of its own."""
    from saas.tenants.malls.activation import in_mall

    with in_mall(_mall("t_test_beauty")) as mall:
        payments.connect_sandbox(actor="system", purpose=Purpose.LIVE, now=now())
    return mall


@pytest.fixture
def wait_for() -> Callable[[Callable[[], Any]], Any]:
    """Poll a condition for at most ten seconds."""
    import time

    def wait(condition: Callable[[], Any]) -> Any:
        end = time.monotonic() + 10
        while time.monotonic() < end:
            if value := condition():
                return value
            time.sleep(0.05)
        raise AssertionError("did not happen within ten seconds")

    return wait


assert django_settings.ROLE == "cell"
