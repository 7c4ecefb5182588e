"""What shops' months paid: for staff, for the shop's owner, for whoever was paid. Each with its sentence."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q

from tenant_apps.modes.contract import Sentence
from tenant_apps.modes.period_contract import PeriodAward, PeriodPayee
from tenant_apps.modes.registry import MODES, PERIODS
from tenant_apps.modes.sentences import render
from tenant_apps.sellers import selectors as sellers
from tenant_apps.settlement.models import PeriodPayment


@dataclass(frozen=True, kw_only=True)
class MonthView:
    """A shop's month of a mode as a screen shows it. Amounts in fen; `clawed_amount` was taken back after refunds."""

    rule: str
    period: str
    why: str
    amount: int
    clawed_amount: int
    net_amount: int
    paid_at: dt.datetime


def months(*, sellers_ulids: Collection[str] = (), payee: str = "", limit: int = 24) -> list[MonthView]:
    """Months of these sellers, or paid to this member, newest first (two statements)."""
    found = Q(seller_ulid__in=list(sellers_ulids))
    if payee:
        found |= Q(payee_kind=PeriodPayee.MEMBER, payee_ulid=payee)
    rows = list(PeriodPayment.objects.filter(found).order_by("-period_key", "-pk")[:limit])
    names = sellers.names(row.seller_ulid for row in rows)
    return [_view(row, names.get(row.seller_ulid, "")) for row in rows]


def _view(row: PeriodPayment, shop: str) -> MonthView:
    award = PeriodAward(
        payee=row.payee_ulid,
        payee_kind=PeriodPayee(row.payee_kind),
        base_amount=row.base_amount,
        rate_ppm=row.rate_ppm,
        amount=row.due_amount,
        data=row.data,
    )
    told = PERIODS[row.mode].explain_period(award)
    values = {
        **row.data,
        "shop": shop,
        "period": row.period_key,
        "base_amount": row.base_amount,
        "rate_ppm": row.rate_ppm,
        "full_amount": row.due_amount,
        "paid_amount": row.amount,
    }
    return MonthView(
        rule=render(Sentence(MODES[row.mode].label)),
        period=row.period_key,
        why=render(Sentence(told.text, values)),
        amount=row.amount,
        clawed_amount=row.clawed_amount,
        net_amount=row.net_amount,
        paid_at=row.paid_at,
    )
