"""The vendor's pages of plan and money, and the operators' pages beside them."""

import pytest
from django.test import Client

from billing.models import BankTransfer, Invoice, Subscription
from billing.selectors import prices
from billing.services import subscriptions
from saas.identity.models import User
from tests.control.billing.conftest import at, jobs


@pytest.fixture
def browser(owner):
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(owner)
    return client


@pytest.fixture
def stranger(sign_up, subscription):
    other = User.objects.create_user(phone="+8613900139000")
    sign_up(owner=other, subdomain="other", key="other")
    client = Client()
    client.force_login(other)
    return client


@pytest.fixture
def operator(db):
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(User.objects.create_user(email="op@example.test", is_staff=True, is_superuser=True))
    return client


def test_the_plan_is_shown_with_what_is_used_and_what_else_there_is(browser, subscription):
    page = browser.get(f"/account/malls/{subscription.mall}/subscription").content.decode()
    for words in ("Growth", "Trial", "The trial ends on 2026-12-06", "5,000 products", "Starter", "Enterprise"):
        assert words in page


def test_a_change_shows_its_price_before_it_is_confirmed(browser, subscription, now, time_machine):
    jobs(at(2026, 12, 6))
    time_machine.move_to(at(2026, 12, 16), tick=False)
    enterprise = prices.current_version("enterprise", now=now)
    address = f"/account/malls/{subscription.mall}/subscription/change/{enterprise.pk}"
    page = browser.get(address).content.decode()
    due = 5_980_000 - (129_900 - 129_900 * 10 // 31)
    assert f'data-due="{due}"' in page
    assert Invoice.objects.count() == 1, "looking costs nothing"
    assert browser.post(address).status_code == 302
    assert Invoice.objects.latest("pk").total_amount == due
    starter = prices.current_version("starter", now=now)
    browser.post(f"/account/malls/{subscription.mall}/subscription/change/{starter.pk}")
    page = browser.get(f"/account/malls/{subscription.mall}/subscription").content.decode()
    assert "Changes to Starter on 2027-12-16" in page
    browser.post(f"/account/malls/{subscription.mall}/subscription/keep")
    assert "Changes to Starter" not in browser.get(f"/account/malls/{subscription.mall}/subscription").content.decode()


def test_cancel_and_begin_again(browser, subscription, now, time_machine):
    browser.post(f"/account/malls/{subscription.mall}/subscription/cancel", {"reason": "too early"})
    jobs(at(2026, 12, 6))
    subscription.refresh_from_db()
    assert subscription.state == "canceled"
    time_machine.move_to(at(2026, 12, 8), tick=False)
    starter = prices.current_version("starter", now=now)
    browser.post(f"/account/malls/{subscription.mall}/subscription/reactivate/{starter.pk}")
    subscription.refresh_from_db()
    assert subscription.state == "incomplete"
    page = browser.get(f"/account/malls/{subscription.mall}/subscription").content.decode()
    assert "The storefront is closed" in page


def test_invoices_are_listed_shown_printed_and_paid(browser, subscription, pay, time_machine):
    assert "No invoice yet" in browser.get("/account/invoices").content.decode()
    jobs(at(2026, 12, 6))
    time_machine.move_to(at(2026, 12, 7), tick=False)
    invoice = Invoice.objects.get()
    listed = browser.get("/account/invoices").content.decode()
    assert "MW2026-000001" in listed
    assert 'data-owed="129900"' in listed
    page = browser.get(f"/account/invoices/{invoice.ulid}").content.decode()
    assert 'data-outstanding="129900"' in page
    assert "Growth, subscription" in page
    browser.post(f"/account/invoices/{invoice.ulid}/pay")
    assert "balance is not enough" in browser.get("/account/invoices").content.decode()
    pay(130_000, at(2026, 12, 7))
    assert 'data-balance="100"' in browser.get("/account/invoices").content.decode()
    printed = browser.get(f"/account/invoices/{invoice.ulid}/print").content.decode()
    assert "Hangzhou Green Basket Co., Ltd." in printed
    assert "¥1,299.00" in printed
    browser.post(f"/account/invoices/{invoice.ulid}/tax", {"title": "绿篮子", "tax_number": "9133", "email": ""})
    invoice.refresh_from_db()
    assert (invoice.tax, invoice.payment) == ("requested", "paid")


def test_strangers_see_and_change_nothing(stranger, subscription, now):
    jobs(at(2026, 12, 6))
    invoice = Invoice.objects.get(subscription=subscription)
    starter = prices.current_version("starter", now=now)
    for address in (
        f"/account/malls/{subscription.mall}/subscription",
        f"/account/malls/{subscription.mall}/subscription/change/{starter.pk}",
        f"/account/invoices/{invoice.ulid}",
        f"/account/invoices/{invoice.ulid}/print",
    ):
        assert stranger.get(address).status_code == 404
        assert Client().get(address).status_code == 302
    for address in ("cancel", "keep", f"change/{starter.pk}", f"reactivate/{starter.pk}"):
        assert stranger.post(f"/account/malls/{subscription.mall}/subscription/{address}").status_code == 404
    subscription.refresh_from_db()
    assert (subscription.cancel_at_period_end, subscription.state) == (False, "active")


PAGES = (
    "/console/billing/subscription/",
    "/console/billing/invoice/",
    "/console/billing/usagerecord/",
    "/console/transfers/",
)


@pytest.mark.parametrize("page", PAGES)
def test_the_console_answers_operators_and_nobody_else(operator, browser, subscription, page):
    jobs(at(2026, 12, 6))
    assert operator.get(page).status_code == 200
    assert browser.get(page, follow=True).status_code == 403


def test_a_transfer_is_entered_and_matched(operator, subscription):
    jobs(at(2026, 12, 6))
    form = {"reference": "B1", "amount": "1299.00", "payer_name": "Green Basket", "received_on": "2026-12-07"}
    assert operator.post("/console/transfers/", form).status_code == 302
    page = operator.get("/console/transfers/").content.decode()
    assert "B1" in page
    assert operator.post("/console/transfers/", {**form, "amount": "1,5"}).status_code == 200
    transfer = BankTransfer.objects.get()
    operator.post(f"/console/transfers/{transfer.pk}/match", {"vendor": subscription.vendor.ulid})
    assert Invoice.objects.get().payment == "paid"
    operator.post(f"/console/transfers/{transfer.pk}/match", {"vendor": subscription.vendor.ulid})
    assert "B1" not in operator.get("/console/transfers/").content.decode().split("data-unmatched")[1]


def test_an_operator_pauses_extends_and_gives_an_own_value(operator, subscription):
    page = f"/console/subscriptions/{subscription.mall}/"
    assert "Green Basket" in operator.get(page).content.decode()
    operator.post(f"{page}pause", {"reason": "review"})
    subscription.refresh_from_db()
    assert subscription.state == "paused"
    operator.post(f"{page}resume", {"reason": "fine"})
    operator.post(f"{page}extend", {"until": "2027-01-05", "reason": "promised"})
    operator.post(f"{page}override", {"feature": "staff_max", "value": "50", "reason": "agreed"})
    subscription.refresh_from_db()
    assert (subscription.state, str(subscription.extended_to)) == ("trialing", "2027-01-05")
    assert subscription.entitlements["staff_max"] == 50
    operator.post(f"{page}override", {"feature": "staff_max", "value": "many", "reason": ""})
    operator.post(f"{page}override", {"feature": "staff_max", "value": "", "reason": "", "remove": "1"})
    subscription.refresh_from_db()
    assert subscription.entitlements["staff_max"] == 20


def test_an_invoice_is_credited_and_its_tax_invoice_recorded(operator, subscription):
    jobs(at(2026, 12, 6))
    invoice = Invoice.objects.get()
    page = f"/console/invoices/{invoice.ulid}/"
    assert "MW2026-000001" in operator.get(page).content.decode()
    operator.post(f"{page}credit", {"amount": "99.00", "reason": "outage"})
    operator.post(f"{page}credit", {"amount": "9999", "reason": "too much"})
    assert "CN2026-000001" in operator.get(page).content.decode()
    operator.post(f"{page}tax", {"number": "2533"})
    invoice.refresh_from_db()
    assert invoice.tax == "none", "nobody asked for it"


def test_prices_come_from_the_version_in_force(operator, subscription, now):
    page = Client(HTTP_ACCEPT_LANGUAGE="en").get("/pricing").content.decode()
    for words in ("¥399", "14 days free", "up to ¥100,000 of sales a month: free", "No share of sales"):
        assert words in page
    assert Subscription.objects.count() == 1
    assert subscriptions.prices_version(subscription.version_id).number == 1
