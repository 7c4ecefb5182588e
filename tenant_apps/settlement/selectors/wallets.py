"""A member's money: what is there, what is on its way, what was earned by which rule, the wallet's entries in words."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import F, Q, Sum

from saas.kernel.clock import CHINA
from saas.ledger import selectors as book
from tenant_apps.modes.contract import PayeeKind
from tenant_apps.settlement import sentences
from tenant_apps.settlement.models import Award
from tenant_apps.settlement.rules import AwardState, debt_of, wallet_of
from tenant_apps.settlement.selectors.awards import rule_word
from tenant_apps.settlement.selectors.visibility import seen, unseen_amount


@dataclass(frozen=True, kw_only=True)
class WalletSummary:
    """What a member has, what is on its way, what is being withdrawn, and what he owes. All >= 0, in fen."""

    available: int
    frozen: int
    in_withdrawal: int
    debt: int
    earned: int


@dataclass(frozen=True, kw_only=True)
class WalletEntry:
    """One entry of a wallet's statement."""

    at: dt.datetime
    amount: int
    balance_after: int
    text: str
    document: str


def wallet_summary(member_ulid: str, *, seen_at: dt.datetime | None = None) -> WalletSummary:
    """A member's money: from the book, and what was ever earned and kept.

    With `seen_at` what is frozen is what he himself sees by then.
    """
    wallet, debt = wallet_of(member_ulid), debt_of(member_ulid)
    balances = book.balances([wallet, debt])
    earned = Award.objects.filter(payee_ulid=member_ulid, state=AwardState.RELEASED).aggregate(
        total=Sum("amount", default=0) - Sum("clawed_amount", default=0)
    )["total"]
    return WalletSummary(
        available=balances[wallet].available,
        frozen=balances[wallet].held_in - (unseen_amount(member_ulid, now=seen_at) if seen_at else 0),
        in_withdrawal=balances[wallet].held_out,
        debt=-balances[debt].posted,
        earned=earned or 0,
    )


@dataclass(frozen=True, kw_only=True)
class ModeEarnings:
    """What a member earned by one rule (fen): frozen and released, claw-backs deducted."""

    mode: str
    rule: str
    frozen: int
    released: int

    @property
    def total(self) -> int:
        """Both together."""
        return self.frozen + self.released


@dataclass(frozen=True, kw_only=True)
class Earnings:
    """What a member earned: since the day began, and in all by rule, the largest first."""

    today: int
    by_mode: Sequence[ModeEarnings]

    @property
    def largest(self) -> int:
        """The longest bar of the picture."""
        return max((one.total for one in self.by_mode), default=0)


def earnings(member_ulid: str, *, now: dt.datetime) -> Earnings:
    """A member's earnings by rule, and today's, as far as he sees them."""
    morning = now.astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
    net = Sum(F("amount") - F("clawed_amount"), default=0)
    rows = (
        Award.objects.filter(seen(now=now), payee_ulid=member_ulid, payee_kind=PayeeKind.MEMBER)
        .order_by()
        .values("mode")
        .annotate(
            frozen=Sum(F("amount") - F("clawed_amount"), filter=Q(state=AwardState.FROZEN), default=0),
            kept=net,
            today=Sum(F("amount") - F("clawed_amount"), filter=Q(created_at__gte=morning), default=0),
        )
    )
    by_mode = [
        ModeEarnings(
            mode=row["mode"], rule=rule_word(row["mode"]), frozen=row["frozen"], released=row["kept"] - row["frozen"]
        )
        for row in rows
    ]
    return Earnings(
        today=sum(row["today"] for row in rows),
        by_mode=sorted((one for one in by_mode if one.total), key=lambda one: -one.total),
    )


def wallet_entries(member_ulid: str, *, limit: int = 50) -> list[WalletEntry]:
    """The newest entries of a member's wallet, in words."""
    return [
        WalletEntry(
            at=line.occurred_at,
            amount=line.amount,
            balance_after=line.balance_after,
            text=sentences.of_entry(line),
            document=line.document,
        )
        for line in book.statement(wallet_of(member_ulid), limit=limit)
    ]
