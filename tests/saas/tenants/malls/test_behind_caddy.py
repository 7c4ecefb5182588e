"""A real Caddy before the cell's real web application: which names get a certificate, and what shoppers get. Skipped without Caddy."""

import http.client
import socketserver
import ssl
import threading
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.core.wsgi import get_wsgi_application
from django.db import connection

from saas.kernel.clock import now
from saas.messaging.bus.services import Event
from saas.tenants.malls import handlers
from saas.tenants.malls.models import Mall
from tests.caddy import CADDY, WHY_NOT, running

pytestmark = pytest.mark.skipif(CADDY is None, reason=WHY_NOT)
OWN, OTHER = "shop.lvye-market.com", "xn--ip0a489a.com"


class _Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Silent(WSGIRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture
def edge(committed, tmp_path):
    server = make_server("127.0.0.1", 0, get_wsgi_application(), server_class=_Server, handler_class=_Silent)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with running(tmp_path, server.server_port) as one:
        yield one
    server.shutdown()
    server.server_close()


class _Loopback(http.client.HTTPSConnection):
    """To the Caddy on loopback, by whatever name."""

    def __init__(self, edge, host):
        super().__init__(host, edge.port, context=ssl.create_default_context(cafile=edge.authority), timeout=20)
        self._create_connection = lambda address, *rest: __import__("socket").create_connection(
            ("127.0.0.1", edge.port), 20
        )


def get(edge, host, path="/", **headers):
    browser = _Loopback(edge, host)
    try:
        browser.request("GET", path, headers={"Host": host, **headers})
        answer = browser.getresponse()
        answer.body = answer.read().decode()
        return answer
    finally:
        browser.close()


def test_the_cell_decides_who_gets_a_certificate(edge):
    connection.set_schema_to_public()
    mall = Mall.objects.get(schema_name="t_test_grocery")
    value = {"hosts": [OWN, OTHER], "certified": [OWN], "primary": OWN, "sends_platform": False}
    payload = {"mall": mall.ulid, "value": value, "version": 1}
    with pytest.raises(ssl.SSLError):  # before control has told the cell
        get(edge, OWN)
    handlers.on_hosts_changed(Event("H1", "mall.hosts_changed", mall.ulid, 1, payload, now()))
    connection.set_trap()
    page = get(edge, OWN)
    assert page.status == 200 and "<html" in page.body
    assert all("domain=" not in cookie.lower() for cookie in page.headers.get_all("Set-Cookie") or [])
    assert get(edge, "grocery.localhost").status == 200
    for unknown in (OTHER, f"x.{OWN}", "u1.example.net", "u2.example.net"):  # known but broken, and unknown
        with pytest.raises(ssl.SSLError):
            get(edge, unknown)
    assert edge.certificates() == {OWN, "grocery.localhost"}
    assert get(edge, OWN, f"/_tls/ask?domain={OWN}").status == 404  # nobody from outside asks
    assert get(edge, OWN, "/_health").status == 404
