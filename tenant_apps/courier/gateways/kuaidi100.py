"""Kuaidi100 (快递100, poll.kuaidi100.com): follow a parcel (`/poll`), ask about it (`/poll/query.do`), its pushes.

Forms over POST. A question is signed MD5(param + key + customer), upper case; a push MD5(param + salt), where the salt is
ours and was given with the request to follow. It tells the whole course each time, so that one push may be lost.
"""

import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

import urllib3
from django.conf import settings

from saas.channels.contract import BadNotice, ChannelError
from saas.channels.facts import ErrorClass
from saas.kernel.clock import CHINA
from tenant_apps.courier.tracking import Course, Push, Step
from tenant_apps.orders.parcels import MAX_EVENTS, TrackingState

TIMEOUT_SECONDS = 4.5
FOLLOWED_ALREADY = "501"
NOTHING_FOUND = "500"  # of a question: no result yet
OVER = frozenset({"shutdown", "abort"})  # signed for; or no news for three days, no change for sixty
# The first digit of longer codes is the state, the rest says more of it (resultv2=4).
STATES: dict[str, TrackingState] = {
    "0": TrackingState.MOVING,
    "1": TrackingState.COLLECTED,
    "2": TrackingState.TROUBLE,
    "3": TrackingState.DELIVERED,
    "4": TrackingState.TROUBLE,  # sent back, signed for by the sender
    "5": TrackingState.DELIVERING,
    "6": TrackingState.TROUBLE,  # on its way back
    "7": TrackingState.MOVING,  # handed to another carrier
    "8": TrackingState.MOVING,  # customs
    "14": TrackingState.TROUBLE,  # refused by the recipient
}
_shared = urllib3.PoolManager(num_pools=4, maxsize=4, timeout=urllib3.Timeout(total=TIMEOUT_SECONDS), retries=False)


def host(*, live: bool) -> str:
    """The real service for a live account in production; in every other case the sandbox (SSRF: a fixed list)."""
    if live and settings.ENVIRONMENT == "production":
        return "https://poll.kuaidi100.com"
    return str(settings.COURIER_SANDBOX_ORIGIN).rstrip("/")


class Kuaidi100:
    """One account: the customer's code and its key."""

    def __init__(self, customer: str, key: str, origin: str) -> None:
        self._customer, self._key, self._origin = customer, key, origin

    def verify(self) -> None:
        """A signed question about a parcel that nobody sent: its answer tells whether the account is right."""
        try:
            self.query("yuantong", "YT0000000000000", "")
        except ChannelError as error:
            if error.kind is ErrorClass.UNKNOWN or error.code != NOTHING_FOUND:
                raise

    def follow(self, company: str, number: str, phone: str, callback_url: str) -> None:
        """Ask for pushes about a parcel. A repeat is answered "already", which is as good."""
        parameters = {"callbackurl": callback_url, "salt": self._salt(), "resultv2": "1", "phone": phone}
        param = _dump({"company": company, "number": number, "key": self._key, "parameters": parameters})
        found = self._post("/poll", {"schema": "json", "param": param})
        code = str(found.get("returnCode") or "")
        if found.get("result") in (True, "true") or code == FOLLOWED_ALREADY:
            return
        raise ChannelError(_kind(code), code, str(found.get("message") or "")[:160])

    def query(self, company: str, number: str, phone: str) -> Course:
        """What is known of a parcel now. NOTHING_FOUND: nothing yet, or not of this carrier."""
        param = _dump({"com": company, "num": number, "phone": phone, "resultv2": "1", "order": "desc"})
        sign = _md5(param + self._key + self._customer)
        found = self._post("/poll/query.do", {"customer": self._customer, "sign": sign, "param": param})
        if "returnCode" in found or not isinstance(found.get("data"), list):
            code = str(found.get("returnCode") or "")
            kind = ErrorClass.BAD_PARAM if code else ErrorClass.UNKNOWN
            raise ChannelError(kind, code, str(found.get("message") or "")[:160])
        return _course(found, "")

    def parse_push(self, body: bytes) -> Push:
        """A push with the right signature. Raises BadNotice."""
        try:
            form = dict(parse_qsl(body.decode(), max_num_fields=10))
            content = json.loads(form["param"])
        except (ValueError, KeyError, RecursionError):
            raise BadNotice("not a push") from None
        wanted, given = _md5(form["param"] + self._salt()), form.get("sign", "").upper()
        if not hmac.compare_digest(wanted.encode(), given.encode()):
            raise BadNotice("wrong signature")
        last = content.get("lastResult") if isinstance(content, dict) else None
        if not isinstance(last, dict) or not last.get("nu"):
            raise BadNotice("no parcel in it")
        try:
            course = _course(last, str(content.get("status") or ""), str(content.get("message") or ""))
        except ChannelError:
            raise BadNotice("no course in it") from None
        return Push(hashlib.sha256(form["param"].encode()).hexdigest(), course)

    def _salt(self) -> str:
        """Ours alone and the same each time: made of the account's key."""
        return hmac.new(self._key.encode(), b"kuaidi100 push", hashlib.sha256).hexdigest()[:32]

    def _post(self, path: str, fields: Mapping[str, str]) -> dict[str, Any]:
        try:
            reply = _shared.request(
                "POST",
                self._origin + path,
                body=urlencode(fields),
                headers={"Content-Type": "application/x-www-form-urlencoded"},
                redirect=False,
            )
        except urllib3.exceptions.HTTPError as error:
            raise ChannelError(ErrorClass.UNKNOWN, "NO_ANSWER", type(error).__name__) from None
        try:
            content = json.loads(reply.data)
        except (ValueError, RecursionError):
            content = None
        if reply.status != 200 or not isinstance(content, dict):
            raise ChannelError(ErrorClass.UNKNOWN, str(reply.status))
        return content


def _kind(code: str) -> ErrorClass:
    """500 of a request to follow is the service's own trouble; everything else but silence is a no."""
    return ErrorClass.UNKNOWN if code in ("", "500") else ErrorClass.BAD_PARAM


def _course(found: Mapping[str, Any], status: str, message: str = "") -> Course:
    rows = found.get("data")
    steps = [_step(row) for row in rows[:MAX_EVENTS]] if isinstance(rows, list) else []
    code = str(found.get("state") or "0")
    state = STATES.get(code) or STATES.get(code[:1]) if steps else None
    over = status in OVER or state is TrackingState.DELIVERED
    reason = message[:160] if status == "abort" else ""
    number = str(found.get("nu") or "")[:40]
    return Course(number, state, tuple(sorted(steps, key=lambda one: one.at)), over, reason)


def _step(row: object) -> Step:
    """A step's time is China's: `2026-11-22 16:33:19`."""
    try:
        assert isinstance(row, dict)
        at = dt.datetime.strptime(str(row.get("ftime") or row["time"]), "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA)
        return Step(at, str(row["context"])[:200])
    except (AssertionError, KeyError, ValueError):
        raise ChannelError(ErrorClass.UNKNOWN, "STEP") from None


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest().upper()


def _dump(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))
