"""A name server for tests: real packets over UDP and TCP on loopback, records changed from the test. Its own code."""

import socket
import socketserver
import struct
import threading
from collections.abc import Iterator
from types import SimpleNamespace

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest


class NameServer:
    """`put(name, kind, *values)` makes records; `silent` names get no answer, `broken` ones SERVFAIL; `asked` is the log."""

    def __init__(self) -> None:
        self.records: dict[tuple[str, str], list[str]] = {}
        self.silent: set[str] = set()
        self.broken: set[str] = set()
        self.asked: list[tuple[str, str, str]] = []
        self.truncate = False  # by UDP only half of it: the resolver must come back by TCP
        server = self

        class Udp(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                data, sock = self.request
                reply = server._answer(data, "udp")
                if reply:
                    sock.sendto(reply, self.client_address)

        class Tcp(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                size = struct.unpack("!H", self.request.recv(2))[0]
                reply = server._answer(self.request.recv(size), "tcp")
                self.request.sendall(struct.pack("!H", len(reply)) + reply)

        self._udp, self._tcp = self._both(Udp, Tcp)
        self.port = self._udp.server_address[1]
        for one in (self._udp, self._tcp):
            threading.Thread(target=one.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def _both(self, udp: type, tcp: type) -> tuple[socketserver.UDPServer, socketserver.TCPServer]:
        """The same number for both, as name servers have it."""
        for _ in range(50):
            first = socketserver.ThreadingUDPServer(("127.0.0.1", 0), udp)
            try:
                return first, socketserver.ThreadingTCPServer(first.server_address, tcp)
            except OSError:
                first.server_close()
        raise OSError("no port is free for both")

    def put(self, name: str, kind: str, *values: str) -> None:
        self.records[name, kind] = list(values)

    def drop(self, name: str) -> None:
        self.records = {key: values for key, values in self.records.items() if key[0] != name}

    def close(self) -> None:
        for one in (self._udp, self._tcp):
            one.shutdown()
            one.server_close()

    def _answer(self, data: bytes, way: str) -> bytes:
        query = dns.message.from_wire(data)
        question = query.question[0]
        name, kind = question.name.to_text(omit_final_dot=True).lower(), dns.rdatatype.to_text(question.rdtype)
        self.asked.append((name, kind, way))
        if name in self.silent:
            return b""
        reply = dns.message.make_response(query, recursion_available=True)
        if name in self.broken:
            reply.set_rcode(dns.rcode.SERVFAIL)
        elif way == "udp" and self.truncate:
            reply.flags |= dns.flags.TC
        else:
            self._fill(reply, name, kind)
        return reply.to_wire()

    def _fill(self, reply: dns.message.Message, name: str, kind: str) -> None:
        seen = 0
        while (alias := self.records.get((name, "CNAME"))) and kind != "CNAME" and seen < 8:
            reply.answer.append(dns.rrset.from_text(name + ".", 60, "IN", "CNAME", alias[0] + "."))
            name, seen = alias[0], seen + 1
        values = self.records.get((name, kind))
        if values:
            reply.answer.append(dns.rrset.from_text(name + ".", 60, "IN", kind, *values))
        elif not any(key[0] == name for key in self.records):
            reply.set_rcode(dns.rcode.NXDOMAIN)


@pytest.fixture
def name_server(settings: SimpleNamespace) -> Iterator[NameServer]:
    """The only resolver that the code under test knows."""
    server = NameServer()
    settings.DNS_RESOLVERS = [f"127.0.0.1#{server.port}"]
    yield server
    server.close()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
