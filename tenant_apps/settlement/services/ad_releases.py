"""Advertising's money (MODES 13a): booked income into the mall's own account, releases of a day out of it.

A day is settled after it is over, once: its shares are fixed in one transaction, then paid in batches, each in one of
its own. So a run may be cut off anywhere, two workers may run at once, and no more leaves than the day's budget.
"""

import datetime as dt

from saas.kernel.crashpoint import crashpoint
from saas.kernel.transactions import retried_transaction
from saas.ledger import selectors as book
from saas.ledger import services as ledger
from saas.ledger.services import Move
from tenant_apps.modes.advertising import selectors as ads
from tenant_apps.modes.advertising import services as ad_services
from tenant_apps.modes.advertising.models import AdIncome, AdView
from tenant_apps.modes.advertising.rules import AD_POINTS
from tenant_apps.settlement.rules import member_purse
from tenant_apps.settlement.services.debts import net_debts

BATCH = 200


@retried_transaction
def book_ad_income(
    *, amount: int, advertiser: str, reference: str, note: str = "", actor: str, now: dt.datetime
) -> AdIncome:
    """Book ad income that has arrived at the bank (fen; below zero: a correction). Today's budget is a part of it.

    Raises InvalidInput naming the field; then nothing has changed.
    """
    row = ad_services.record_income(
        amount=amount, advertiser=advertiser, reference=reference, note=note, actor=actor, now=now
    )
    move = Move("bank", "house", amount) if amount > 0 else Move("house", "bank", -amount)
    ledger.post_entry(
        key=f"ads:income:{row.ulid}",
        kind="ad_income",
        moves=[move],
        document=f"ad_income:{row.ulid}",
        occurred_at=now,
        memo=f"{row.advertiser} {row.reference}"[:200],
    )
    return row


def release_day(*, day: dt.date, now: dt.datetime) -> int:
    """Settle a day: fix every share, pay them, close it; fen paid by this call. Nothing on a closed day."""
    _compute(day=day, now=now)
    crashpoint("ads.computed")
    paid = 0
    while (batch := _pay_batch(day=day, now=now)) is not None:
        crashpoint("ads.batch_paid")
        paid += batch
    ad_services.close_day(day=day, now=now)
    return paid


@retried_transaction
def _compute(*, day: dt.date, now: dt.datetime) -> None:
    members = sorted({view.member_ulid for view in ads.views_of_day(day)})
    accounts = {member_purse(member).account: member for member in members}
    found = book.balances(accounts, AD_POINTS)
    points = {member: max(0, found[account].available) for account, member in accounts.items()}
    ad_services.compute_day(day=day, points=points, now=now)


@retried_transaction
def _pay_batch(*, day: dt.date, now: dt.datetime) -> int | None:
    """Pay the next shares of a day; None: nothing waits (for this worker)."""
    views = ad_services.waiting_views(day=day, limit=BATCH)
    if not views:
        return None
    paid = _affordable(views)
    document = f"ad_day:{day:%Y-%m-%d}"
    key = f"ads:release:{day:%Y-%m-%d}:{views[0].pk}"
    moves = []
    for view in views:
        if amount := paid[view.pk]:
            account = member_purse(view.member_ulid).account
            moves += [Move("house", account, amount), Move(account, "issued", amount, AD_POINTS)]
    if moves:
        ledger.post_entry(key=key, kind="ad_release", moves=moves, document=document, occurred_at=now)
    ad_services.mark_released(day=day, paid=paid, views=views, now=now)
    purses = sorted({member_purse(view.member_ulid) for view in views if paid[view.pk]}, key=lambda one: one.account)
    balances = book.balances([code for purse in purses for code in (purse.account, purse.debt)])
    net_debts(purses, balances, key=key, document=document, now=now)
    return sum(paid.values())


def _affordable(views: list[AdView]) -> dict[int, int]:
    """By view, its share, at most the points that are still there: a refund may have taken some since the day."""
    accounts = {view.member_ulid: member_purse(view.member_ulid).account for view in views}
    found = book.balances(set(accounts.values()), AD_POINTS)
    left = {member: max(0, found[account].available) for member, account in accounts.items()}
    paid = {}
    for view in views:
        paid[view.pk] = min(view.due_amount, left[view.member_ulid])
        left[view.member_ulid] -= paid[view.pk]
    return paid
