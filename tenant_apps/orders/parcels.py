"""What is in a parcel and what is still to be sent; carriers; what a carrier says of a parcel. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


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
MAX_EVENTS = 100


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
