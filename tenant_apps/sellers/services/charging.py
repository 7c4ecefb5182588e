"""What a seller is charged besides his sales: the yearly service fee (FEATURES G17), goods he had on credit (G14)."""

import datetime as dt

from saas.identity import audit
from saas.kernel.transactions import retried_transaction
from saas.ledger import selectors as book
from saas.ledger import services as ledger
from saas.ledger.services import Move
from tenant_apps.sellers.models import StatementLine
from tenant_apps.sellers.rules import LineKind, SellerState, credit_of, years_served
from tenant_apps.sellers.services.deciding import given, taken
from tenant_apps.sellers.services.editing import locked


@retried_transaction
def charge_service_fee(*, seller_ulid: str, now: dt.datetime) -> StatementLine | None:
    """Take the fee of the year of service that runs now, unless it was taken or there is none. Raises NotFound.

    Years are counted from the day on which the seller was entered. Shop growth's credit pays first, the rest becomes a
    deduction of the next statement; what the seller does not have coming yet he owes.
    """
    seller = locked(seller_ulid)
    source = f"fee:{seller_ulid}:{years_served(seller.created_at, now)}"
    fee = seller.service_fee_amount
    if seller.state != SellerState.ACTIVE or not fee or StatementLine.objects.filter(source=source).exists():
        return None
    credit = min(fee, max(0, book.available(credit_of(seller_ulid))))
    moves = [Move(credit_of(seller_ulid), "house", credit)] if credit else []
    if fee > credit:
        moves += taken(seller_ulid, fee - credit)
    line = StatementLine.objects.create(
        source=source, seller_ulid=seller_ulid, kind=LineKind.FEE, settled_at=now, amount=credit - fee
    )
    ledger.post_entry(key=source, kind="service_fee", moves=moves, document=source, occurred_at=now)
    audit.record("system", "seller.fee_charged", target=f"seller:{seller_ulid}", fee=fee, credit=credit)
    return line


@retried_transaction
def charge_goods(
    *, seller_ulid: str, amount: int, title: str, source: str, now: dt.datetime, kind: str = "goods_on_credit"
) -> StatementLine:
    """Book goods, or a courier, that a seller had from the mall: `amount` fen he owes for them, or with a minus gets back for them.

    A line of his next statement; what he does not have coming yet he owes. `source` is used once. The caller audits.
    Raises NotFound.
    """
    locked(seller_ulid)
    line_kind = LineKind.DEDUCTION if amount > 0 else LineKind.CORRECTION
    line = StatementLine.objects.create(
        source=source, seller_ulid=seller_ulid, kind=line_kind, title=title[:200], settled_at=now, amount=-amount
    )
    moves = taken(seller_ulid, amount) if amount > 0 else given(seller_ulid, -amount)
    ledger.post_entry(key=source, kind=kind, moves=moves, document=source, occurred_at=now)
    return line


def note_lent(*, seller_ulid: str, amount: int, now: dt.datetime) -> None:
    """Keep what the mall's goods in a store's keeping are worth (fen): whoever leaves first returns or pays them.

    Raises NotFound.
    """
    seller = locked(seller_ulid)
    seller.lent_amount, seller.updated_at = amount, now
    seller.save(update_fields=["lent_amount", "updated_at"])


@retried_transaction
def pay_delivery(*, seller_ulid: str, amount: int, title: str, source: str, now: dt.datetime) -> StatementLine:
    """Book what the mall pays a store for bringing its goods: `amount` fen, a line of its next statement; what it owes is
    settled first. `source` is used once. Raises NotFound.
    """
    locked(seller_ulid)
    line = StatementLine.objects.create(
        source=source,
        seller_ulid=seller_ulid,
        kind=LineKind.CORRECTION,
        title=title[:200],
        settled_at=now,
        amount=amount,
    )
    ledger.post_entry(
        key=source, kind="store_delivery", moves=given(seller_ulid, amount), document=source, occurred_at=now
    )
    return line
