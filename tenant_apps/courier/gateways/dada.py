"""Dada (达达, newopen.imdada.cn): JSON over POST, MD5 over the sorted parameters between two app secrets.

Its callbacks are signed over client_id, order_id and update_time, with no secret in it: anybody can make one. So a callback
is believed only that something has changed, at an address that nobody can guess, and the state is asked for.
"""

import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import urllib3
from django.conf import settings

from saas.channels.contract import BadNotice, ChannelError
from saas.channels.facts import ErrorClass
from tenant_apps.courier.rules import Callback, ErrandState, Facts, Quote, Task

TIMEOUT_SECONDS = 4.5
CANCEL_OTHER = 10000  # the reason whose text is given
STATES: dict[int, ErrandState] = {
    1: ErrandState.WAITING,
    2: ErrandState.ACCEPTED,
    3: ErrandState.CARRYING,
    4: ErrandState.DELIVERED,
    5: ErrandState.CANCELLED,
    8: ErrandState.WAITING,  # offered to one rider
    9: ErrandState.RETURNING,
    10: ErrandState.RETURNED,
    100: ErrandState.ARRIVED,
    1000: ErrandState.REFUSED,
}
_shared = urllib3.PoolManager(num_pools=4, maxsize=4, timeout=urllib3.Timeout(total=TIMEOUT_SECONDS), retries=False)


def host(*, live: bool) -> str:
    """The real service for a live account in production; in every other case the sandbox (SSRF: a fixed list)."""
    if live and settings.ENVIRONMENT == "production":
        return "https://newopen.imdada.cn"
    return str(settings.COURIER_SANDBOX_ORIGIN).rstrip("/")


class Dada:
    """One account."""

    def __init__(self, app_key: str, source_id: str, app_secret: str, origin: str) -> None:
        self._app_key, self._source_id, self._secret, self._origin = app_key, source_id, app_secret, origin

    def verify(self, now: dt.datetime) -> None:
        """A signed read that changes nothing: the list of cities."""
        self._call("/api/cityCode/list", "", now)

    def quote(self, task: Task, now: dt.datetime) -> Quote:
        """What it would cost; nothing is ordered."""
        found = self._object("/api/order/queryDeliverFee", _order(task), now)
        return Quote(_fen(found.get("fee")), int(_number(found.get("distance"))))

    def create(self, task: Task, now: dt.datetime) -> int:
        """Order a courier; its fee. The same number is never carried twice: a repeat is refused there."""
        return _fen(self._object("/api/order/addOrder", _order(task), now).get("fee"))

    def query(self, number: str, now: dt.datetime) -> Facts:
        """What the service says of an order now. A refusal means that it does not know the number."""
        found = self._object("/api/order/status/query", {"order_id": number}, now)
        state = STATES.get(int(_number(found.get("statusCode"))))
        if state is None:
            raise ChannelError(ErrorClass.UNKNOWN, "STATUS", str(found.get("statusCode")))
        fee = found.get("actualFee", found.get("deliveryFee"))
        return Facts(
            state,
            str(found.get("transporterName") or "")[:40],
            str(found.get("transporterPhone") or "")[:20],
            None if fee is None else _fen(fee),
            _fen(found.get("deductFee")),
            str(found.get("statusMsg") or "")[:200],
        )

    def cancel(self, number: str, reason: str, now: dt.datetime) -> int:
        """Call an order off; what the service deducts for it (fen)."""
        body = {"order_id": number, "cancel_reason_id": CANCEL_OTHER, "cancel_reason": reason}
        return _fen(self._object("/api/order/formalCancel", body, now).get("deduct_fee"))

    def parse_callback(self, body: bytes) -> Callback:
        """A callback with the right checksum. Raises BadNotice."""
        content = _json(body)
        if content is None:
            raise BadNotice("not JSON")
        values = [str(content.get(name, "")) for name in ("client_id", "order_id", "update_time")]
        wanted = hashlib.md5("".join(sorted(values)).encode(), usedforsecurity=False).hexdigest()
        given = str(content.get("signature", "")).lower()
        if not values[1] or not hmac.compare_digest(wanted.encode(), given.encode()):
            raise BadNotice("wrong signature")
        state = str(content.get("order_status", ""))[:6]
        digest = hashlib.sha256("\n".join([*values, state]).encode()).hexdigest()
        return Callback(values[1][:32], digest, state)

    def _object(self, path: str, body: Mapping[str, Any], now: dt.datetime) -> dict[str, Any]:
        found = self._call(path, json.dumps(body, ensure_ascii=False, separators=(",", ":")), now)
        return found if isinstance(found, dict) else {}

    def _call(self, path: str, body: str, now: dt.datetime) -> object:
        fields = {
            "app_key": self._app_key,
            "body": body,
            "format": "json",
            "source_id": self._source_id,
            "timestamp": int(now.timestamp()),
            "v": "1.0",
        }
        text = "".join(f"{name}{fields[name]}" for name in sorted(fields))
        digest = hashlib.md5(f"{self._secret}{text}{self._secret}".encode(), usedforsecurity=False).hexdigest()
        sent = json.dumps({**fields, "signature": digest.upper()}, ensure_ascii=False).encode()
        try:
            reply = _shared.request(
                "POST", self._origin + path, body=sent, headers={"Content-Type": "application/json"}, redirect=False
            )
        except urllib3.exceptions.HTTPError as error:
            raise ChannelError(ErrorClass.UNKNOWN, "NO_ANSWER", type(error).__name__) from None
        return _result(reply)


def _result(reply: urllib3.BaseHTTPResponse) -> object:
    content = _json(reply.data)
    if reply.status != 200 or content is None or not isinstance(content.get("code"), int):
        raise ChannelError(ErrorClass.UNKNOWN, str(reply.status))
    if content["code"] == 0:
        return content.get("result")
    detail = str(content.get("msg") or "")[:160]
    kind = ErrorClass.UNKNOWN if content["code"] < 0 else ErrorClass.BAD_PARAM  # -1: the service itself failed
    raise ChannelError(kind, str(content["code"]), detail)


def _order(task: Task) -> dict[str, Any]:
    return {
        "shop_no": task.shop,
        "origin_id": task.number,
        "cargo_price": task.worth_amount / 100,
        "is_prepay": 0,
        "receiver_name": task.name,
        "receiver_address": task.address,
        "receiver_phone": task.phone,
        "receiver_lat": task.latitude_e6 / 1_000_000,
        "receiver_lng": task.longitude_e6 / 1_000_000,
        "cargo_weight": task.weight_grams / 1000,
        "callback": task.callback_url,
        "info": task.note,
    }


def _json(raw: bytes) -> dict[str, Any] | None:
    try:
        content = json.loads(raw, parse_float=Decimal)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _number(value: object) -> Decimal:
    try:
        return Decimal(str(value if value not in (None, "") else 0))
    except InvalidOperation:
        raise ChannelError(ErrorClass.UNKNOWN, "NOT_A_NUMBER") from None


def _fen(value: object) -> int:
    amount = _number(value) * 100
    if not amount.is_finite() or amount != amount.to_integral_value() or not 0 <= amount <= 10_000_000:
        raise ChannelError(ErrorClass.UNKNOWN, "AMOUNT")
    return int(amount)
