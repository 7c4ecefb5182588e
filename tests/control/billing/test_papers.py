"""Invoices and credit notes as PDF, in Chinese and English, for their vendor and operators alone."""

import pytest
from django.test import Client

from billing.gateways import pdf
from billing.gateways.pdf import PaperUnavailable
from billing.models import Invoice
from billing.services import invoicing, papers
from saas.identity.models import User
from tests.control.billing.conftest import at, jobs


@pytest.fixture
def note(subscription):
    jobs(at(2026, 12, 6))
    invoice = Invoice.objects.get()
    return invoicing.credit(
        invoice_ulid=invoice.ulid, amount=29_900, reason="A day of trouble", actor="user:op", now=at(2026, 12, 7)
    )


def browser(user):
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(user)
    return client


def test_both_languages_name_every_figure(note):
    english = papers.invoice_html(note.invoice, language="en")
    for words in ("Invoice MW2026-000001", "¥1,299.00", "−¥299.00", "¥1,000.00", "Hangzhou Green Basket Co., Ltd."):
        assert words in english
    chinese = papers.invoice_html(note.invoice, language="zh-hans")
    for words in ("账单", "成长版", "¥1,299.00"):
        assert words in chinese
    assert "A day of trouble" in papers.credit_note_html(note, language="en")


def test_the_pdf_goes_to_its_vendor_and_to_operators_alone(note, owner):
    reply = browser(owner).get(f"/account/invoices/{note.invoice.ulid}/pdf?lang=zh-hans")
    assert (reply.status_code, reply["Content-Type"]) == (200, "application/pdf")
    assert reply["Content-Disposition"] == 'attachment; filename="MW2026-000001.pdf"'
    assert reply.content.startswith(b"%PDF-")
    assert browser(owner).get(f"/account/credit-notes/{note.number}/pdf").content.startswith(b"%PDF-")
    operator = browser(User.objects.create_user(email="op@example.test", is_staff=True, is_superuser=True))
    assert operator.get(f"/console/invoices/{note.invoice.ulid}/pdf").content.startswith(b"%PDF-")
    assert operator.get(f"/console/credit-notes/{note.number}/pdf").content.startswith(b"%PDF-")
    stranger = browser(User.objects.create_user(phone="+8613900139000"))
    for page in (f"/account/invoices/{note.invoice.ulid}/pdf", f"/account/credit-notes/{note.number}/pdf"):
        assert stranger.get(page).status_code in (302, 404)


def test_without_pango_the_answer_names_what_is_missing(note, owner, monkeypatch):
    monkeypatch.setattr(pdf, "weasyprint", None)
    with pytest.raises(PaperUnavailable) as refused:
        papers.invoice_pdf(note.invoice)
    assert "libpango-1.0-0" in refused.value.text
    assert browser(owner).get(f"/account/invoices/{note.invoice.ulid}/pdf").status_code == 503


def test_a_paper_fetches_nothing(tmp_path):
    picture = tmp_path / "p.svg"
    picture.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'
    )
    with_picture = pdf.write(f'<img src="{picture.as_uri()}"><p>x</p>')
    assert len(with_picture) <= len(pdf.write('<img src="file:///nowhere.svg"><p>x</p>')) + 50
