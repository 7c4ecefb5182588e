"""Vouchers in the book: drawn out of cohorts into the reserve, expired back into the pool (MODES 2.1, 11e)."""

import datetime as dt

from saas.kernel.transactions import retried_transaction
from saas.ledger import services as ledger
from saas.ledger.services import Move
from saas.messaging.notices import services as notices
from tenant_apps.members import selectors as members
from tenant_apps.modes import sentences
from tenant_apps.modes.subsidy import selectors as subsidy
from tenant_apps.modes.subsidy.services import vouchers
from tenant_apps.sellers import selectors as sellers

RESERVE = "voucher.reserve"


@retried_transaction
def draw_vouchers(*, member_ulid: str, now: dt.datetime) -> int:
    """Turn all that a member's lots have come to into vouchers; fen that are new.

    Called when he looks at them and before he spends; at night for those who asked for a notice. Raises NotFound.
    """
    _holder, drawn = vouchers.draw(
        member_ulid=member_ulid,
        sellers=sellers.owned_by(member_ulid),
        valid_days=subsidy.terms_in_force(now=now).values.voucher_valid_days,
        now=now,
    )
    for one in drawn:
        ledger.post_entry(
            key=f"voucher:{one.voucher.ulid}",
            kind="subsidy.vouchers",
            moves=[Move(account, RESERVE, amount) for account, amount in one.parts],
            document=f"voucher:{one.voucher.ulid}",
            occurred_at=now,
        )
    return sum(one.voucher.amount for one in drawn)


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
