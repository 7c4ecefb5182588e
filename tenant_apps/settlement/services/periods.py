"""A shop's month: what its period modes pay, out of what its orders set aside; and what refunds take back later.

Month tick + 7 days (MODES 9c, 12): a month is paid from the eighth day of the next one on, all shops of a mode in one
transaction, once. A refund after that lowers the month: the next month's tick recomputes it and takes back the excess.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import F, Sum

from saas.kernel.transactions import retried_transaction
from saas.ledger import selectors as book
from saas.ledger import services as ledger
from saas.ledger.services import Move
from tenant_apps.modes import selectors as modes
from tenant_apps.modes.period_contract import PeriodAward, PeriodPayee, ShopPeriod
from tenant_apps.modes.registry import PERIODS
from tenant_apps.modes.selectors import Pinned
from tenant_apps.sellers import selectors as sellers
from tenant_apps.sellers import services as seller_services
from tenant_apps.sellers.rules import ROLLING_DAYS, credit_of, start_of
from tenant_apps.sellers.rules import debt_of as seller_debt_of
from tenant_apps.settlement.models import PeriodPayment
from tenant_apps.settlement.rules import Purse, member_purse
from tenant_apps.settlement.services import accruals

DAYS_AFTER = 7
MONTHS_BACK = 3  # how far a round looks for months that were missed, and for refunds of months that were paid


@dataclass(frozen=True)
class Month:
    """A calendar month in China."""

    first: dt.date

    @property
    def after(self) -> dt.date:
        """The first day of the next month."""
        return (self.first + dt.timedelta(days=32)).replace(day=1)

    @property
    def key(self) -> str:
        """`2026-11`."""
        return f"{self.first:%Y-%m}"

    @property
    def due_at(self) -> dt.datetime:
        """From when on it is paid."""
        return start_of(self.after + dt.timedelta(days=DAYS_AFTER))

    def before(self) -> "Month":
        """The month before."""
        return Month((self.first - dt.timedelta(days=1)).replace(day=1))


def months_due(today: dt.date, now: dt.datetime) -> Sequence[Month]:
    """The last months whose day of payment has come, the oldest first."""
    month = Month(today.replace(day=1))
    found: list[Month] = []
    while len(found) < MONTHS_BACK:
        month = month.before()
        if month.due_at <= now:
            found.append(month)
    return found[::-1]


@retried_transaction
def pay_month(*, mode: str, month: Month, now: dt.datetime) -> int:
    """Pay every shop's month of a mode, at most its accrual; the rest goes to the house. How many shops had one.

    Once a month: what has been used up is not found again. Settings are those in force at the month's end; where the
    mode was off, all that was set aside is the house's.
    """
    start, end = start_of(month.first), start_of(month.after)
    accruals.lock_period(mode=mode, period_key=month.key)
    set_aside = accruals.accrued(mode=mode, start=start, end=end)
    if not set_aside:
        return 0
    pinned = modes.current_settings(mode=mode, now=end - dt.timedelta(microseconds=1))
    found = {shop: award for shop in sorted(set_aside) if (award := _award(mode, pinned, shop, month))}
    paid = accruals.settle_period(
        mode=mode,
        period_key=month.key,
        start=start,
        end=end,
        awards={shop: accruals.PeriodAward(purse=_purse(one), amount=one.amount) for shop, one in found.items()},
        now=now,
    )
    PeriodPayment.objects.bulk_create(
        PeriodPayment(
            mode=mode,
            seller_ulid=shop,
            period_key=month.key,
            payee_kind=award.payee_kind,
            payee_ulid=award.payee,
            settings_version=pinned.ulid if pinned else "",
            base_amount=award.base_amount,
            rate_ppm=award.rate_ppm,
            due_amount=award.amount,
            amount=paid.get(shop, 0),
            data=dict(award.data),
            checked_key=month.key,
            paid_at=now,
        )
        for shop, award in found.items()
    )
    for shop, award in found.items():
        if award.level:
            seller_services.set_level(seller_ulid=shop, level=award.level, now=now)
    return len(set_aside)


@retried_transaction
def recompute(*, payment_id: int, month: Month, now: dt.datetime) -> int:
    """Take back what a paid month has too much since refunds lowered it; fen taken back. Once a month of ticks.

    Out of the payee's account, else as his debt, to the house, which had borne the refunds of the accruals.
    """
    row = PeriodPayment.objects.select_for_update().get(pk=payment_id)
    if row.checked_key >= month.key:
        return 0
    row.checked_key = month.key
    paid_for = Month(dt.date.fromisoformat(f"{row.period_key}-01"))
    end = start_of(paid_for.after)
    pinned = modes.current_settings(mode=row.mode, now=end - dt.timedelta(microseconds=1))
    award = _award(row.mode, pinned, row.seller_ulid, paid_for, prior=row)
    back = row.net_amount - min(row.net_amount, award.amount if award else 0)
    if back:
        row.clawed_amount += back
        ledger.post_entry(
            key=f"period:{row.mode}:{row.period_key}:{row.seller_ulid}:{row.clawed_amount}",
            kind="period_taken_back",
            moves=_back(row, back),
            document=f"period:{row.mode}:{row.period_key}",
            occurred_at=now,
        )
    row.save(update_fields=["checked_key", "clawed_amount"])
    return back


def to_recompute(month: Month) -> list[int]:
    """Payments of earlier months, as far back as refunds are looked for, that this month's tick has not seen."""
    oldest = month
    for _ in range(MONTHS_BACK):
        oldest = oldest.before()
    rows = PeriodPayment.objects.filter(
        period_key__gte=oldest.key, period_key__lt=month.key, checked_key__lt=month.key, amount__gt=F("clawed_amount")
    )
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _award(
    mode: str, pinned: Pinned | None, shop: str, month: Month, prior: PeriodPayment | None = None
) -> PeriodAward | None:
    """What the rule says of a shop's month as it stands now; with `prior`, paid to whom it was paid then."""
    row = next(iter(sellers.shops([shop])), None)
    if pinned is None or row is None:
        return None
    manager = row.owner.ulid if row.owner and row.owner.closed_at is None else ""
    referrer = row.referrer.ulid if row.referrer and row.referrer.closed_at is None else ""
    if prior is not None and prior.payee_kind == PeriodPayee.MEMBER:
        manager = prior.payee_ulid if mode == "manager_award" else manager
        referrer = prior.payee_ulid if mode == "merchant_referral" else referrer
    days = sellers.turnover_of(shop, first=month.first, after=month.after)
    since = row.referrer_since.date() if row.referrer_since else month.first
    facts = ShopPeriod(
        seller=shop,
        store=shop if row.is_store else "",
        manager=manager,
        referrer=referrer,
        turnover=days.turnover,
        fee=days.fee,
        rolling_turnover=sellers.turnover_of(
            shop, first=month.after - dt.timedelta(days=ROLLING_DAYS), after=month.after
        ).turnover,
        turnover_before=sellers.turnover_of(shop, first=since, after=month.first).turnover,
        paid_before=_paid_before(mode, shop, month),
        level=prior.data.get("level", row.level) if prior is not None else row.level,
        score_ppm=row.score_ppm,
        has_violation=row.has_violation,
    )
    return PERIODS[mode].period_award(pinned.values, facts)


def _paid_before(mode: str, shop: str, month: Month) -> int:
    rows = PeriodPayment.objects.filter(mode=mode, seller_ulid=shop, period_key__lt=month.key)
    paid: int = rows.aggregate(sum=Sum(F("amount") - F("clawed_amount"), default=0))["sum"]
    return paid


def _purse(award: PeriodAward) -> Purse:
    """A credit owes nothing: it pays fees alone."""
    return member_purse(award.payee) if award.payee_kind is PeriodPayee.MEMBER else Purse(credit_of(award.payee))


def _back(row: PeriodPayment, amount: int) -> list[Move]:
    if row.payee_kind == PeriodPayee.MEMBER:
        purse = member_purse(row.payee_ulid)
    else:
        purse = Purse(credit_of(row.payee_ulid), seller_debt_of(row.payee_ulid))
    there = min(amount, max(0, book.available(purse.account)))
    moves = [Move(purse.account, "house", there)] if there else []
    return [*moves, Move(purse.debt, "house", amount - there)] if amount > there else moves
