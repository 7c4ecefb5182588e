"""Money at the counter: who the shopper is, what he is asked, his order, and money given back (FEATURES G6)."""

import datetime as dt
import secrets
from collections.abc import Sequence

from django.core.cache import cache
from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from saas.kernel.ids import new_ulid
from saas.kernel.states import check_transition
from tenant_apps.counter.models import TillCharge
from tenant_apps.counter.rules import till
from tenant_apps.counter.rules.till import CHARGE_TRANSITIONS, CODE_DIGITS, CODE_SECONDS, ChargeState
from tenant_apps.counter.selectors import tills as selectors
from tenant_apps.counter.services import cards_paying
from tenant_apps.members.models import Member
from tenant_apps.orders import services as orders
from tenant_apps.orders import till_orders
from tenant_apps.orders.models import Order, Refund
from tenant_apps.orders.rules import OrderState, RefundWish
from tenant_apps.orders.services.fulfilment import aftersales_end
from tenant_apps.payments import selectors as payments
from tenant_apps.payments import services as paying
from tenant_apps.sellers import selectors as sellers

_SHOWN, _USED = "till.code.{}", "till.used.{}"  # the cache adds the mall


class CodeUnknown(InvalidInput):
    """Nobody's phone shows this code, or not any more."""

    code = "member_code_unknown"
    message = _("Nobody shows this code now. Ask for a new one: each is good for a minute.")


class CodeUsed(DomainError):
    """The code was scanned before."""

    code = "member_code_used"
    message = _("This code has been scanned already. Ask for a new one: each is good once.")  # type: ignore[assignment]


class NoTill(DomainError):
    """The shop may not take money now, or is paid by supply prices, which an amount has none of."""

    code = "no_till"
    message = _("“{shop}” takes no money at the counter at the moment.")  # type: ignore[assignment]


class ChargeOver(DomainError):
    """The charge was answered, withdrawn, or waited too long."""

    code = "charge_over"
    message = _("This payment is not asked for any more. Ask at the counter.")  # type: ignore[assignment]


def show_code(*, member: Member) -> str:
    """A fresh code that says who a member is, for a minute and one scan. Kept in the cache alone."""
    while True:
        code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
        if cache.add(_SHOWN.format(code), member.ulid, CODE_SECONDS):
            return code


def charge_member(
    *, seller_ulid: str, amount: int, code: str, actor: str, now: dt.datetime, note: str = ""
) -> TillCharge:
    """Ask the member who shows `code` to pay `amount` fen at a shop's till: his phone shows it. The code is used up.

    Raises NotFound, NoTill, orders.TillAmountInvalid, InvalidInput (note), CodeUnknown, CodeUsed.
    """
    _require_till(seller_ulid, now)
    orders.check_till_amount(amount)
    if len(note.strip()) > till.MAX_NOTE:
        raise InvalidInput(gettext("A note has up to 40 characters."), field="note")
    member = _scanned(code)
    with transaction.atomic():
        row = TillCharge(
            ulid=new_ulid(),
            seller_ulid=seller_ulid,
            member=member,
            amount=amount,
            note=note.strip(),
            asked_by=actor,
            asked_at=now,
        )
        row.save(force_insert=True)
        audit.record(actor, "till.charged", target=f"seller:{seller_ulid}", charge=row.ulid, amount=amount)
    return row


def withdraw_charge(*, seller_ulid: str, ulid: str, actor: str, now: dt.datetime) -> TillCharge:
    """Ask no more; an order that is not paid yet is cancelled with it. Raises NotFound, IllegalTransition, when it is paid."""
    with transaction.atomic():
        row = _locked(ulid)
        if row.seller_ulid != seller_ulid:
            raise NotFound
        check_transition(CHARGE_TRANSITIONS, ChargeState(row.state), ChargeState.WITHDRAWN)
        if row.order_ulid:
            orders.cancel_order(order_ulid=row.order_ulid, actor=actor, reason="withdrawn at the till", now=now)
        _answer(row, ChargeState.WITHDRAWN, now)
        audit.record(actor, "till.withdrawn", target=f"seller:{seller_ulid}", charge=ulid)
    return row


def decline_charge(*, ulid: str, member: Member, now: dt.datetime) -> TillCharge:
    """The shopper does not pay this. Raises NotFound, IllegalTransition."""
    with transaction.atomic():
        row = _locked(ulid)
        if row.member_id != member.pk:
            raise NotFound
        check_transition(CHARGE_TRANSITIONS, ChargeState(row.state), ChargeState.DECLINED)
        _answer(row, ChargeState.DECLINED, now)
    return row


def pay_at_till(
    *,
    member: Member,
    seller_ulid: str,
    amount: int,
    expected_total: int,
    idempotency_key: str,
    now: dt.datetime,
    charge_ulid: str = "",
    voucher_amount: int = 0,
    coupons: Sequence[str] = (),
    coins: int = 0,
    cards: Sequence[str] = (),
) -> Order:
    """The order by which a member pays `amount` fen at a till, less his coupons, vouchers and coins; it waits for its
    payment. A stored-value card of the shop among `cards` (ULIDs) pays what it can of it.

    With `charge_ulid` it answers that charge, whose amount counts. The same key gives the same order. Raises NoTill,
    ChargeOver and what cards_paying.place_purchase raises; then nothing has changed.
    """
    with transaction.atomic():
        row = _locked(charge_ulid) if charge_ulid else None
        if row is not None:
            if row.member_id != member.pk or row.seller_ulid != seller_ulid:
                raise NotFound
            if row.order_ulid and row.state == ChargeState.ORDERED:
                return till_orders.sale(seller_ulid, row.order_ulid)  # a second press
            if row.state != ChargeState.ASKED or now >= till.charge_ends(row.asked_at):
                raise ChargeOver
            amount = row.amount
        _require_till(seller_ulid, now)
        order = cards_paying.place_purchase(
            member=member,
            cards=cards,
            lines=[orders.till_line(seller_ulid, amount)],
            address=None,
            expected_total=expected_total,
            idempotency_key=idempotency_key,
            now=now,
            remark=row.note if row else "",
            voucher_amount=voucher_amount,
            coupons=coupons,
            coins=coins,
        ).first
        if row is not None:
            row.order_ulid = order.ulid
            _answer(row, ChargeState.ORDERED, now)
    return order


def refund_sale(
    *, seller_ulid: str, order_ulid: str, amount: int | None, reason: str, actor: str, now: dt.datetime
) -> Refund:
    """Give money of a sale back at the till, inside its after-sales window: `amount` fen of its value, or all that is left.

    What its vouchers paid comes back as vouchers. Raises NotFound, InvalidInput (reason), orders.AftersalesClosed,
    orders.NothingToRefund, orders.RefundAbovePaid.
    """
    with transaction.atomic():
        sale = till_orders.sale(seller_ulid, order_ulid)
        if sale.state == OrderState.COMPLETED or (sale.received_at is not None and now >= aftersales_end(sale)):
            raise orders.AftersalesClosed
        line = next(iter(sale.lines.all()))
        case = orders.request_refund(
            order_ulid=order_ulid,
            reason=reason,
            actor=actor,
            now=now,
            wishes=None if amount is None else [RefundWish(line.ulid, 0, amount)],
        )
        refund = orders.approve_refund(refund_ulid=case.ulid, actor=actor, now=now, restock=False)
        audit.record(actor, "till.refunded", target=f"order:{order_ulid}", reason=reason, amount=refund.amount)
    return refund


def ask_channel(*, seller_ulid: str, order_ulid: str, now: dt.datetime) -> str:
    """Ask the channel about a sale's payment whose notice has not come, and do what follows; the outcome in one word.

    Not inside a transaction. Raises NotFound.
    """
    sale = till_orders.sale(seller_ulid, order_ulid)
    if sale.state != OrderState.PENDING_PAYMENT:
        return "final"
    begun = payments.payment_state(sale.payment_document)
    return paying.query_payment(payment_ulid=begun.ulid, now=now) if begun else "not_begun"


def _scanned(text: str) -> Member:
    code = till.code_in(text)
    if not code:
        raise CodeUnknown(field="code")
    ulid = cache.get(_SHOWN.format(code))
    if ulid is None:
        raise CodeUsed if cache.get(_USED.format(code)) else CodeUnknown(field="code")
    if not cache.add(_USED.format(code), 1, 10 * CODE_SECONDS):  # of many who scan at the same moment one succeeds
        raise CodeUsed
    cache.delete(_SHOWN.format(code))
    member = Member.objects.filter(ulid=ulid, closed_at=None).first()
    if member is None:
        raise CodeUnknown(field="code")
    return member


def _require_till(seller_ulid: str, now: dt.datetime) -> None:
    row = sellers.seller(seller_ulid)
    if not selectors.takes_money(row, now=now):
        raise NoTill(shop=row.name)


def _locked(ulid: str) -> TillCharge:
    row = TillCharge.objects.select_for_update(of=("self",), no_key=True).filter(ulid=ulid).first()
    if row is None:
        raise NotFound
    return row


def _answer(row: TillCharge, state: ChargeState, now: dt.datetime) -> None:
    row.state, row.answered_at = state, now
    row.save(update_fields=["state", "answered_at", "order_ulid"])
