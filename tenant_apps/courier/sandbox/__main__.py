"""`python -m tenant_apps.courier.sandbox --port N`: serves on loopback until it is told to stop."""

import argparse
import contextlib
import html
import json
import os
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tenant_apps.courier.sandbox.service import FAULTS, STEPS, WORDS, Refused, Service
from tenant_apps.courier.sandbox.tracking import PATHS, TEXTS, Tracking


class Handler(BaseHTTPRequestHandler):
    """The service's API, a page for people, and the control API below /_sandbox/."""

    protocol_version = "HTTP/1.1"
    service: Service
    tracking: Tracking
    timeout = 60

    def do_GET(self) -> None:
        """The page for people."""
        if self.path == "/_health":
            self._send(200, {"ok": True})
        else:
            self._page()

    def do_POST(self) -> None:
        """Everything else."""
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = urlsplit(self.path).path
        try:
            if path == "/step":
                self._step(raw)
            elif path in PATHS:
                self._send(*self.tracking.answer(path, _form(raw)))
            elif path.startswith("/_sandbox/tracking/"):
                what = path.removeprefix("/_sandbox/tracking/")
                self._send(200, self.tracking.control(what, json.loads(raw or b"{}")))
            elif path.startswith("/_sandbox/"):
                self._send(200, self._control(path.removeprefix("/_sandbox/"), json.loads(raw or b"{}")))
            else:
                self._api(path, json.loads(raw))
        except Refused as error:
            self._answer(error.code, error.text, None)
        except (KeyError, ValueError, TypeError) as error:
            self._answer(2001, f"参数错误 {error}", None)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""

    def _api(self, path: str, envelope: dict[str, Any]) -> None:
        account = self.service.admit(envelope)
        if self.service.fault(account, "error_before"):
            self._send(502, {"oops": True})
            return
        result = self.service.carry_out(account, path, json.loads(envelope["body"] or "{}"))
        if self.service.fault(account, "error_after"):
            self._send(504, {"oops": True})
            return
        if self.service.fault(account, "garbage"):
            self._send(200, ["not", "an", "answer"])
            return
        self._answer(0, "成功", result)

    def _control(self, what: str, content: dict[str, Any]) -> object:
        service = self.service
        if what == "accounts":
            return service.open_account(str(content.get("name", "")))
        account = str(content["app_key"])
        if what == "faults":
            if content["name"] not in FAULTS:
                raise ValueError("no such fault")
            service.faults[account, content["name"]] = int(content.get("count", 1))
            return {"ok": True}
        if what == "orders":
            return [{"number": key[1], **one.answer()} for key, one in service.parcels.items() if key[0] == account]
        parcel = service.parcels[account, str(content["number"])]
        if what == "step":
            service.move(parcel, STEPS[content["step"]])
            return {"ok": True}
        if what == "callback":  # as it would be sent now; with `facts` changed before it is signed
            return {**parcel.callback(), **content.get("facts", {})}
        raise ValueError("no such control")

    def _step(self, raw: bytes) -> None:
        form = _form(raw)
        if "key" in form:
            self.tracking.move(self.tracking.followed[form["key"], form["number"]], form["step"])
        else:
            self.service.move(self.service.parcels[form["account"], form["number"]], STEPS[form["step"]])
        self.send_response(303)
        self.send_header("Location", "/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _page(self) -> None:
        rows = []
        for (account, number), one in list(self.service.parcels.items())[-50:]:
            buttons = "".join(f"<button name=step value={step}>{WORDS[code]}</button> " for step, code in STEPS.items())
            rows.append(
                f"<li><b>{html.escape(number)}</b> {WORDS[one.status]} · {html.escape(one.content['receiver_address'])}"
                f"<form method=post action=/step><input type=hidden name=account value='{html.escape(account)}'>"
                f"<input type=hidden name=number value='{html.escape(number)}'>{buttons}</form></li>"
            )
        for (key, number), followed in list(self.tracking.followed.items())[-50:]:
            buttons = "".join(f"<button name=step value={step}>{text}</button> " for step, text in TEXTS.items())
            rows.append(
                f"<li><b>{html.escape(followed.company)} {html.escape(number)}</b> {followed.status}"
                f"<form method=post action=/step><input type=hidden name=key value='{html.escape(key)}'>"
                f"<input type=hidden name=number value='{html.escape(number)}'>{buttons}</form></li>"
            )
        text = f"<!doctype html><meta charset=utf-8><title>配送 sandbox</title><h1>配送与物流沙箱（达达、快递100 协议）</h1><ul>{''.join(rows) or '<li>还没有订单'}</ul>"
        self._raw(200, text.encode(), "text/html; charset=utf-8")

    def _answer(self, code: int, text: str, result: object) -> None:
        status = "success" if code == 0 else "fail"
        self._send(200, {"status": status, "code": code, "msg": text, "result": result, "errorCode": code})

    def _send(self, status: int, content: object) -> None:
        self._raw(status, json.dumps(content, ensure_ascii=False).encode(), "application/json")

    def _raw(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _form(raw: bytes) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(raw.decode()).items()}


def main() -> None:
    """Parse, refuse production, serve."""
    if os.environ.get("ENVIRONMENT") == "production" or os.environ.get("DJANGO_SETTINGS_MODULE", "").endswith(".prod"):
        sys.exit("the courier sandbox does not run in production")
    parser = argparse.ArgumentParser(prog="python -m tenant_apps.courier.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=8320, help="on 127.0.0.1; 0 picks a free one and prints it")
    Handler.service, Handler.tracking = Service(), Tracking()
    server = ThreadingHTTPServer(("127.0.0.1", parser.parse_args().port), Handler)
    server.daemon_threads = True
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    sys.stdout.write(f"courier sandbox on http://127.0.0.1:{server.server_address[1]}\n")
    sys.stdout.flush()
    with contextlib.suppress(KeyboardInterrupt):
        server.serve_forever(poll_interval=0.2)


if __name__ == "__main__":
    main()
