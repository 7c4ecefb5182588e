"""Invoices and credit notes on paper, in Chinese or English: one template each for the page to print and the PDF."""

from typing import Any

from django.template.loader import render_to_string
from django.utils import translation

from billing.gateways import pdf
from billing.models import CreditNote, Invoice
from billing.selectors import accounts, prices, words
from saas.tenants.platform import selectors as platform
from saas.tenants.vendors import selectors as vendor_facts

LANGUAGES = ("zh-hans", "en")


def invoice_html(invoice: Invoice, *, language: str = "") -> str:
    """The invoice as one sheet, in `language` or the reader's."""
    with translation.override(_language(language)):
        return render_to_string("billing/invoice.html", {**_common(invoice), "lines": _lines(invoice)})


def invoice_pdf(invoice: Invoice, *, language: str = "") -> bytes:
    """The invoice as PDF. Raises PaperUnavailable."""
    return pdf.write(invoice_html(invoice, language=language))


def credit_note_html(note: CreditNote, *, language: str = "") -> str:
    """A credit note as one sheet."""
    with translation.override(_language(language)):
        return render_to_string("billing/credit_note.html", {**_common(note.invoice), "note": note})


def credit_note_pdf(note: CreditNote, *, language: str = "") -> bytes:
    """A credit note as PDF. Raises PaperUnavailable."""
    return pdf.write(credit_note_html(note, language=language))


def _language(asked: str) -> str:
    return asked if asked in LANGUAGES else translation.get_language() or LANGUAGES[0]


def _common(invoice: Invoice) -> dict[str, Any]:
    void = invoice.document == "void"
    place = vendor_facts.place_or_none(invoice.subscription.mall)
    us = platform.profile()
    english = (translation.get_language() or "").startswith("en")
    return {
        "invoice": invoice,
        "language": translation.get_language(),
        "company": us.company_en if english else us.company,
        "us": us,
        "place": place,
        "subject": words.subject(invoice),
        "void": void,
        "state": words.DOCUMENT["void"] if void else words.PAYMENT[invoice.payment],
        "tax": words.TAX[invoice.tax],
        "credit_notes": list(accounts.credit_notes_of(invoice)),
        "outstanding": accounts.outstanding(invoice),
    }


def _lines(invoice: Invoice) -> list[tuple[str, Any]]:
    return [
        (words.sentence(entry, prices.of_version(entry.version).name), entry) for entry in accounts.entries_of(invoice)
    ]
