"""Invoices: made with their entries, numbered and booked in one go; corrected by credit notes alone."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from billing.models import BillingEntry, CreditNote, Invoice, PlanVersion, Subscription
from billing.rules import invoices as rules
from billing.rules.dunning import PAYMENT_DAYS
from billing.rules.invoices import DocumentState, EntryKind, PaymentState, TaxState
from billing.rules.periods import Span
from billing.rules.plans import Period
from billing.selectors import accounts
from saas.identity import audit
from saas.kernel.clock import china_date
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from saas.kernel.ids import new_ulid
from saas.kernel.states import check_transition
from saas.kernel.transactions import retried_transaction
from saas.ledger import services as ledger
from saas.ledger.services import Move
from saas.tenants.vendors import selectors as vendor_facts

INVOICE_SERIES, CREDIT_SERIES = "MW", "CN"


class InvoiceNotCreditable(DomainError):
    """Void, or credited whole already."""

    code = "invoice_not_creditable"
    message = _("Nothing more can be credited on this invoice.")


class TaxDataMissing(InvalidInput):
    """A tax invoice needs a title and a taxpayer number."""

    code = "tax_data_missing"
    message = _("Please enter the title and the taxpayer number of the tax invoice.")


@dataclass(frozen=True)
class Line:
    """An entry to be: a charge (positive fen) or a credit (negative)."""

    kind: EntryKind
    key: str
    version: PlanVersion
    span: Span
    amount: int
    data: dict[str, Any] = field(default_factory=dict)


def issue(
    *, subscription: Subscription, reason: str, span: Span, lines: Sequence[Line], actor: str, now: dt.datetime
) -> Invoice:
    """A finalized invoice with these lines, booked. The caller holds the vendor's lock.

    A second one for the same subscription, reason and period is refused by the database (IntegrityError).
    """
    today = china_date(now)
    total = sum(line.amount for line in lines)
    invoice = Invoice.objects.create(
        ulid=new_ulid(),
        vendor_id=subscription.vendor_id,
        subscription=subscription,
        reason=reason,
        period_start=span.start,
        period_end=span.end,
        total_amount=total,
        buyer={"company": subscription.vendor.company, "contact": subscription.vendor.contact_name},
        due_on=today + dt.timedelta(days=PAYMENT_DAYS),
        created_at=now,
    )
    BillingEntry.objects.bulk_create(
        BillingEntry(
            subscription=subscription,
            invoice=invoice,
            position=position,
            kind=line.kind,
            key=line.key,
            version=line.version,
            period_start=line.span.start,
            period_end=line.span.end,
            amount=line.amount,
            data=line.data,
        )
        for position, line in enumerate(lines, start=1)
    )
    _finalize(invoice, lines, actor, now)
    return invoice


def charge_period(subscription: Subscription, *, actor: str, now: dt.datetime) -> Invoice:
    """The invoice of the subscription's period at its version's price, with its extras."""
    span = Span(subscription.period_start, subscription.period_end)
    line = Line(EntryKind.CYCLE, "cycle", subscription.version, span, subscription.version.price_fen)
    lines = [line, *extra_lines(subscription, subscription.version, span)]
    return issue(subscription=subscription, reason="cycle", span=span, lines=lines, actor=actor, now=now)


def extra_lines(subscription: Subscription, version: PlanVersion, span: Span) -> list[Line]:
    """What the subscription's extras cost for a whole period of a plan."""
    months = 12 if version.period == Period.YEAR else 1
    return [
        Line(
            EntryKind.EXTRA,
            f"extra:{row.ulid}",
            version,
            span,
            row.price_fen * row.quantity * months,
            {"extra": row.extra.code, "quantity": row.quantity},
        )
        for row in accounts.extras_of(subscription)
    ]


def _finalize(invoice: Invoice, lines: Sequence[Line], actor: str, now: dt.datetime) -> None:
    check_transition(rules.DOCUMENT_TRANSITIONS, DocumentState(invoice.document), DocumentState.FINALIZED)
    invoice.number = next_number(INVOICE_SERIES, china_date(now).year)
    invoice.document, invoice.finalized_at = DocumentState.FINALIZED, now
    if invoice.total_amount <= 0:
        invoice.payment = PaymentState.NOT_DUE
    invoice.save(update_fields=["number", "document", "finalized_at", "payment"])
    _book(invoice, lines, now)
    audit.record(
        actor, "invoice.finalized", target=f"invoice:{invoice.ulid}", number=invoice.number, fen=invoice.total_amount
    )


def _book(invoice: Invoice, lines: Sequence[Line], now: dt.datetime) -> None:
    """The vendor owes what is charged; a total below nothing goes to the vendor's balance."""
    owes = rules.due_account(invoice.vendor.ulid)
    sums: dict[str, int] = {}
    for line in lines:
        sums[rules.REVENUE[line.kind]] = sums.get(rules.REVENUE[line.kind], 0) + line.amount
    moves = [
        Move(owes, account, amount) if amount > 0 else Move(account, owes, -amount)
        for account, amount in sums.items()
        if amount
    ]
    if invoice.total_amount < 0:
        moves.append(Move(owes, rules.balance_account(invoice.vendor.ulid), -invoice.total_amount))
    if moves:
        ledger.post_entry(
            key=f"invoice:{invoice.ulid}",
            kind="invoice.finalized",
            moves=moves,
            document=f"invoice:{invoice.ulid}",
            occurred_at=now,
            memo=str(invoice.number),
        )


def next_number(series: str, year: int) -> str:
    """The next number of a series; the row stays locked until the transaction ends, so no number is lost."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO billing_series (series, year, last) VALUES (%s, %s, 1)"
            " ON CONFLICT (series, year) DO UPDATE SET last = billing_series.last + 1 RETURNING last",
            [series, year],
        )
        return rules.document_number(series, year, cursor.fetchone()[0])


def locked(ulid: str) -> Invoice:
    """An invoice, locked after its vendor. Raises NotFound."""
    vendor_id = Invoice.objects.filter(ulid=ulid).values_list("vendor_id", flat=True).first()
    if vendor_id is None:
        raise NotFound
    vendor_facts.lock_vendor(vendor_id)
    return Invoice.objects.select_for_update(of=("self",)).select_related("vendor", "subscription").get(ulid=ulid)


@retried_transaction
def credit(*, invoice_ulid: str, amount: int, reason: str, actor: str, now: dt.datetime) -> CreditNote:
    """Take `amount` fen back from an invoice: off what is owed, or, if it is paid, into the vendor's balance.

    Credited whole, an unpaid invoice is void. Raises NotFound, InvoiceNotCreditable.
    """
    invoice = locked(invoice_ulid)
    left = invoice.total_amount - accounts.credited(invoice)
    if invoice.document != DocumentState.FINALIZED or not 0 < amount <= left:
        raise InvoiceNotCreditable
    note = CreditNote.objects.create(
        number=next_number(CREDIT_SERIES, china_date(now).year),
        invoice=invoice,
        amount=amount,
        reason=reason[:300],
        created_at=now,
        created_by=actor,
    )
    _book_credit(invoice, note, now)
    if amount == left and invoice.payment in rules.OPEN:
        check_transition(rules.DOCUMENT_TRANSITIONS, DocumentState(invoice.document), DocumentState.VOID)
        invoice.document, invoice.payment = DocumentState.VOID, PaymentState.NOT_DUE
        invoice.save(update_fields=["document", "payment"])
    audit.record(actor, "invoice.credited", target=f"invoice:{invoice.ulid}", reason=reason, fen=amount)
    return note


def void_first(subscription: Subscription, *, actor: str, now: dt.datetime) -> None:
    """Void the unpaid invoice of a period that never began: nobody paid, nothing was given."""
    open_ones = Invoice.objects.filter(
        subscription=subscription,
        reason="cycle",
        period_start=subscription.period_start,
        document=DocumentState.FINALIZED,
        payment__in=rules.OPEN,
    )
    for invoice in open_ones:
        left = accounts.outstanding(invoice)
        if left > 0:
            credit(invoice_ulid=invoice.ulid, amount=left, reason="not begun", actor=actor, now=now)


def billed(subscription: Subscription, start: dt.date) -> Invoice | None:
    """The invoice, not void, of the period that begins on `start`."""
    known = Invoice.objects.filter(subscription=subscription, reason="cycle", period_start=start)
    return known.exclude(document=DocumentState.VOID).first()


def _book_credit(invoice: Invoice, note: CreditNote, now: dt.datetime) -> None:
    vendor = invoice.vendor.ulid
    to = rules.balance_account(vendor) if invoice.payment == PaymentState.PAID else rules.due_account(vendor)
    source = rules.REVENUE_OF_REASON.get(invoice.reason.partition(":")[0], "revenue.subscription")
    ledger.post_entry(
        key=f"credit:{note.number}",
        kind="invoice.credited",
        moves=[Move(source, to, note.amount)],
        document=f"invoice:{invoice.ulid}",
        occurred_at=now,
        memo=note.number,
    )


@retried_transaction
def request_tax_invoice(
    *, invoice_ulid: str, title: str, tax_number: str, email: str, actor: str, now: dt.datetime
) -> Invoice:
    """The vendor asks for the tax invoice (发票). Raises NotFound, TaxDataMissing, IllegalTransition."""
    if not title.strip() or not tax_number.strip():
        raise TaxDataMissing(field="title")
    data = {"title": title.strip()[:100], "tax_number": tax_number.strip()[:30], "email": email.strip()[:120]}
    return _set_tax(invoice_ulid, TaxState.REQUESTED, data, actor)


@retried_transaction
def record_tax_invoice(*, invoice_ulid: str, number: str, actor: str, now: dt.datetime) -> Invoice:
    """Staff have issued the tax invoice (with its number), or could not (none). Raises NotFound, IllegalTransition."""
    wanted = TaxState.ISSUED if number.strip() else TaxState.FAILED
    return _set_tax(invoice_ulid, wanted, {"issued_number": number.strip()[:40], "at": now.isoformat()}, actor)


def _set_tax(ulid: str, wanted: TaxState, data: dict[str, str], actor: str) -> Invoice:
    invoice = locked(ulid)
    check_transition(rules.TAX_TRANSITIONS, TaxState(invoice.tax), wanted)
    invoice.tax, invoice.tax_data = wanted, {**invoice.tax_data, **data}
    invoice.save(update_fields=["tax", "tax_data"])
    audit.record(actor, f"invoice.tax_{wanted}", target=f"invoice:{invoice.ulid}")
    return invoice
