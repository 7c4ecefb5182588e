"""WeChat Pay v3 behind the gateway contract: what is asked and how its answers read (CHANNELS 1.6–1.10)."""

import datetime as dt
import json
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext_noop

from saas.channels.contract import (
    Account,
    BadNotice,
    Capability,
    ChannelError,
    Check,
    NoticeFacts,
    PaymentRequest,
    RefundRequest,
)
from saas.channels.facts import ErrorClass, Method, PaymentFacts, RefundFacts, RefundState, trimmed
from saas.channels.wechat import crypto
from saas.channels.wechat.client import WechatClient
from saas.kernel.clock import CHINA

_ANSWER_FIELD = {Method.NATIVE: "code_url", Method.H5: "h5_url", Method.JSAPI: "prepay_id"}
_REFUND_STATES = {
    "SUCCESS": RefundState.SUCCEEDED,
    "PROCESSING": RefundState.PROCESSING,
    "CLOSED": RefundState.ATTENTION,
    "ABNORMAL": RefundState.ATTENTION,
}


class WechatGateway:
    """One merchant account at WeChat Pay. `base_url` comes from the environment's host list."""

    capabilities = frozenset({Capability.CLOSE, Capability.SPLIT_FLAG, Capability.LOGIN})

    def __init__(self, account: Account, base_url: str) -> None:
        self.account = account
        self.client = WechatClient(account, base_url)

    def create(self, request: PaymentRequest, now: dt.datetime) -> dict[str, str]:
        """Create the payment, or get its current answer: {code_url} | {h5_url} | {prepay_id}. Raises ChannelError."""
        body: dict[str, Any] = {
            "appid": self.account.app_id,
            "mchid": self.account.merchant_id,
            "description": trimmed(request.description, 127),
            "out_trade_no": request.number,
            "time_expire": request.expires_at.astimezone(CHINA).isoformat(timespec="seconds"),
            "notify_url": request.notify_url,
            "amount": {"total": request.amount, "currency": request.currency},
            "settle_info": {"profit_sharing": request.profit_sharing},
        }
        if request.method is Method.JSAPI:
            body["payer"] = {"openid": request.payer_openid}
        if request.method is Method.H5:
            body["scene_info"] = {"payer_client_ip": request.client_ip, "h5_info": {"type": "Wap"}}
        content = self.client.call("POST", f"/v3/pay/transactions/{request.method}", body, now)
        name = _ANSWER_FIELD[request.method]
        if not content.get(name):
            raise ChannelError(ErrorClass.UNKNOWN, "EMPTY_ANSWER")
        return {name: str(content[name])}

    def query(self, number: str, now: dt.datetime) -> PaymentFacts:
        """What the channel knows of a payment. Raises ChannelError (NOT_FOUND: it has none of this number)."""
        target = f"/v3/pay/transactions/out-trade-no/{quote(number)}?mchid={self.account.merchant_id}"
        return _payment_facts(self.client.call("GET", target, None, now))

    def close(self, number: str, now: dt.datetime) -> None:
        """Let nobody pay this number any more. Raises ChannelError (PAID: too late)."""
        target = f"/v3/pay/transactions/out-trade-no/{quote(number)}/close"
        self.client.call("POST", target, {"mchid": self.account.merchant_id}, now)

    def refund(self, request: RefundRequest, now: dt.datetime) -> RefundFacts:
        """Ask for a refund; the answer mostly says that it is being processed. Raises ChannelError."""
        body: dict[str, Any] = {
            "out_trade_no": request.payment_number,
            "out_refund_no": request.number,
            "notify_url": request.notify_url,
            "amount": {"refund": request.amount, "total": request.total, "currency": request.currency},
        }
        if request.reason:
            body["reason"] = trimmed(request.reason, 80)
        return _refund_facts(self.client.call("POST", "/v3/refund/domestic/refunds", body, now))

    def query_refund(self, number: str, now: dt.datetime) -> RefundFacts:
        """What the channel knows of a refund. Raises ChannelError."""
        return _refund_facts(self.client.call("GET", f"/v3/refund/domestic/refunds/{quote(number)}", None, now))

    def parse_notify(self, headers: Mapping[str, str], body: bytes, now: dt.datetime) -> NoticeFacts:
        """Verify a notice over its raw bytes and open it. Raises BadNotice."""
        try:
            self.client.verify({name.lower(): value for name, value in headers.items()}, body, now)
        except crypto.BadSignature as error:
            raise BadNotice(str(error)) from None
        return self.open_notice(body)

    def open_notice(self, body: bytes) -> NoticeFacts:
        """Open a notice whose signature was checked when it was received. Raises BadNotice."""
        try:
            notice = json.loads(body)
            content = json.loads(crypto.open_resource(self.account.api_key, notice["resource"]))
            kind, name = str(notice["event_type"]), str(notice["id"])
            if kind.startswith("TRANSACTION."):
                return NoticeFacts(name, kind, payment=_payment_facts(content))
            if kind.startswith("REFUND."):
                return NoticeFacts(name, kind, refund=_refund_facts(content))
            return NoticeFacts(name, kind)
        except crypto.BadCipher as error:
            raise BadNotice(str(error)) from None
        except (ValueError, KeyError, TypeError, AttributeError, ChannelError):
            raise BadNotice("the content is not understood") from None

    def verify_credentials(self, now: dt.datetime) -> list[Check]:
        """Ask the live channel: certificates (certificate mode), then a payment that cannot exist, its answer expected."""
        results = []
        if not self.account.platform_key_id:
            try:
                self.client.fetch_certificates(now)
                results.append(Check("platform_certificates", True))
            except ChannelError as error:
                results.append(Check("platform_certificates", False, _live_detail(error)))
        try:
            self.query("MWCHECK" + secrets.token_hex(12).upper(), now)
            results.append(Check("live_call", False, gettext_noop("The channel gave an answer that was not expected.")))
        except ChannelError as error:
            results.append(_live_check(error))
        return results

    def page_parameters(self, answer: Mapping[str, str], now: dt.datetime) -> dict[str, str]:
        """What the page inside WeChat hands to the payment sheet, signed (CHANNELS 1.7)."""
        package, nonce, timestamp = f"prepay_id={answer['prepay_id']}", secrets.token_hex(16), str(int(now.timestamp()))
        return {
            "appId": self.account.app_id,
            "timeStamp": timestamp,
            "nonceStr": nonce,
            "package": package,
            "signType": "RSA",
            "paySign": self.client.sign(f"{self.account.app_id}\n{timestamp}\n{nonce}\n{package}\n"),
        }


def _payment_facts(content: Mapping[str, Any]) -> PaymentFacts:
    amount = content.get("amount") or {}
    state = str(content.get("trade_state", ""))
    try:
        return PaymentFacts(
            merchant_id=str(content["mchid"]),
            app_id=str(content.get("appid", "")),
            number=str(content["out_trade_no"]),
            transaction_id=str(content.get("transaction_id", "")),
            paid=state in ("SUCCESS", "REFUND"),
            closed=state in ("CLOSED", "REVOKED"),
            amount=_fen(amount.get("total", 0)),
            currency=str(amount.get("currency", "CNY")),
            paid_at=_instant(content.get("success_time")),
            payer_openid=str((content.get("payer") or {}).get("openid", "")),
        )
    except (KeyError, ValueError):
        raise ChannelError(ErrorClass.UNKNOWN, "NOT_UNDERSTOOD") from None


def _refund_facts(content: Mapping[str, Any]) -> RefundFacts:
    amount = content.get("amount") or {}
    try:
        return RefundFacts(
            merchant_id=str(content.get("mchid", "")),
            number=str(content["out_refund_no"]),
            payment_number=str(content["out_trade_no"]),
            refund_id=str(content.get("refund_id", "")),
            state=_REFUND_STATES[str(content.get("status") or content.get("refund_status"))],
            amount=_fen(amount.get("refund", 0)),
            refunded_at=_instant(content.get("success_time")),
        )
    except (KeyError, ValueError):
        raise ChannelError(ErrorClass.UNKNOWN, "NOT_UNDERSTOOD") from None


def _fen(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("an amount is a whole number of fen")
    return value


def _instant(text: object) -> dt.datetime | None:
    if not text:
        return None
    instant = dt.datetime.fromisoformat(str(text))
    if instant.tzinfo is None:
        raise ValueError("a time without its zone")
    return instant


def _live_check(error: ChannelError) -> Check:
    if error.kind is not ErrorClass.NOT_FOUND:
        return Check("live_call", False, _live_detail(error))
    unsigned = gettext_noop("The channel's answer carried no signature, so its public key is not proven yet.")
    return Check("live_call", True, "" if error.signed else unsigned)


def _live_detail(error: ChannelError) -> str:
    if error.kind is ErrorClass.SIGN:
        return gettext_noop("The channel refused the signature: private key, certificate serial or APIv3 key is wrong.")
    if error.kind is ErrorClass.UNKNOWN:
        return gettext_noop("The channel could not be reached, or its answer could not be verified. Try again.")
    return gettext_noop("The channel refused these credentials.")
