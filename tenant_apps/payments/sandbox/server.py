"""The sandbox's HTTP: the channel's API, people's pages and the control API below /_sandbox/ (tests and demo only)."""

import hashlib
import json
import logging
import secrets
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from tenant_apps.payments.sandbox import pages, wire
from tenant_apps.payments.sandbox.channel import FAULTS, Channel, require_notify_url
from tenant_apps.payments.sandbox.notifier import Notifier
from tenant_apps.payments.sandbox.pages import Words
from tenant_apps.payments.sandbox.wire import Rejected, Signer

logger = logging.getLogger(__name__)


class Server(ThreadingHTTPServer):
    """Loopback only, whatever it is asked for."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, channel: Channel, notifier: Notifier) -> None:
        self.channel, self.notifier = channel, notifier
        super().__init__(("127.0.0.1", port), Handler)


class Handler(BaseHTTPRequestHandler):
    """One request. Paths are matched by their first words; unknown ones are 404."""

    protocol_version = "HTTP/1.1"
    server: Server
    disable_nagle_algorithm = True
    timeout = 60
    _KEEP: ClassVar[frozenset[str]] = frozenset()

    def do_GET(self) -> None:
        """Reads."""
        self._serve()

    def do_POST(self) -> None:
        """Writes."""
        self._serve()

    def log_message(self, format: str, *args: object) -> None:
        """Requests are logged at debug level only."""
        logger.debug(format, *args)

    # --- plumbing

    def _serve(self) -> None:
        self.parts = urlsplit(self.path)
        self.query = dict(parse_qsl(self.parts.query))
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.words = Words(self.query.get("lang") or self.headers.get("Accept-Language") or "zh")
        words = self.parts.path.strip("/").split("/")
        try:
            if words[0] == "v3":
                self._api(words[1:])
            elif words[0] == "_sandbox":
                self._json(200, self._control(words[1:]))
            else:
                self._page(words)
        except Rejected as error:
            self._json(error.status, {"code": error.code, "message": error.text})
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            logger.exception("bad request %s", self.path)
            self._json(400, {"code": "PARAM_ERROR", "message": str(error)})

    def _send(self, status: int, body: bytes, kind: str, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _json(self, status: int, content: object, headers: dict[str, str] | None = None) -> None:
        self._send(status, wire.compact(content), "application/json", headers)

    def _html(self, text: str, status: int = 200) -> None:
        self._send(status, text.encode(), "text/html; charset=utf-8")

    def _redirect(self, url: str, headers: dict[str, str] | None = None) -> None:
        self._send(302, b"", "text/plain", {"Location": url, **(headers or {})})

    # --- the channel's API

    def _api(self, words: list[str]) -> None:
        channel = self.server.channel
        fields = wire.authorization_fields(self.headers.get("Authorization", ""))
        merchant = channel.merchant(fields["mchid"])
        if fields["serial_no"] != merchant["serial"]:
            raise Rejected(401, "SIGN_ERROR", "商户证书序列号不正确")
        wire.require_signature(fields, self.command, self.path, self.body, merchant["public_key"])
        store, mchid = channel.store, merchant["mchid"]
        if store.take_fault(mchid, "rate_limit") is not None:
            raise Rejected(429, "FREQUENCY_LIMITED", "请求过于频繁")
        if store.take_fault(mchid, "error_500") is not None:
            raise Rejected(500, "SYSTEM_ERROR", "系统错误，请稍后重试")
        try:
            status, content = self._operation(words, merchant)
        except Rejected as error:  # errors of a known merchant are signed too
            status, content = error.status, {"code": error.code, "message": error.text}
        if store.take_fault(mchid, "error_500_after") is not None:
            raise Rejected(500, "SYSTEM_ERROR", "系统错误，请稍后重试")
        if (wait := store.take_fault(mchid, "timeout")) is not None:
            time.sleep(wait or 6)
        if store.take_fault(mchid, "drop") is not None:
            self.close_connection = True
            self.connection.close()
            return
        self._signed(status, content, merchant)

    def _operation(self, words: list[str], merchant: dict[str, Any]) -> tuple[int, object]:
        channel, post = self.server.channel, self.command == "POST"
        content = json.loads(self.body) if post and self.body else {}
        match words:
            case ["certificates"] if not post:
                return 200, channel.certificates(merchant)
            case ["pay", "transactions", "out-trade-no", number, "close"] if post:
                channel.close(merchant, number)
                return 204, None
            case ["pay", "transactions", "out-trade-no", number] if not post:
                return 200, channel.view(channel.known_payment(self._own(merchant), number))
            case ["pay", "transactions", "id", transaction] if not post:
                row = channel.store.row(
                    "SELECT number FROM payment WHERE mchid = ? AND transaction_id = ?",
                    self._own(merchant),
                    transaction,
                )
                return 200, channel.view(channel.known_payment(merchant["mchid"], row["number"] if row else ""))
            case ["pay", "transactions", kind] if post:
                answer = channel.create(merchant, kind, content)
                if channel.store.take_fault(merchant["mchid"], "early_notice") is not None:
                    channel.pay(channel.known_payment(merchant["mchid"], content["out_trade_no"]))
                    self.server.notifier.send_due()
                return 200, answer
            case ["refund", "domestic", "refunds"] if post:
                require_notify_url(content["notify_url"])
                return 200, channel.refund(merchant, content)
            case ["refund", "domestic", "refunds", number] if not post:
                return 200, channel.refund_view(channel.known_refund(merchant["mchid"], number))
        raise Rejected(404, "RESOURCE_NOT_EXISTS", "接口不存在")

    def _own(self, merchant: dict[str, Any]) -> str:
        if self.query.get("mchid") != merchant["mchid"]:
            raise Rejected(400, "PARAM_ERROR", "mchid 不正确")
        return str(merchant["mchid"])

    def _signed(self, status: int, content: object, merchant: dict[str, Any]) -> None:
        channel = self.server.channel
        body = b"" if content is None else wire.compact(content)
        signer, spoil = channel.signer(merchant), ""
        if channel.store.take_fault(merchant["mchid"], "bad_signature") is not None:
            spoil = "garbage"
        if channel.store.take_fault(merchant["mchid"], "unknown_serial") is not None:
            signer = Signer("5D" + "0" * 38, signer.private_pem)
        self._send(status, body, "application/json", signer.headers(body, spoil=spoil))

    # --- pages

    def _page(self, words: list[str]) -> None:
        channel = self.server.channel
        match words:
            case [""]:
                merchants = channel.store.rows("SELECT * FROM merchant ORDER BY rowid DESC LIMIT 30")
                payments = channel.store.rows("SELECT * FROM payment ORDER BY rowid DESC LIMIT 30")
                self._html(pages.home(self.words, merchants, payments))
            case ["merchants"] if self.command == "POST":
                self._html(pages.credentials(self.words, channel.new_merchant(self._form()["name"])))
            case ["qr", token] if self.command == "GET":
                self._redirect(f"/cashier/{token}")
            case ["cashier", token]:
                self._cashier("token", token, self._back("back"))
            case ["h5"]:
                self._cashier("prepay_id", self.query.get("prepay_id", ""), self._back("redirect_url"))
            case ["jsapi"]:
                self._inside_wechat()
            case ["connect", "oauth2", "authorize"]:
                self._authorize()
            case ["sns", "oauth2", "access_token"]:
                self._access_token()
            case ["favicon.ico"]:
                self._send(204, b"", "")
            case _:
                self._html(pages.trouble(self.words, "unknown"), 404)

    def _cashier(self, column: str, value: str, back: str) -> None:
        channel = self.server.channel
        row = channel.store.row(f"SELECT * FROM payment WHERE {column} = ?", value)  # noqa: S608 (two known names)
        if row is None:
            self._html(pages.trouble(self.words, "unknown"), 404)
            return
        row = channel.known_payment(row["mchid"], row["number"])
        action = ""
        if self.command == "POST":
            form = self._form()
            action, back = form.get("do", ""), _safe_link(form.get("back", ""))
            if action == "pay" and channel.pay(row):
                self.server.notifier.wake.set()
            elif action == "close":
                channel.store.run(
                    "UPDATE payment SET state = 'CLOSED' WHERE token = ? AND state = 'NOTPAY'", row["token"]
                )
            row = channel.known_payment(row["mchid"], row["number"])
        merchant = channel.merchant(row["mchid"])
        self._html(pages.cashier(self.words, row, merchant, back, failed=action == "fail"))

    def _inside_wechat(self) -> None:
        channel = self.server.channel
        prepay_id = self.query.get("package", "").removeprefix("prepay_id=")
        row = channel.store.row("SELECT * FROM payment WHERE prepay_id = ?", prepay_id)
        if row is None:
            self._html(pages.trouble(self.words, "unknown"), 404)
        elif row["appid"] != self.query.get("appId") or not wire.page_signature_right(
            channel.merchant(row["mchid"])["public_key"], self.query
        ):
            self._html(pages.trouble(self.words, "bad_signature"), 403)
        else:
            self._cashier("prepay_id", prepay_id, self._back("back"))

    def _authorize(self) -> None:
        """snsapi_base asks nobody: straight back with a code. The same browser is always the same person."""
        back = _safe_link(self.query.get("redirect_uri", ""))
        appid = self.query.get("appid", "")
        known = self.server.channel.store.row("SELECT 1 FROM merchant WHERE appid = ?", appid)
        if not back or known is None or self.query.get("scope") != "snsapi_base":
            self._html(pages.trouble(self.words, "unknown"), 400)
            return
        cookies = dict(part.strip().partition("=")[::2] for part in self.headers.get("Cookie", "").split(";"))
        person = cookies.get("sandbox_person") or secrets.token_hex(8)
        openid = "o" + hashlib.sha256(f"{appid}:{person}".encode()).hexdigest()[:27]
        code = secrets.token_hex(16)
        self.server.channel.store.add("login_code", code=code, appid=appid, openid=openid)
        joint = "&" if "?" in back else "?"
        query = urlencode({"code": code, "state": self.query.get("state", "")})
        cookie = f"sandbox_person={person}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax"
        self._redirect(f"{back}{joint}{query}", {"Set-Cookie": cookie})

    def _access_token(self) -> None:
        store, asked = self.server.channel.store, self.query
        merchant = store.row("SELECT app_secret FROM merchant WHERE appid = ?", asked.get("appid", ""))
        if merchant is None or merchant["app_secret"] != asked.get("secret"):
            self._json(200, {"errcode": 40125, "errmsg": "invalid appsecret"})
            return
        row = store.row("SELECT * FROM login_code WHERE code = ? AND appid = ?", asked.get("code"), asked["appid"])
        if row is None or not store.run("DELETE FROM login_code WHERE code = ?", row["code"]):
            self._json(200, {"errcode": 40029, "errmsg": "invalid code"})
            return
        answer = {"access_token": secrets.token_hex(20), "expires_in": 7200, "refresh_token": secrets.token_hex(20)}
        self._json(200, {**answer, "openid": row["openid"], "scope": "snsapi_base"})

    def _form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}

    def _back(self, name: str) -> str:
        return _safe_link(self.query.get(name, ""))

    # --- control

    def _control(self, words: list[str]) -> object:
        channel, store = self.server.channel, self.server.channel.store
        content = json.loads(self.body) if self.body else {}
        match words:
            case ["health"]:
                return {"ok": True}
            case ["merchants"]:
                return channel.new_merchant(str(content.get("name", "Mall")), content.get("mode", "public_key"))
            case ["faults"]:
                if content["name"] not in FAULTS:
                    raise Rejected(404, "RESOURCE_NOT_EXISTS", "no such fault")
                store.run(
                    "INSERT OR REPLACE INTO fault (mchid, name, remaining, argument) VALUES (?, ?, ?, ?)",
                    content["mchid"], content["name"], content.get("count", 1), content.get("argument", 0),
                )  # fmt: skip
                return {"ok": True}
            case ["pay"]:
                paid = channel.pay(channel.known_payment(content["mchid"], content["number"]))
                self.server.notifier.wake.set()
                return {"paid": paid}
            case ["rotate"]:
                return {"serial": channel.rotate_platform_key()}
            case ["notices"]:
                return {"status": self._crafted_notice(content)}
            case ["state", mchid]:
                tables = ("payment", "refund", "notice")
                return {t: store.rows(f"SELECT * FROM {t} WHERE mchid = ? ORDER BY rowid", mchid) for t in tables}  # noqa: S608
        raise Rejected(404, "RESOURCE_NOT_EXISTS", "no such control")

    def _crafted_notice(self, content: dict[str, Any]) -> int:
        """Send one notice of a payment now. `variant`: genuine, forged, tampered, stale, probe, or wrong by its facts."""
        channel, variant = self.server.channel, content.get("variant", "genuine")
        payment = channel.known_payment(content["mchid"], content["number"])
        facts = channel.view(payment)
        facts.update(content.get("facts", {}))
        row = {
            "id": content.get("id") or secrets.token_hex(16),
            "mchid": content["mchid"],
            "url": content.get("url") or payment["notify_url"],
            "event": content.get("event", "TRANSACTION.SUCCESS"),
            "content": json.dumps(facts),
        }
        require_notify_url(row["url"])
        signer = None
        if variant == "forged":  # right serial, somebody else's key
            signer = Signer(channel.signer(channel.merchant(row["mchid"])).serial, _strangers_key())
        return self.server.notifier.send(
            row,
            spoil={"tampered": "tampered", "probe": "probe"}.get(variant, ""),
            age_seconds=int(content.get("age_seconds", 600)) if variant == "stale" else 0,
            signer=signer,
        )


_strangers: list[bytes] = []


def _strangers_key() -> bytes:
    if not _strangers:
        _strangers.append(wire.new_key()[0])
    return _strangers[0]


def _safe_link(url: str) -> str:
    return url if urlsplit(url).scheme in ("http", "https") else ""
