"""Accruals: what orders set aside for a shop's period award. A period uses its accruals up once (MODES 1 step 7, 9c, 12)."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import connection
from django.db.models import F, QuerySet, Sum

from saas.kernel.transactions import retried_transaction
from saas.ledger import selectors as book
from saas.ledger import services as ledger
from saas.ledger.services import Move
from tenant_apps.modes.contract import PayeeKind
from tenant_apps.settlement.models import Award
from tenant_apps.settlement.rules import AwardState, Purse
from tenant_apps.settlement.services.debts import net_debts


@dataclass(frozen=True, kw_only=True)
class PeriodAward:
    """What a shop's period award comes to by its rule (fen), and whose account it goes to."""

    purse: Purse
    amount: int


def accrued(*, mode: str, start: dt.datetime, end: dt.datetime) -> dict[str, int]:
    """Fen set aside and not used up for each shop (ULID) by orders released in [start, end), claw-backs deducted."""
    rows = _open_accruals(mode, start, end).values("payee_ulid").annotate(left=Sum(F("amount") - F("clawed_amount")))
    return dict(rows.values_list("payee_ulid", "left"))


def lock_period(*, mode: str, period_key: str) -> None:
    """One worker at a time pays a period of a mode: held until the transaction ends; the next finds nothing left."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || '/period/' || %s || '/' || %s, 0))",
            [mode, period_key],
        )


@retried_transaction
def settle_period(
    *,
    mode: str,
    period_key: str,
    start: dt.datetime,
    end: dt.datetime,
    awards: Mapping[str, PeriodAward],
    now: dt.datetime,
) -> dict[str, int]:
    """Pay each shop's period award out of its own accrual, at most what it accrued; the rest goes to the house.

    `awards`: shop's ULID → award. Returns what each shop got. Once a period key: again, it pays nothing and returns
    nothing. What payees owe is netted at once.
    """
    rows = list(_open_accruals(mode, start, end).select_for_update().order_by("pk"))
    sums: dict[str, int] = {}
    for row in rows:
        sums[row.payee_ulid] = sums.get(row.payee_ulid, 0) + row.net_amount
    paid = {shop: min(awards[shop].amount, amount) for shop, amount in sums.items() if shop in awards}
    account = f"accrual.{mode}"
    moves = [Move(account, awards[shop].purse.account, amount) for shop, amount in paid.items() if amount]
    if rest := sum(sums.values()) - sum(paid.values()):
        moves.append(Move(account, "house", rest))
    if not moves:
        return {}
    document = f"period:{mode}:{period_key}"
    ledger.post_entry(key=document, kind="period_award", moves=moves, document=document, occurred_at=now)
    Award.objects.filter(pk__in=[row.pk for row in rows]).update(period_key=period_key)
    purses = sorted({awards[shop].purse for shop in paid}, key=lambda purse: purse.account)
    balances = book.balances([code for purse in purses for code in (purse.account, purse.debt)])
    net_debts(purses, balances, key=document, document=document, now=now)
    return paid


def _open_accruals(mode: str, start: dt.datetime, end: dt.datetime) -> QuerySet[Award]:
    return Award.objects.filter(
        mode=mode,
        payee_kind=PayeeKind.ACCRUAL,
        state=AwardState.RELEASED,
        period_key="",
        released_at__gte=start,
        released_at__lt=end,
    )
