"""Errors told to Sentry, seen by a real server on loopback: with their mall and run, without anything of a person."""

import gzip
import json
import logging
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import brotli
import pytest
import sentry_sdk
from celery import shared_task
from django.db import connection

from provisioning.executor import engine, services
from saas.config import reports
from saas.kernel.clock import now
from saas.kernel.errors import NotFound
from saas.messaging.bus.tasks import PublicTask
from tests.factories.browser import MallClient
from tests.provisioning.executor.conftest import make_order

TOKEN = "gAAAAABnQ2x1c3RlclRva2VuMDEyMzQ1Njc4OQ"
PACKED = {"gzip": gzip.decompress, "br": brotli.decompress}
SECRETS = ("13800138777", "张三丰", "Zhang Sanfeng", "zhang@example.test", TOKEN, "6222021234567890123", "hunter2")


@pytest.fixture
def sink(settings):
    """A server that keeps each envelope as it arrived, and this process telling it."""
    got: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append(PACKED.get(self.headers.get("Content-Encoding", ""), bytes)(body))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *args):
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    settings.SENTRY_DSN = f"http://public@127.0.0.1:{server.server_address[1]}/1"
    reports.install()

    def take():
        sentry_sdk.flush(5)
        whole, events = b"\n".join(got), []
        for envelope in got:
            lines = envelope.split(b"\n")
            events += [json.loads(line) for line in lines if line.startswith(b"{") and b'"exception"' in line]
        got.clear()
        return whole.decode(), events

    yield take
    sentry_sdk.get_client().close(timeout=1)
    sentry_sdk.get_global_scope().set_client(None)
    server.shutdown()
    server.server_close()


def assert_impersonal(whole):
    assert [word for word in SECRETS if word in whole] == []


def test_a_page_a_task_and_a_run_are_told_with_their_mall_and_run(grocery, sink, settings):
    settings.ROOT_URLCONF = "tests.saas.config.failing_urls"
    browser = MallClient(raise_request_exception=False, HTTP_X_SECRET="hunter2")
    browser.cookies["session"] = "hunter2"
    form = {"name": "张三丰", "phone": "13800138777", "card": "6222021234567890123"}
    assert browser.post(f"/fail/{TOKEN}?mail=zhang@example.test", form).status_code == 500
    whole, (event,) = sink()
    assert_impersonal(whole)
    assert event["tags"] == {"role": "cell", "cell": settings.CELL, "mall": grocery.ulid}
    (error,) = event["exception"]["values"]
    assert (error["type"], error["value"]) == ("ValueError", "cannot greet '…' at [number], [mail] [token]")
    assert event["transaction"] == "/fail/{token}" and error["stacktrace"]["frames"][-1]["function"] == "fail"
    assert not {"request", "user", "extra", "breadcrumbs", "contexts", "server_name"} & set(event)

    @shared_task(base=PublicTask, name="tests.fail", ignore_result=True)
    def fail(*, mall: str, run: str, name: str) -> None:
        raise RuntimeError(f"{name} of {SECRETS[0]} is {SECRETS[2]!r} at ({SECRETS[3]})")

    run = "01JGRVNRVNRVNRVNRVNRVNRVNR"
    fail.apply(kwargs={"mall": grocery.ulid, "run": run, "name": "张三丰"})
    whole, (event,) = sink()
    assert_impersonal(whole)
    assert event["tags"] == {
        "role": "cell", "cell": settings.CELL, "mall": grocery.ulid, "run": run, "task": "tests.fail",
    }  # fmt: skip

    connection.set_schema_to_public()
    order = {**make_order(), "schema": f"{SECRETS[1]} {SECRETS[0]}"}
    services.accept_order(order=order, now=now())
    assert engine.execute(order["run"])
    connection.set_tenant(grocery)
    whole, (event,) = sink()
    assert_impersonal(whole)
    assert (event["tags"]["mall"], event["tags"]["run"]) == (order["mall"], order["run"])
    assert event["logentry"]["message"] == "run %s step %s failed (attempt %s)"


def test_what_is_expected_is_not_told_nor_anything_without_an_address(grocery, sink, settings):
    try:
        raise NotFound
    except NotFound:
        logging.getLogger("saas.test").exception("expected")
    assert sink() == ("", [])
    sentry_sdk.get_global_scope().set_client(None)
    settings.SENTRY_DSN = ""
    reports.install()
    assert not sentry_sdk.get_client().is_active()


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (
            'duplicate key "identity_email_once"\nDETAIL:  Key (email)=(a@b.c) exists',
            'duplicate key "identity_email_once"\n[detail]',
        ),
        ("KeyError: 'price'", "KeyError: 'price'"),
        (
            "order 01JGRVNRVNRVNRVNRVNRVNRVNR of 张三 from +86 138 0000 1234",
            "order 01JGRVNRVNRVNRVNRVNRVNRVNR of [text] from [number]",
        ),
        ("call https://x.test/enter/abc?t=1 failed", "call [address] failed"),
    ],
)
def test_a_text_keeps_a_programs_words_alone(text, left):
    assert reports.scrubbed(text) == left
