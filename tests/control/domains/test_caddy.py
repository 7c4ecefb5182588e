"""A real Caddy with its own authority: names that the cell allows get a certificate, others none. Skipped without Caddy.

Caddy asks the code that answers in a cell (the ask middleware is tried there); here a small server stands for the cell
and says yes to the hosts that control told it last, so that certificate, handshake and state are one story.
"""

import http.server
import json
import socket
import ssl
import subprocess
import threading
from urllib.parse import parse_qs, urlsplit

import pytest

from provisioning.facts import CertificateState
from provisioning.gateways import caddy
from saas.messaging.bus.models import OutboxEvent
from saas.runtime.paths import PROJECT
from tests.caddy import CADDY, WHY_NOT, running

pytestmark = pytest.mark.skipif(CADDY is None, reason=WHY_NOT)


class Cell:
    """Answers Caddy's question from control's newest fact."""

    def __init__(self):
        self.certified, self.asked = set(), []
        cell = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                parts = urlsplit(self.path)
                host = parse_qs(parts.query).get("domain", [""])[0]
                if parts.path == "/_tls/ask":
                    cell.asked.append(host)
                    self.send_response(200 if host in cell.certified else 404)
                else:
                    self.send_response(200)
                self.end_headers()

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def follow(self):
        newest = OutboxEvent.objects.filter(topic="mall.hosts_changed").order_by("pk").last()
        self.certified = set(newest.payload["value"]["certified"]) if newest else set()


@pytest.fixture
def edge(tmp_path):
    cell = Cell()
    with running(tmp_path, cell.server.server_address[1]) as one:
        yield cell, one
    cell.server.shutdown()
    cell.server.server_close()


def test_only_a_proved_domain_that_points_here_gets_a_certificate(edge, place, ask, look, prove, name_server, settings):
    cell, caddy_edge = edge
    address, authority = caddy_edge.address, caddy_edge.authority
    settings.DOMAIN_EDGE, settings.DOMAIN_EDGE_CA_FILE = "caddy", authority
    settings.DOMAIN_EDGES = {"c1": {"addresses": ["8.8.4.4"], "tls": address}}
    domain = ask()
    assert caddy.look(domain.host, edge=address).state is CertificateState.PENDING  # refused: nobody proved it
    prove(domain)
    name_server.put(domain.host, "A", "8.8.4.4")
    look(domain)
    domain = look(domain)
    assert domain.state == "certifying"
    domain = look(domain)  # the cell has not heard of it yet
    assert (domain.state, domain.finding) == ("certifying", "certificate_pending")
    cell.follow()
    domain = look(domain)
    assert (domain.state, domain.edge_cell) == ("active", "c1")
    assert domain.certificate_until is not None

    host, _, port = address.partition(":")
    context = ssl.create_default_context(cafile=authority)
    with (
        socket.create_connection((host, int(port)), 5) as plain,
        context.wrap_socket(plain, server_hostname=domain.host) as secure,
    ):
        names = [value for kind, value in secure.getpeercert()["subjectAltName"] if kind == "DNS"]
        secure.sendall(f"GET / HTTP/1.1\r\nHost: {domain.host}\r\nConnection: close\r\n\r\n".encode())
        assert b" 200 " in secure.recv(200)
    assert names == [domain.host]

    unknown = [f"u{n}.example.net" for n in range(20)]
    assert {caddy.look(name, edge=address).state for name in unknown} == {CertificateState.PENDING}
    assert caddy_edge.certificates() == {domain.host}
    assert caddy.look(domain.host, edge="127.0.0.1:1").state is CertificateState.UNKNOWN
    settings.DOMAIN_EDGE_CA_FILE = ""  # an authority that browsers do not know is no certificate
    assert caddy.look(domain.host, edge=address).state is CertificateState.FAILED


def test_the_caddyfile_of_the_docs_is_read_and_asks_the_cell(tmp_path):
    text = (PROJECT / "docs" / "operators" / "domains.md").read_text()
    caddyfile = tmp_path / "Caddyfile"
    caddyfile.write_text(text.split("```\n", 1)[1].split("```", 1)[0])
    done = subprocess.run(
        [CADDY, "adapt", "--adapter", "caddyfile", "--config", str(caddyfile)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    automation = json.loads(done.stdout)["apps"]["tls"]["automation"]
    assert automation["on_demand"]["ask"] == "http://127.0.0.1:8100/_tls/ask"
    assert [one.get("on_demand") for one in automation["policies"] if "subjects" not in one] == [True]
