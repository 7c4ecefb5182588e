"""A sandbox's HTTP on loopback: the provider's API at `/`, its orders from tests and people at `/_sandbox/…`."""

import contextlib
import json
import time
import urllib.request
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from saas.tenants.senders.sandbox.store import FAULTS, Store

Answer = tuple[int, dict[str, Any]]


class Server(ThreadingHTTPServer):
    """One provider. `api(store, method, path, query, headers, body)` answers a call, `report(row)` words a report."""

    daemon_threads = True

    def __init__(self, port: int, api: Callable[..., Answer], report: Callable[[dict[str, Any]], Any]) -> None:
        self.store, self.api, self.report = Store(), api, report
        super().__init__(("127.0.0.1", port), Handler)


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: Server
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Everything is a POST, as the libraries send it."""
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if parts.path.startswith("/_sandbox/"):
            self._send(200, self._control(parts.path.removeprefix("/_sandbox/"), json.loads(body or b"{}")))
            return
        store = self.server.store
        answer = self.server.api(store, self.command, parts.path, parts.query, dict(self.headers.items()), body)
        drop = store.take("drop")
        if store.take("timeout"):
            time.sleep(store.wait_seconds)
        if drop:
            self.close_connection = True
            self.connection.close()
            return
        self._send(*answer)

    def _control(self, what: str, content: dict[str, Any]) -> Any:
        store = self.server.store
        match what:
            case "faults" if content["name"] in FAULTS:
                store.faults[content["name"]] = content.get("count", 1)
            case "setup":
                for name, value in content.items():
                    setattr(store, name, value)
            case "report":
                return {"status": self._report(content)}
            case "state":
                return {"messages": store.messages, "calls": store.calls}
        return {}

    def _report(self, content: dict[str, Any]) -> int:
        row = next(one for one in self.server.store.messages if one["id"] == content["id"])
        row["state"] = "delivered" if content.get("delivered", True) else "failed"
        request = urllib.request.Request(  # noqa: S310 (the test's own address)
            content.get("url") or self.server.store.report_url,
            json.dumps([self.server.report(row)]).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as reply:  # noqa: S310
            return int(reply.status)

    def _send(self, status: int, content: Any) -> None:
        body = json.dumps(content, ensure_ascii=False).encode()
        with contextlib.suppress(OSError):  # the caller has gone
            self.send_response(status)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""
