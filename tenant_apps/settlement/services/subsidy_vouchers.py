"""Vouchers in the book: drawn out of cohorts into the reserve, expired back into the pool (MODES 2.1, 11e)."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from saas.kernel.clock import china_date
from saas.kernel.transactions import retried_transaction
from saas.ledger import services as ledger
from saas.ledger.services import Move
from saas.messaging.notices import services as notices
from tenant_apps.members import selectors as members
from tenant_apps.modes import sentences
from tenant_apps.modes.models import SettingsVersion
from tenant_apps.modes.subsidy import overview
from tenant_apps.modes.subsidy import selectors as subsidy
from tenant_apps.modes.subsidy.models import Lot
from tenant_apps.modes.subsidy.services import drawing, telling, vouchers
from tenant_apps.modes.subsidy.services.drawing import LotsChanged
from tenant_apps.sellers import selectors as sellers

RESERVE = "voucher.reserve"


@dataclass(frozen=True, kw_only=True)
class Look:
    """What a member's page is made of: all his lots, newest first, and terms that take effect later."""

    lots: Sequence[Lot]
    announced: Sequence[SettingsVersion]


def look_at_vouchers(*, member_ulid: str, now: dt.datetime) -> Look:
    """Read a member's lots and draw what is new (MODES 2.1): 2 statements, 4 and the transaction's own where something is."""
    terms, announced = subsidy.terms_and_announced(now=now)
    rows = subsidy.lots_of(member_ulid, sellers=sellers.owned_query(member_ulid))
    if any(one.undrawn_amount for one in overview.figures_of(rows)):
        _draw(member_ulid, rows, terms.values.voucher_valid_days, now)
    return Look(lots=rows, announced=announced)


def draw_vouchers(*, member_ulid: str, now: dt.datetime) -> int:
    """Turn all that a member's lots have come to into vouchers; fen that are new (4 statements, 3 where nothing is).

    Called before he spends; at night for those who asked for a notice.
    """
    rows = subsidy.lots_of(member_ulid, sellers=sellers.owned_query(member_ulid), open_only=True)
    return _draw(member_ulid, rows, subsidy.terms_in_force(now=now).values.voucher_valid_days, now)


@retried_transaction
def _draw(member_ulid: str, rows: Sequence[Lot], valid_days: int, now: dt.datetime) -> int:
    """Draw lots as they were read, or, where one has changed since, as they are; one entry for all vouchers. Fen."""
    try:
        drawn = drawing.draw(member_ulid=member_ulid, rows=rows, valid_days=valid_days, now=now)
    except LotsChanged:
        again = subsidy.lots_of(member_ulid, sellers=sellers.owned_query(member_ulid), open_only=True)
        drawn = drawing.draw(member_ulid=member_ulid, rows=again, valid_days=valid_days, now=now)
    if drawn.vouchers:
        document = f"voucher:{drawn.vouchers[0][0]}"
        moves = [Move(account, RESERVE, amount) for account, amount in drawn.parts]
        ledger.post_entry(key=document, kind="subsidy.vouchers", moves=moves, document=document, occurred_at=now)
    return drawn.amount


def draw_and_tell(*, member_ulid: str, now: dt.datetime) -> int:
    """Draw for a member who asked to be told, and send him the notice; fen that are new."""
    amount = draw_vouchers(member_ulid=member_ulid, now=now)
    member = members.member_by_ulid(member_ulid)
    if amount and member.user.phone:
        notices.send_notice(
            kind="vouchers_drawn",
            to_phone=member.user.phone,
            to_email="",
            context={"amount": sentences.yuan(amount)},
            key=f"vouchers:{member_ulid}:{now:%Y-%m-%d}",
        )
    return amount


@retried_transaction
def tell_of_terms(*, now: dt.datetime, limit: int = 500) -> int:
    """Send the next `limit` members with lots an SMS about the newest terms that take effect later (MODES 14 #11); how many."""
    announced = subsidy.announced_terms(now=now)
    if not announced:
        return 0
    newest = max(announced, key=lambda one: one.number)
    told = 0
    for ulid in telling.next_to_tell(version=newest.ulid, limit=limit):
        phone = members.member_by_ulid(ulid).user.phone
        if phone:
            notices.send_notice(
                kind="subsidy_terms",
                to_phone=phone,
                to_email="",
                context={"day": f"{china_date(newest.effective_from):%Y-%m-%d}"},
                key=f"subsidy-terms:{newest.ulid}:{ulid}",
            )
            told += 1
    return told


@retried_transaction
def expire_voucher(*, voucher_id: int, now: dt.datetime) -> int:
    """What is left of a voucher whose time is over returns to its pool; fen."""
    row, amount = vouchers.expire(voucher_id=voucher_id, now=now)
    if amount:
        ledger.post_entry(
            key=f"voucher:{row.ulid}:expired:{row.expired_amount}",
            kind="subsidy.expired",
            moves=[Move(RESERVE, row.pool.account, amount)],
            document=f"voucher:{row.ulid}",
            occurred_at=now,
        )
    return amount
