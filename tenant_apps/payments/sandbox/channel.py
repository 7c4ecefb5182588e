"""What the channel does with merchants, payments and refunds (CHANNELS 1.6–1.10, 13)."""

import datetime as dt
import json
import re
import secrets
import time
from typing import Any
from urllib.parse import urlsplit

from tenant_apps.payments.sandbox import wire
from tenant_apps.payments.sandbox.store import Store, canonical
from tenant_apps.payments.sandbox.wire import Rejected, Signer

FAULTS = {
    "timeout": "accept, then answer only after `argument` seconds",
    "drop": "accept, then close the connection without an answer",
    "error_500": "answer 500 SYSTEM_ERROR without accepting",
    "error_500_after": "accept, then answer 500 SYSTEM_ERROR",
    "rate_limit": "answer 429",
    "bad_signature": "accept, then sign the answer wrongly",
    "unknown_serial": "accept, then name a serial that nobody knows",
    "insufficient": "refuse refunds: merchant balance too low",
    "abnormal_refund": "the refund ends ABNORMAL",
    "slow_refund": "the refund takes `argument` seconds",
    "no_notice": "lose the next notices",
    "duplicate_notice": "send the next notice `argument` more times",
    "late_notice": "send the next notice `argument` seconds late",
    "early_notice": "pay and send the notice before answering the create call",
    "altered_amount": "the next notice says another amount",
    "other_merchant": "the next notice names another merchant",
    "signtest": "send a wrongly signed probe before the next notice",
}
_NUMBER = re.compile(r"^[0-9A-Za-z_\-|*]{6,32}$")
_KINDS = {"jsapi", "h5", "native", "app"}


class Channel:
    """The rules of the channel over its store. `origin` is where browsers reach this server."""

    def __init__(self, store: Store, origin: str, keys: wire.KeyRing) -> None:
        self.store, self.origin, self._keys = store, origin, keys
        if not store.row("SELECT 1 FROM platform_key"):
            self.rotate_platform_key()

    # --- merchants and keys

    def rotate_platform_key(self) -> str:
        """A new platform key, in use from now on; earlier ones stay in the list of certificates."""
        private, public = wire.new_key()
        certificate, serial = wire.new_certificate(private, "Sandbox Platform")
        number = "PUB_KEY_ID_" + "".join(secrets.choice("0123456789") for _ in range(28))
        self.store.add(
            "platform_key", serial=serial, public_key_id=number, private_key=private, public_key=public,
            certificate=certificate,
        )  # fmt: skip
        return serial

    def new_merchant(self, name: str, mode: str = "public_key") -> dict[str, str]:
        """Open a merchant account; its whole credential set, under the names of our form, shown this once."""
        private, public = self._keys.next_key()
        mchid = "16" + "".join(secrets.choice("0123456789") for _ in range(8))
        certificate, serial = wire.new_certificate(private, mchid)
        key = self._platform_key()
        appid, app_secret, api_key = "wx" + secrets.token_hex(8), secrets.token_hex(16), secrets.token_hex(16)
        self.store.add(
            "merchant", mchid=mchid, name=name[:80], appid=appid, app_secret=app_secret, serial=serial,
            public_key=public, api_key=api_key, mode=mode, key_id=key["id"],
        )  # fmt: skip
        fields = {
            "merchant_id": mchid,
            "app_id": appid,
            "private_key": private.decode(),
            "certificate": certificate,
            "api_key": api_key,
            "platform_key_id": "",
            "platform_key": "",
            "app_secret": app_secret,
        }
        if mode == "public_key":
            fields |= {"platform_key_id": key["public_key_id"], "platform_key": key["public_key"]}
        return fields

    def merchant(self, mchid: str) -> dict[str, Any]:
        """A merchant's row. Raises Rejected."""
        row = self.store.row("SELECT * FROM merchant WHERE mchid = ?", mchid)
        if row is None:
            raise Rejected(401, "SIGN_ERROR", "商户不存在")
        return row

    def signer(self, merchant: dict[str, Any]) -> Signer:
        """The key with which replies and notices to a merchant are signed."""
        if merchant["mode"] == "public_key":  # a merchant keeps the public key it downloaded
            key = self.store.row("SELECT * FROM platform_key WHERE id = ?", merchant["key_id"])
            assert key is not None
            return Signer(key["public_key_id"], key["private_key"])
        key = self._platform_key()
        return Signer(key["serial"], key["private_key"])

    def certificates(self, merchant: dict[str, Any]) -> dict[str, Any]:
        """GET /v3/certificates."""
        data = [
            {
                "serial_no": key["serial"],
                "effective_time": wire.beijing(time.time() - 86400),
                "expire_time": wire.beijing(time.time() + 4 * 365 * 86400),
                "encrypt_certificate": wire.encrypted(merchant["api_key"], key["certificate"].encode(), "certificate"),
            }
            for key in self.store.rows("SELECT * FROM platform_key ORDER BY id DESC LIMIT 3")
        ]
        return {"data": data}

    def _platform_key(self) -> dict[str, Any]:
        key = self.store.row("SELECT * FROM platform_key ORDER BY id DESC LIMIT 1")
        assert key is not None
        return key

    # --- payments

    def create(self, merchant: dict[str, Any], kind: str, content: dict[str, Any]) -> dict[str, str]:
        """POST /v3/pay/transactions/{kind}: a new payment, or the same again for the same content."""
        if kind not in _KINDS:
            raise Rejected(404, "RESOURCE_NOT_EXISTS", "接口不存在")
        total, expires = _checked_payment(merchant, kind, content)
        number, text = content["out_trade_no"], canonical({**content, "kind": kind})
        with self.store.together():
            known = self.payment(merchant["mchid"], number)
            if known is not None:
                _refuse_final(known)
                if known["content"] != text:
                    raise Rejected(403, "OUT_TRADE_NO_USED", "商户订单号重复，请核实商户订单号是否重复提交")
                return self._answer(known)
            self.store.add(
                "payment", mchid=merchant["mchid"], number=number, appid=content["appid"], kind=kind, content=text,
                total=total, currency=content["amount"].get("currency", "CNY"), description=content["description"],
                openid=(content.get("payer") or {}).get("openid", ""), notify_url=content["notify_url"],
                expires=expires, token=secrets.token_urlsafe(16), prepay_id="wx" + secrets.token_hex(17),
            )  # fmt: skip
            made = self.payment(merchant["mchid"], number)
        assert made is not None
        return self._answer(made)

    def payment(self, mchid: str, number: str) -> dict[str, Any] | None:
        """A payment's row; one that has run out of time is closed by looking at it."""
        row = self.store.row("SELECT * FROM payment WHERE mchid = ? AND number = ?", mchid, number)
        if row and row["state"] == "NOTPAY" and row["expires"] < time.time():
            self.store.run("UPDATE payment SET state = 'CLOSED' WHERE token = ?", row["token"])
            row["state"] = "CLOSED"
        return row

    def known_payment(self, mchid: str, number: str) -> dict[str, Any]:
        """As `payment`. Raises Rejected if there is none."""
        row = self.payment(mchid, number)
        if row is None:
            raise Rejected(404, "ORDER_NOT_EXIST", "订单不存在")
        return row

    def view(self, row: dict[str, Any]) -> dict[str, Any]:
        """A payment as queries and notices tell it."""
        names = {
            "NOTPAY": "订单未支付", "SUCCESS": "支付成功", "REFUND": "订单发生过退款", "CLOSED": "订单已关闭",
        }  # fmt: skip
        content: dict[str, Any] = {
            "appid": row["appid"],
            "mchid": row["mchid"],
            "out_trade_no": row["number"],
            "trade_state": row["state"],
            "trade_state_desc": names[row["state"]],
            "attach": "",
            "amount": {"total": row["total"], "currency": row["currency"]},
        }
        if row["state"] in ("SUCCESS", "REFUND"):
            content |= {
                "transaction_id": row["transaction_id"],
                "trade_type": {"h5": "MWEB"}.get(row["kind"], row["kind"].upper()),
                "bank_type": "OTHERS",
                "success_time": wire.beijing(row["paid_at"]),
                "payer": {"openid": row["openid"] or "o" + row["token"]},
            }
            content["amount"] |= {"payer_total": row["total"], "payer_currency": row["currency"]}
        return content

    def close(self, merchant: dict[str, Any], number: str) -> None:
        """POST …/close."""
        row = self.known_payment(merchant["mchid"], number)
        _refuse_final(row)
        self.store.run("UPDATE payment SET state = 'CLOSED' WHERE token = ? AND state = 'NOTPAY'", row["token"])

    def pay(self, row: dict[str, Any]) -> bool:
        """The payer pays; False if that is not possible (any more)."""
        changed = self.store.run(
            "UPDATE payment SET state = 'SUCCESS', transaction_id = ?, paid_at = ?"
            " WHERE token = ? AND state = 'NOTPAY' AND expires > ?",
            "42" + dt.datetime.now().strftime("%y%m%d") + "".join(secrets.choice("0123456789") for _ in range(20)),
            time.time(), row["token"], time.time(),
        )  # fmt: skip
        if changed:
            paid = self.known_payment(row["mchid"], row["number"])
            self.queue_notice(paid["mchid"], paid["number"], paid["notify_url"], "TRANSACTION.SUCCESS", self.view(paid))
        return bool(changed)

    def _answer(self, row: dict[str, Any]) -> dict[str, str]:
        if row["kind"] == "native":
            return {"code_url": f"{self.origin}/qr/{row['token']}"}
        if row["kind"] == "h5":
            return {"h5_url": f"{self.origin}/h5?prepay_id={row['prepay_id']}&package={secrets.randbelow(10**9)}"}
        return {"prepay_id": row["prepay_id"]}

    # --- refunds

    def refund(self, merchant: dict[str, Any], content: dict[str, Any]) -> dict[str, Any]:
        """POST /v3/refund/domestic/refunds."""
        mchid, number, amount = merchant["mchid"], str(content.get("out_refund_no", "")), content.get("amount") or {}
        value = amount.get("refund")
        if not re.fullmatch(r"[0-9A-Za-z_\-|*@]{1,64}", number) or type(value) is not int or value <= 0:
            raise Rejected(400, "PARAM_ERROR", "退款单号或金额不正确")
        poor = self.store.take_fault(mchid, "insufficient") is not None
        with self.store.together():
            payment = self.known_payment(mchid, str(content.get("out_trade_no", "")))
            known = self.store.row("SELECT * FROM refund WHERE mchid = ? AND number = ?", mchid, number)
            if known is not None:
                if known["content"] != canonical(content):
                    raise Rejected(400, "INVALID_REQUEST", "退款单号已存在，内容不一致")
                return self.refund_view(known)
            if payment["state"] not in ("SUCCESS", "REFUND") or amount.get("total") != payment["total"]:
                raise Rejected(400, "INVALID_REQUEST", "订单未支付，或订单金额不一致")
            if poor:
                raise Rejected(403, "NOT_ENOUGH", "基本账户余额不足，请充值后重新发起")
            spent = self.store.row(
                "SELECT coalesce(sum(amount), 0) AS spent FROM refund WHERE mchid = ? AND payment_number = ?",
                mchid, payment["number"],
            )  # fmt: skip
            assert spent is not None
            if spent["spent"] + value > payment["total"]:
                raise Rejected(400, "INVALID_REQUEST", "申请退款金额超过可退金额")
            wait = self.store.take_fault(mchid, "slow_refund")
            self.store.add(
                "refund", mchid=mchid, number=number, payment_number=payment["number"], content=canonical(content),
                amount=value, total=payment["total"], notify_url=content.get("notify_url", ""), state="PROCESSING",
                refund_id="50" + "".join(secrets.choice("0123456789") for _ in range(26)),
                due=time.time() + (0.3 if wait is None else wait),
            )  # fmt: skip
            self.store.run("UPDATE payment SET state = 'REFUND' WHERE token = ?", payment["token"])
            return self.refund_view(self.known_refund(mchid, number))

    def known_refund(self, mchid: str, number: str) -> dict[str, Any]:
        """A refund's row. Raises Rejected."""
        row = self.store.row("SELECT * FROM refund WHERE mchid = ? AND number = ?", mchid, number)
        if row is None:
            raise Rejected(404, "RESOURCE_NOT_EXISTS", "退款单不存在")
        return row

    def refund_view(self, row: dict[str, Any], *, notice: bool = False) -> dict[str, Any]:
        """A refund as answers (`status`) and notices (`refund_status`) tell it."""
        payment = self.known_payment(row["mchid"], row["payment_number"])
        content: dict[str, Any] = {
            "out_refund_no": row["number"],
            "out_trade_no": row["payment_number"],
            "refund_id": row["refund_id"],
            "transaction_id": payment["transaction_id"],
            "user_received_account": "零钱",
            "amount": {
                "total": row["total"], "refund": row["amount"], "payer_total": row["total"],
                "payer_refund": row["amount"], "currency": payment["currency"],
            },
        }  # fmt: skip
        content["refund_status" if notice else "status"] = row["state"]
        if notice:
            content["mchid"] = row["mchid"]
        if row["done_at"]:
            content["success_time"] = wire.beijing(row["done_at"])
        return content

    def finish_due_refunds(self) -> None:
        """Let refunds arrive whose time has come, and tell their merchants."""
        for row in self.store.rows("SELECT * FROM refund WHERE state = 'PROCESSING' AND due <= ?", time.time()):
            abnormal = self.store.take_fault(row["mchid"], "abnormal_refund") is not None
            state, done = ("ABNORMAL", None) if abnormal else ("SUCCESS", time.time())
            with self.store.together():
                changed = self.store.run(
                    "UPDATE refund SET state = ?, done_at = ? WHERE mchid = ? AND number = ? AND state = 'PROCESSING'",
                    state, done, row["mchid"], row["number"],
                )  # fmt: skip
                if changed and row["notify_url"]:
                    view = self.refund_view(self.known_refund(row["mchid"], row["number"]), notice=True)
                    self.queue_notice(row["mchid"], row["number"], row["notify_url"], f"REFUND.{state}", view)

    # --- notices: queued here, sent by the notifier

    def queue_notice(self, mchid: str, number: str, url: str, event: str, content: dict[str, Any]) -> None:
        """Put a notice into the queue, after the faults that are switched on for it."""
        if self.store.take_fault(mchid, "no_notice") is not None:
            return
        if self.store.take_fault(mchid, "altered_amount") is not None:
            content = {**content, "amount": {**content["amount"], "total": content["amount"]["total"] + 1}}
        if self.store.take_fault(mchid, "other_merchant") is not None:
            content = {**content, "mchid": "1600000000"}
        due = time.time() + (self.store.take_fault(mchid, "late_notice") or 0)
        if self.store.take_fault(mchid, "signtest") is not None:
            self._add_notice(mchid, number, url, event, content, due, spoil="probe")
        identity = self._add_notice(mchid, number, url, event, content, due)
        for copy in range(int(self.store.take_fault(mchid, "duplicate_notice") or 0)):
            self._add_notice(mchid, number, url, event, content, due, identity=f"{identity}#{copy}")

    def _add_notice(
        self, mchid: str, number: str, url: str, event: str, content: dict[str, Any], due: float, *,
        spoil: str = "", identity: str = "",
    ) -> str:  # fmt: skip
        identity = identity or secrets.token_hex(16)
        self.store.add(
            "notice", id=identity, mchid=mchid, number=number, url=url, event=event, content=json.dumps(content),
            due=due, spoil=spoil,
        )  # fmt: skip
        return identity


def _refuse_final(row: dict[str, Any]) -> None:
    if row["state"] in ("SUCCESS", "REFUND"):
        raise Rejected(400, "ORDERPAID", "该订单已支付")
    if row["state"] == "CLOSED":
        raise Rejected(400, "ORDER_CLOSED", "该订单已关闭")


def _checked_payment(merchant: dict[str, Any], kind: str, content: dict[str, Any]) -> tuple[int, float]:
    if content.get("mchid") != merchant["mchid"] or content.get("appid") != merchant["appid"]:
        raise Rejected(400, "APPID_MCHID_NOT_MATCH", "appid 与 mchid 不匹配")
    total = (content.get("amount") or {}).get("total")
    description = content.get("description", "")
    if not _NUMBER.match(str(content.get("out_trade_no", ""))):
        raise Rejected(400, "PARAM_ERROR", "商户订单号格式不正确")
    if type(total) is not int or total <= 0:
        raise Rejected(400, "PARAM_ERROR", "金额必须是大于零的整数，单位为分")
    if not description or len(description.encode()) > 127:
        raise Rejected(400, "PARAM_ERROR", "商品描述为空或超过 127 字节")
    if kind == "jsapi" and not (content.get("payer") or {}).get("openid"):
        raise Rejected(400, "PARAM_ERROR", "缺少 openid")
    if kind == "h5" and not (content.get("scene_info") or {}).get("payer_client_ip"):
        raise Rejected(400, "PARAM_ERROR", "缺少 payer_client_ip")
    require_notify_url(str(content.get("notify_url", "")))
    expires = time.time() + 7 * 86400
    if content.get("time_expire"):
        try:
            expires = dt.datetime.fromisoformat(content["time_expire"]).timestamp()
        except ValueError:
            raise Rejected(400, "PARAM_ERROR", "time_expire 格式不正确") from None
        if expires < time.time() + 55:
            raise Rejected(400, "PARAM_ERROR", "time_expire 须晚于一分钟后")
    return total, expires


def require_notify_url(url: str) -> None:
    """https and no query, as the channel wants; http is let through for this machine's own names only. Raises Rejected."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    here = host in ("localhost", "127.0.0.1") or host.endswith(".localhost")
    if not here or parts.scheme not in ("http", "https") or parts.query or len(url) > 255:
        raise Rejected(400, "PARAM_ERROR", "notify_url 不正确（沙箱只通知本机地址）")
