"""The period side of the contract: a month of a shop in, one award out, paid from what its orders set aside. Pure.

A mode that pays by period accrues on each line at payment (`award`, payee_kind ACCRUAL, payee = the seller's ULID) and
says here what the month comes to. Settlement pays at most the accrual of that shop and month; the rest is the house's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar, Protocol, TypeVar

from pydantic import BaseModel

from tenant_apps.modes.contract import Sentence


class PeriodPayee(StrEnum):
    """Where a period award goes: a member's wallet, or a seller's service-fee credit (it pays fees, never cash)."""

    MEMBER = "member"
    CREDIT = "credit"


@dataclass(frozen=True, kw_only=True)
class ShopPeriod:
    """A shop's month. Amounts in fen, refunds taken off, direct sales only.

    `turnover_before` is what it sold since it was brought in, up to the month; `paid_before` what this mode has paid for
    it in earlier months; `rolling_turnover` that of the 90 days up to the month's end.
    """

    seller: str
    store: str = ""
    manager: str = ""
    referrer: str = ""
    turnover: int
    fee: int = 0
    rolling_turnover: int = 0
    turnover_before: int = 0
    paid_before: int = 0
    level: int = 1
    score_ppm: int = 1_000_000
    has_violation: bool = False


@dataclass(frozen=True, kw_only=True)
class PeriodAward:
    """What a month comes to, before it is limited to what was set aside. `data` fills the sentence."""

    payee: str
    payee_kind: PeriodPayee = PeriodPayee.MEMBER
    base_amount: int
    rate_ppm: int
    amount: int
    level: int = 0  # the shop's new level, where the mode keeps one
    data: Mapping[str, Any] = field(default_factory=dict)


S = TypeVar("S", bound=BaseModel, contravariant=True)


class PeriodMode(Protocol[S]):
    """A mode that also pays by the month."""

    key: ClassVar[str]

    def period_award(self, settings: S, shop: ShopPeriod) -> PeriodAward | None:
        """What the month comes to; None: nobody is to be paid, and all that was set aside is the house's."""
        ...

    def explain_period(self, award: PeriodAward) -> Sentence:
        """Why, in one sentence; settlement adds `shop`, `period` and the amounts to its data."""
        ...
