"""Money from vendors: bank transfers matched by staff become stored balance, stored balance pays invoices."""

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from billing.models import BankTransfer, Invoice, InvoicePayment, Subscription
from billing.rules import invoices as rules
from billing.rules import states
from billing.rules.invoices import DocumentState, PaymentState
from billing.rules.periods import period_containing
from billing.rules.plans import Period
from billing.rules.states import SubscriptionState
from billing.selectors import accounts
from billing.services import invoicing, state
from saas.identity import audit
from saas.kernel.clock import china_date
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from saas.kernel.transactions import retried_transaction
from saas.ledger import services as ledger
from saas.ledger.services import Move
from saas.tenants.vendors import selectors as vendor_facts
from saas.tenants.vendors.models import Vendor

CLEARING = "clearing.bank_transfer"


class TransferKnown(DomainError):
    """The bank's number was entered before."""

    code = "transfer_known"
    message = _("The transfer {reference} was entered before.")


class TransferMatched(DomainError):
    """The transfer belongs to a vendor already."""

    code = "transfer_matched"
    message = _("This transfer has been matched already.")


class BadTransfer(InvalidInput):
    """Not a positive amount, or no reference."""

    code = "bad_transfer"
    message = _("A transfer needs the bank’s number and a positive amount.")


class InvoiceNotPayable(DomainError):
    """Nothing to pay: a draft, or an amount of nothing."""

    code = "invoice_not_payable"
    message = _("There is nothing to pay on invoice {number}.")


class InvoicePaid(InvoiceNotPayable):
    """Paid already: a second payment is refused, money that came anyway is the vendor's balance."""

    code = "invoice_paid"
    message = _("Invoice {number} is paid already.")


class InvoiceVoid(InvoiceNotPayable):
    """Made void by a credit note."""

    code = "invoice_void"
    message = _("Invoice {number} is void: there is nothing to pay on it.")


def require_payable(invoice: Invoice) -> None:
    """Raise InvoiceVoid, InvoicePaid or InvoiceNotPayable unless money is open on a finalized invoice."""
    number = invoice.number or "–"
    if invoice.document == DocumentState.VOID:
        raise InvoiceVoid(number=number)
    if invoice.payment == PaymentState.PAID:
        raise InvoicePaid(number=number)
    if invoice.document != DocumentState.FINALIZED or invoice.payment not in rules.OPEN:
        raise InvoiceNotPayable(number=number)


@retried_transaction
def enter_transfer(
    *,
    reference: str,
    amount: int,
    payer_name: str,
    received_on: dt.date,
    actor: str,
    now: dt.datetime,
    remark: str = "",
) -> BankTransfer:
    """Note money (fen) that arrived at the bank; it waits in a clearing account. Raises BadTransfer, TransferKnown."""
    if not reference.strip() or amount <= 0:
        raise BadTransfer(field="amount" if reference.strip() else "reference")
    try:
        with transaction.atomic():
            transfer = BankTransfer.objects.create(
                reference=reference.strip()[:64],
                amount=amount,
                payer_name=payer_name.strip()[:80],
                remark=remark.strip()[:200],
                received_on=received_on,
                entered_at=now,
                entered_by=actor,
            )
    except IntegrityError:
        raise TransferKnown(reference=reference) from None
    _book_transfer(transfer, "received", Move("bank", CLEARING, amount), now)
    audit.record(actor, "transfer.entered", target=f"transfer:{transfer.reference}", fen=amount)
    return transfer


@retried_transaction
def match_transfer(*, transfer_id: int, vendor: Vendor, actor: str, now: dt.datetime) -> list[Invoice]:
    """Say whose money it is: it becomes stored balance and pays what is open. Raises NotFound, TransferMatched."""
    vendor_facts.lock_vendor(vendor.pk)
    transfer = BankTransfer.objects.select_for_update().filter(pk=transfer_id).first()
    if transfer is None:
        raise NotFound
    if transfer.matched_at is not None:
        raise TransferMatched
    transfer.vendor, transfer.matched_at, transfer.matched_by = vendor, now, actor
    transfer.save(update_fields=["vendor", "matched_at", "matched_by"])
    _book_transfer(transfer, "matched", Move(CLEARING, rules.balance_account(vendor.ulid), transfer.amount), now)
    audit.record(actor, "transfer.matched", target=f"transfer:{transfer.reference}", vendor=vendor.ulid)
    return settle(vendor, actor=actor, now=now)


def _book_transfer(transfer: BankTransfer, what: str, move: Move, now: dt.datetime) -> None:
    ledger.post_entry(
        key=f"transfer:{transfer.pk}:{what}",
        kind=f"transfer.{what}",
        moves=[move],
        document=f"transfer:{transfer.pk}",
        occurred_at=now,
        memo=transfer.reference,
    )


@retried_transaction
def take_in(
    *,
    vendor: Vendor,
    source: str,
    amount: int,
    key: str,
    document: str,
    memo: str,
    prefer: Invoice,
    actor: str,
    now: dt.datetime,
) -> list[Invoice]:
    """Money (fen) that a channel took for `prefer` becomes stored balance; it pays that invoice if it is still open, then
    what else is; which were paid. Once for one `key`."""
    vendor_facts.lock_vendor(vendor.pk)
    ledger.post_entry(
        key=key,
        kind="collection.received",
        moves=[Move(source, rules.balance_account(vendor.ulid), amount)],
        document=document,
        occurred_at=now,
        memo=memo,
    )
    mine = accounts.open_invoices(vendor_id=vendor.pk).filter(pk=prefer.pk).first()
    first = [mine] if mine is not None and _pay(mine, actor, now) else []
    return [*first, *settle(vendor, actor=actor, now=now)]


@retried_transaction
def settle(vendor: Vendor, *, actor: str, now: dt.datetime) -> list[Invoice]:
    """Pay open invoices from the stored balance, the earliest due first, each whole; which were paid.

    What is paid up becomes active again and its mall resumes.
    """
    vendor_facts.lock_vendor(vendor.pk)
    paid = []
    for invoice in accounts.open_invoices(vendor_id=vendor.pk):
        if not _pay(invoice, actor, now):
            break
        paid.append(invoice)
    for ulid in Subscription.objects.filter(vendor=vendor, state__in=states.PAID_UP).values_list("ulid", flat=True):
        _recover(ulid, actor, now)
    return paid


def _pay(invoice: Invoice, actor: str, now: dt.datetime) -> bool:
    amount = accounts.outstanding(invoice)
    if amount > accounts.stored_balance(invoice.vendor):
        return False
    ledger.post_entry(
        key=f"payment:{invoice.ulid}",
        kind="invoice.paid",
        moves=[Move(rules.balance_account(invoice.vendor.ulid), rules.due_account(invoice.vendor.ulid), amount)],
        document=f"invoice:{invoice.ulid}",
        occurred_at=now,
        memo=str(invoice.number),
    )
    InvoicePayment.objects.create(invoice=invoice, amount=amount, paid_at=now, actor=actor)
    invoice.payment, invoice.paid_at, invoice.failure = PaymentState.PAID, now, ""
    invoice.save(update_fields=["payment", "paid_at", "failure"])
    audit.record(actor, "invoice.paid", target=f"invoice:{invoice.ulid}", fen=amount)
    return True


def _recover(ulid: str, actor: str, now: dt.datetime) -> None:
    """Active again once nothing is overdue (before the first payment: nothing open). A period that went by while the
    mall was suspended is not charged: the next one begins today."""
    subscription, today = state.locked(ulid), china_date(now)
    open_ones = accounts.open_invoices(vendor_id=subscription.vendor_id).filter(subscription=subscription)
    if subscription.state != SubscriptionState.INCOMPLETE:
        open_ones = open_ones.filter(due_on__lt=today)
    if open_ones.exists():
        return
    lapsed = subscription.state == SubscriptionState.UNPAID and subscription.period_end <= today
    subscription.extended_to, subscription.restricted = None, False
    if lapsed:
        span = period_containing(today, Period(subscription.version.period), today)
        subscription.anchor_date, subscription.period_start, subscription.period_end = today, span.start, span.end
    state.move(subscription, SubscriptionState.ACTIVE, kind="paid_up", actor=actor, now=now)
    if lapsed:
        made = invoicing.charge_period(subscription, actor=actor, now=now)
        if made.payment in rules.OPEN:
            _pay(made, actor, now)


@retried_transaction
def retry_payment(*, invoice_ulid: str, actor: str, now: dt.datetime) -> Invoice:
    """Try to collect an invoice now. Not enough money: the payment is FAILED, with the reason; dunning goes on as it was.

    Raises NotFound, InvoicePaid, InvoiceVoid, InvoiceNotPayable.
    """
    invoice = invoicing.locked(invoice_ulid)
    require_payable(invoice)
    settle(invoice.vendor, actor=actor, now=now)
    invoice.refresh_from_db()
    if invoice.payment in rules.OPEN:
        invoice.payment, invoice.failure = PaymentState.FAILED, "insufficient_balance"
        invoice.save(update_fields=["payment", "failure"])
        audit.record(actor, "invoice.payment_failed", target=f"invoice:{invoice.ulid}")
    return invoice
