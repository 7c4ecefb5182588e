"""What is in a parcel and what is still to be sent; carriers; what a carrier says of a parcel. Pure."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class TrackingState(StrEnum):
    """Where a parcel is."""

    COLLECTED = "collected"
    MOVING = "moving"
    DELIVERING = "delivering"
    DELIVERED = "delivered"
    TROUBLE = "trouble"


# name as staff and shoppers read it → the carrier's code in tracking services
CARRIERS: dict[str, str] = {
    "顺丰速运": "shunfeng",
    "中通快递": "zhongtong",
    "圆通速递": "yuantong",
    "韵达快递": "yunda",
    "申通快递": "shentong",
    "极兔速递": "jtexpress",
    "京东快递": "jd",
    "中国邮政": "youzhengguonei",
    "EMS": "ems",
    "德邦快递": "debangkuaidi",
}
# what people type for them
_ALSO: dict[str, str] = {
    "顺丰": "shunfeng",
    "顺丰快递": "shunfeng",
    "中通": "zhongtong",
    "中通速递": "zhongtong",
    "圆通": "yuantong",
    "圆通快递": "yuantong",
    "韵达": "yunda",
    "韵达速递": "yunda",
    "申通": "shentong",
    "极兔": "jtexpress",
    "极兔快递": "jtexpress",
    "京东": "jd",
    "京东物流": "jd",
    "邮政": "youzhengguonei",
    "邮政快递": "youzhengguonei",
    "德邦": "debangkuaidi",
}
MAX_EVENTS = 100


def carrier_code(name: str) -> str:
    """A carrier's code in tracking services; empty for one that they are not asked about (freight brands have others)."""
    name = name.strip()
    return CARRIERS.get(name) or _ALSO.get(name) or (CARRIERS["EMS"] if name.upper() == "EMS" else "")


def merged(
    kept: Sequence[Mapping[str, Any]], steps: Sequence[tuple[dt.datetime, str]]
) -> tuple[list[dict[str, Any]], bool] | None:
    """Events of a parcel with the carrier's whole course in place of what it said before, by time; those that people
    noted stay. And whether the carrier's newest is the newest of all. None: the course is older than what is known of it.
    """
    noted = [dict(one) for one in kept if not one.get("carrier")]
    known = [one for one in kept if one.get("carrier")]
    course = [{"at": at.isoformat(), "text": text, "carrier": True} for at, text in steps]
    newest = max((dt.datetime.fromisoformat(one["at"]) for one in known), default=None)
    if newest is not None and (not steps or max(at for at, _text in steps) < newest):
        return None
    both = sorted([*noted, *course], key=lambda one: dt.datetime.fromisoformat(one["at"]))
    return both[-MAX_EVENTS:], bool(both) and bool(both[-1].get("carrier"))


@dataclass(frozen=True)
class Sendable:
    """A line as far as sending it goes."""

    line_ulid: str
    qty: int
    refunded_qty: int
    shipped_qty: int

    @property
    def left_qty(self) -> int:
        """Pieces still to be sent: what was refunded before it left is not."""
        return max(0, self.qty - self.refunded_qty - self.shipped_qty)


def left(lines: Sequence[Sendable]) -> dict[str, int]:
    """Pieces still to be sent, by line; lines with none are absent."""
    return {line.line_ulid: line.left_qty for line in lines if line.left_qty}


def fault(wanted: Mapping[str, int], lines: Sequence[Sendable]) -> str | None:
    """The line of which a parcel wants more than is left (or none at all, or that is not there); None: it may be sent."""
    most = left(lines)
    for line_ulid, qty in wanted.items():
        if not 1 <= qty <= most.get(line_ulid, 0):
            return line_ulid
    return None if wanted else next(iter(most), "")


def number_fault(number: str) -> bool:
    """Whether this is no tracking number: 4 to 40 Latin letters, digits and hyphens."""
    return not (4 <= len(number) <= 40 and number.isascii() and number.replace("-", "").isalnum())
