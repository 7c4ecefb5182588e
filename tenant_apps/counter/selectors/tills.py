"""Reads of tills: whose they are, what is asked of whom, how a payment stands. Amounts in fen."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from saas.kernel.clock import china_date
from saas.kernel.errors import NotFound
from tenant_apps.counter.models import TillCharge
from tenant_apps.counter.rules import till
from tenant_apps.counter.rules.till import ChargeState
from tenant_apps.members.models import Member
from tenant_apps.orders import till_orders
from tenant_apps.orders.models import Order
from tenant_apps.orders.rules import OrderState
from tenant_apps.orders.till_orders import TillSums
from tenant_apps.payments import selectors as payments
from tenant_apps.payments.rules import PaymentState
from tenant_apps.sellers import people
from tenant_apps.sellers import selectors as sellers
from tenant_apps.sellers.models import Seller
from tenant_apps.sellers.rules import SettlementKind, start_of
from tenant_apps.sellers.staffing import ShopRole

UNANSWERED = dt.timedelta(minutes=2)  # from then on an unpaid sale whose payment was begun is named


class Progress(StrEnum):
    """How a charge or a sale stands, as the page at the counter says it."""

    ASKED = "asked"  # the shopper's phone shows it
    PAYING = "paying"  # there is an order, no payment was begun
    UNCONFIRMED = "unconfirmed"  # a payment was begun; the channel has said nothing yet
    PAID = "paid"
    REFUNDED = "refunded"
    OVER = "over"  # withdrawn, declined, cancelled, or not answered in time


@dataclass(frozen=True)
class ChargeView:
    """A charge with how it stands; `order` where the shopper has answered."""

    row: TillCharge
    progress: Progress
    order: Order | None


def till_by_code(code: str, *, now: dt.datetime) -> Seller:
    """The shop whose code is on the counter, if it may take money now. Raises NotFound."""
    row = sellers.seller_by_code(code)
    if row is None or not takes_money(row, now=now):
        raise NotFound
    return row


def takes_money(row: Seller, *, now: dt.datetime) -> bool:
    """Whether a shop has a till: it sells today, and is not paid by a supply price, which an amount has none of."""
    if row.settlement == SettlementKind.SUPPLIER:
        return False
    terms = sellers.terms([row.ulid], now=now)
    return row.ulid in terms and terms[row.ulid].sells


def tills_of(member: Member) -> list[Seller]:
    """The shops whose tills a member keeps: his own, and those where he works with the orders."""
    rows = people.shops_of(member, ShopRole.ORDERS)
    return [row for row in rows if row.settlement != SettlementKind.SUPPLIER]


def may_give_back(member: Member, seller: Seller) -> bool:
    """Whether a member gives money back at this till: its owner, and whoever works there with the money."""
    return ShopRole.MONEY in people.roles_in(seller, member)


def charge(seller_ulid: str, ulid: str, *, now: dt.datetime) -> ChargeView:
    """One charge of this shop's till. Raises NotFound."""
    row = TillCharge.objects.select_related("member").filter(seller_ulid=seller_ulid, ulid=ulid).first()
    if row is None:
        raise NotFound
    order = till_orders.sale(seller_ulid, row.order_ulid) if row.order_ulid else None
    return ChargeView(row, _progress(row, order, now), order)


def asked_of(member: Member, *, now: dt.datetime, ulid: str = "") -> TillCharge | None:
    """The newest charge that waits for this member's answer, or the one of that ULID; None where it waits no more."""
    rows = TillCharge.objects.filter(member=member, state=ChargeState.ASKED)
    if ulid:
        rows = rows.filter(ulid=ulid)
    row = rows.order_by("-pk").first()
    return row if row is not None and now < till.charge_ends(row.asked_at) else None


def progress_of(order: Order, now: dt.datetime) -> Progress:
    """How a sale stands (one statement where it is not paid)."""
    if order.state == OrderState.CANCELLED:
        return Progress.OVER
    if order.state == OrderState.REFUNDED:
        return Progress.REFUNDED
    if order.state != OrderState.PENDING_PAYMENT:
        return Progress.PAID
    begun = payments.payment_state(order.payment_document)
    return Progress.UNCONFIRMED if begun is not None and begun.state != PaymentState.CLOSED else Progress.PAYING


def unconfirmed(seller_ulid: str, *, now: dt.datetime) -> list[Order]:
    """Sales whose payment was begun some minutes ago and of which the channel has said nothing: nothing is lost of them."""
    rows = [row for row in till_orders.unpaid(seller_ulid) if now - row.placed_at >= UNANSWERED]
    return [row for row in rows if progress_of(row, now) is Progress.UNCONFIRMED]


def day_sums(seller_ulid: str, day: dt.date) -> TillSums:
    """What a till took and gave back on a day in China."""
    found = till_orders.sums(*span(day), seller_ulid=seller_ulid)
    return found[0] if found else TillSums(seller_ulid)


def day_sales(seller_ulid: str, day: dt.date) -> list[Order]:
    """The sales of a day in China, the newest first."""
    return till_orders.paid_between(seller_ulid, *span(day))


def span(day: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """A day in China as two instants."""
    return start_of(day), start_of(day + dt.timedelta(days=1))


def day_named(text: str, *, now: dt.datetime) -> dt.date:
    """`2026-11-22` as a day; anything else, and days to come, are today."""
    today = china_date(now)
    try:
        return min(dt.date.fromisoformat(text), today)
    except ValueError:
        return today


def _progress(row: TillCharge, order: Order | None, now: dt.datetime) -> Progress:
    if row.state in (ChargeState.WITHDRAWN, ChargeState.DECLINED):
        return Progress.OVER
    if order is not None:
        return progress_of(order, now)
    return Progress.ASKED if now < till.charge_ends(row.asked_at) else Progress.OVER
