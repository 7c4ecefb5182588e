"""Decisions about members: masking, share codes, who may refer whom. Pure."""

import datetime as dt
import re
import secrets
from dataclasses import dataclass
from enum import StrEnum

SHARE_CODE_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
SHARE_CODE_LENGTH = 8
SHARE_CODE = re.compile(rf"^[{SHARE_CODE_ALPHABET}]{{{SHARE_CODE_LENGTH}}}$")
MAX_DEPTH = 3  # nobody earns from further away, so nothing reads further (FEATURES R1)


class PromoterState(StrEnum):
    """Whether a member may earn from those they referred. Asking costs nothing (FEATURES M3)."""

    NONE = "none"
    APPLIED = "applied"
    APPROVED = "approved"
    REJECTED = "rejected"


PROMOTER_TRANSITIONS: dict[PromoterState, frozenset[PromoterState]] = {
    PromoterState.NONE: frozenset({PromoterState.APPLIED, PromoterState.APPROVED}),
    PromoterState.APPLIED: frozenset({PromoterState.APPROVED, PromoterState.REJECTED}),
    PromoterState.REJECTED: frozenset({PromoterState.APPLIED, PromoterState.APPROVED}),
    PromoterState.APPROVED: frozenset({PromoterState.REJECTED}),
}


class BindWhen(StrEnum):
    """When a member is bound to the person whose link he came by (MODES 4)."""

    FIRST_CLICK = "first_click"
    FIRST_ORDER = "first_order"
    FIRST_PAYMENT = "first_payment"


@dataclass(frozen=True)
class BindingRule:
    """When bonds are made, and for how many days nobody else's link may replace one; 0: for ever."""

    when: BindWhen = BindWhen.FIRST_CLICK
    days: int = 0

    def protects(self, bound_at: dt.datetime | None, now: dt.datetime) -> bool:
        """Whether a bond made then stands against another link."""
        return bound_at is not None and (self.days == 0 or now < bound_at + dt.timedelta(days=self.days))


def new_share_code() -> str:
    """A random share code: 8 characters that cannot be mistaken for one another, 39 bits."""
    return "".join(secrets.choice(SHARE_CODE_ALPHABET) for _ in range(SHARE_CODE_LENGTH))


def clean_share_code(text: str) -> str:
    """The share code in `text`, or an empty string if it is none."""
    code = text.strip().lower()
    return code if SHARE_CODE.match(code) else ""


def may_refer(*, referrer_id: int, member_id: int) -> bool:
    """Whether one member may be the referrer of another: the elder of the younger, by number in the mall.

    Every edge then leads to a smaller number, so no chain can come back: no member refers themselves, no loops.
    """
    return referrer_id < member_id


def mask_phone(phone: str) -> str:
    """`+8613800001234` as `138****1234`; anything shorter keeps its last two characters only."""
    digits = phone.removeprefix("+86")
    if len(digits) < 8:
        return "*" * max(len(digits) - 2, 0) + digits[-2:]
    return f"{digits[:3]}{'*' * (len(digits) - 7)}{digits[-4:]}"


def mask_name(name: str) -> str:
    """`王小明` as `王*明`, `王五` as `王*`: a person recognises themselves, a stranger learns little."""
    name = name.strip()
    if len(name) <= 1:
        return "*" if name else ""
    if len(name) == 2:
        return f"{name[0]}*"
    return f"{name[0]}{'*' * min(len(name) - 2, 4)}{name[-1]}"


def mask_email(email: str) -> str:
    """`someone@example.com` as `s***@example.com`."""
    local, at, domain = email.partition("@")
    return f"{local[:1]}***{at}{domain}" if at else mask_name(email)


# --- ranks and turnover (MODES 5) ------------------------------------------------------------------------------------

TOP_RANK = 3  # V1 to V3; 0 is no rank
LEVEL_ORDINARY = "ordinary"
LEVEL_PARTNER = "partner"
LEVELS = (LEVEL_ORDINARY, LEVEL_PARTNER)


class Ground(StrEnum):
    """Why somebody holds a rank. A gift pack's ground names its order: `gift_pack:<ulid>`."""

    TURNOVER = "turnover"
    GIFT_PACK = "gift_pack"
    STAFF = "staff"


@dataclass(frozen=True)
class TurnoverFacts:
    """Completed purchases of a stretch of days, in fen: a member's own, and those of the people he referred himself."""

    own_amount: int = 0
    direct_amount: int = 0


def gift_pack_ground(order_ulid: str) -> str:
    """The ground that an order of a gift pack gives."""
    return f"{Ground.GIFT_PACK}:{order_ulid}"


def ground_word(ground: str) -> Ground:
    """The kind of a ground, without the order it may name."""
    return Ground(ground.split(":", 1)[0])
