"""Buyers' invoices: asked for by order, issued by its seller or the mall as number and file, corrected after refunds."""

import datetime as dt

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from saas.kernel.ids import new_ulid
from saas.kernel.states import check_transition
from saas.tenants.malls.activation import active_mall_ulid
from tenant_apps.care.invoicing import (
    LIVE,
    MAX_FILE_BYTES,
    REQUEST_DAYS,
    TRANSITIONS,
    InvoiceState,
    TitleKind,
    is_invoice_number,
    is_tax_number,
    red_owed,
)
from tenant_apps.care.models import Invoice
from tenant_apps.care.services.texting import text_member
from tenant_apps.members.models import Member
from tenant_apps.orders import selectors as orders
from tenant_apps.orders import services as order_services
from tenant_apps.orders.models import Order
from tenant_apps.orders.rules import PAID_ONCE


class NothingToInvoice(DomainError):
    """The order is not paid, everything has gone back, or it is too long ago."""

    code = "nothing_to_invoice"
    message = _("An invoice can be asked for what was paid in money, within {days} days of payment.")  # type: ignore[assignment]


class InvoiceAskedAlready(DomainError):
    """An order has one invoice that stands."""

    code = "invoice_asked_already"
    message = _("This order has an invoice already.")  # type: ignore[assignment]


def ask_invoice(
    *, order_ulid: str, member: Member, kind: str, title: str, now: dt.datetime, tax_number: str = "", email: str = ""
) -> Invoice:
    """A buyer asks for the invoice of an order: what was paid in money and not given back, freight included (fen).

    Raises NotFound, NothingToInvoice, InvoiceAskedAlready, InvalidInput (kind, title, tax_number); nothing has changed.
    """
    title, number = title.strip(), tax_number.strip().upper().replace(" ", "")
    if kind not in list(TitleKind):
        raise InvalidInput(gettext("Choose person or company."), field="kind")
    if not 1 <= len(title) <= 80:
        raise InvalidInput(gettext("A title has 1 to 80 characters."), field="title")
    if kind == TitleKind.COMPANY and not is_tax_number(number):
        raise InvalidInput(
            gettext("This is no tax number: 18 characters, and the last must fit the others."), field="tax_number"
        )
    with transaction.atomic():
        order = orders.locked_order(order_ulid)
        if order.member_id != member.pk:
            raise NotFound
        amount = order.total_amount - order.refunded_amount
        late = order.paid_at is not None and now >= order.paid_at + dt.timedelta(days=REQUEST_DAYS)
        if order.state not in PAID_ONCE or amount <= 0 or late:
            raise NothingToInvoice(days=REQUEST_DAYS)
        if Invoice.objects.filter(order=order, state__in=sorted(LIVE)).exists():
            raise InvoiceAskedAlready
        invoice = Invoice.objects.create(
            ulid=new_ulid(),
            order=order,
            member=member,
            seller_ulid=order.seller_ulid,
            title_kind=kind,
            title=title,
            tax_number=number if kind == TitleKind.COMPANY else "",
            amount=amount,
            requested_at=now,
        )
        _told(order, "invoice_asked", f"member:{member.ulid}", now)
    return invoice


def withdraw_invoice(*, invoice_ulid: str, member: Member, now: dt.datetime) -> Invoice:
    """The buyer needs it no more, before it is issued. Raises NotFound, IllegalTransition."""
    with transaction.atomic():
        invoice = _locked(invoice_ulid, None)
        if invoice.member_id != member.pk:
            raise NotFound
        _move(invoice, InvoiceState.WITHDRAWN, f"member:{member.ulid}", now)
    return invoice


def issue_invoice(
    *,
    invoice_ulid: str,
    number: str,
    actor: str,
    now: dt.datetime,
    file: bytes = b"",
    seller_ulid: str | None = None,
) -> Invoice:
    """It has been issued: its number, and the PDF if there is one; what is owed as a red letter is issued the same way.

    With `seller_ulid` only an own one. Raises NotFound, IllegalTransition, InvalidInput (number, file).
    """
    number = number.strip()
    if not is_invoice_number(number):
        raise InvalidInput(gettext("An invoice number has 8 to 20 digits."), field="number")
    _require_pdf(file)
    with transaction.atomic():
        invoice = _locked(invoice_ulid, seller_ulid)
        name = new_ulid() if file else ""
        if invoice.state == InvoiceState.RED_DUE:
            invoice.red_letters = [
                *invoice.red_letters,
                {"number": number, "amount": invoice.red_amount, "at": now.isoformat(), "file": name},
            ]
            invoice.red_done_amount += invoice.red_amount
            invoice.red_amount = 0
            onward = InvoiceState.ISSUED if invoice.amount > invoice.red_done_amount else InvoiceState.REVERSED
            _move(invoice, onward, actor, now, action="red_issued")
        else:
            invoice.number, invoice.file, invoice.issued_at = number, name, now
            _move(invoice, InvoiceState.ISSUED, actor, now, action="issued")
        if file:
            default_storage.save(_key(name), ContentFile(file))
        text_member(
            member=invoice.member,
            kind="buyer_invoice_issued",
            context={"number": invoice.order.number},
            key=f"invoice:{invoice.ulid}:{number}",
            now=now,
        )
        follow_refunds(order=invoice.order, now=now)  # money may have gone back while it was being issued
    return invoice


def refuse_invoice(
    *, invoice_ulid: str, reason: str, actor: str, now: dt.datetime, seller_ulid: str | None = None
) -> Invoice:
    """It cannot be issued, with the reason that the buyer reads; he may ask anew. Raises NotFound, IllegalTransition, InvalidInput."""
    if not reason.strip():
        raise InvalidInput(gettext("Please say why."), field="reason")
    with transaction.atomic():
        invoice = _locked(invoice_ulid, seller_ulid)
        invoice.reason = reason.strip()[:200]
        _move(invoice, InvoiceState.REFUSED, actor, now, action="refused")
    return invoice


def follow_refunds(*, order: Order, now: dt.datetime) -> None:
    """Let the order's standing invoice follow what has gone back: lower while it waits, a red letter once it is issued.

    A repeat changes nothing.
    """
    with transaction.atomic():
        order = orders.locked_order(order.ulid)
        invoice = Invoice.objects.select_for_update().filter(order=order, state__in=sorted(LIVE)).first()
        if invoice is None:
            return
        kept = order.total_amount - order.refunded_amount
        if invoice.state == InvoiceState.REQUESTED:
            if kept <= 0:
                _move(invoice, InvoiceState.WITHDRAWN, "system", now)
            elif kept != invoice.amount:
                invoice.amount = kept
                invoice.save(update_fields=["amount"])
            return
        owed = red_owed(
            issued=invoice.amount,
            red_done=invoice.red_done_amount,
            total=order.total_amount,
            refunded=order.refunded_amount,
        )
        if owed and owed != invoice.red_amount:
            invoice.red_amount = owed
            if invoice.state == InvoiceState.ISSUED:
                _move(invoice, InvoiceState.RED_DUE, "system", now)
            else:
                invoice.save(update_fields=["red_amount"])


def read_file(invoice: Invoice, name: str) -> bytes:
    """The PDF of an invoice or of one of its red letters. Raises NotFound."""
    names = {invoice.file, *(one["file"] for one in invoice.red_letters)} - {""}
    if name not in names:
        raise NotFound
    try:
        with default_storage.open(_key(name)) as file:
            content: bytes = file.read()
    except FileNotFoundError:
        raise NotFound from None
    return content


def _move(invoice: Invoice, wanted: InvoiceState, actor: str, now: dt.datetime, *, action: str = "") -> None:
    check_transition(TRANSITIONS, InvoiceState(invoice.state), wanted)
    invoice.state, invoice.changed_by, invoice.changed_at = wanted, actor, now
    invoice.save()
    if action:
        audit.record(actor, f"buyer_invoice.{action}", target=f"buyer_invoice:{invoice.ulid}", reason=invoice.reason)
        _told(invoice.order, f"invoice_{action}", actor, now, invoice.reason if action == "refused" else "")


def _told(order: Order, action: str, actor: str, now: dt.datetime, reason: str = "") -> None:
    order_services.note_history(order, action=action, actor=actor, now=now, reason=reason)


def _locked(ulid: str, seller_ulid: str | None) -> Invoice:
    """Order first, then invoice: the order in which refunds take them."""
    found = Invoice.objects.filter(ulid=ulid).values("order__ulid", "seller_ulid").first()
    if found is None or (seller_ulid is not None and found["seller_ulid"] != seller_ulid):
        raise NotFound
    orders.locked_order(found["order__ulid"])
    return Invoice.objects.select_for_update(of=("self",)).select_related("order", "member__user").get(ulid=ulid)


def _require_pdf(file: bytes) -> None:
    if file and (len(file) > MAX_FILE_BYTES or not file.startswith(b"%PDF-")):
        raise InvalidInput(gettext("The file must be a PDF of at most 5 MB."), field="file")


def _key(name: str) -> str:
    return f"t/{active_mall_ulid()}/private/invoices/{name}.pdf"
