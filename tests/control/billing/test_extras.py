"""Paid extras and own values: bought, prorated, billed with each period, ended; the mall's rights follow at once."""

import datetime as dt

import pytest
from django.test import Client

from billing.handlers import on_usage_counted
from billing.models import BillingEntry, Extra, Invoice, SubscriptionExtra, UsageRecord
from billing.selectors import accounts, prices
from billing.services import extras, subscriptions
from billing.services.extras import BadQuantity, ExtraHad, ExtraNotBuyable, ExtraOfNoUse
from saas.identity.models import AuditRecord, User
from saas.ledger import selectors as ledger
from saas.messaging.bus.models import OutboxEvent
from saas.messaging.bus.services import Event
from tests.control.billing.conftest import at, jobs


def buy(subscription, code, now, quantity=1):
    return extras.buy(ulid=subscription.ulid, code=code, quantity=quantity, actor="user:v", now=now)


def rights(subscription):
    fact = OutboxEvent.objects.filter(topic="entitlements.changed", mall=subscription.mall).latest("pk").payload
    subscription.refresh_from_db()
    assert fact["values"] == subscription.entitlements
    return fact["values"]


def lines(invoice):
    return list(BillingEntry.objects.filter(invoice=invoice).order_by("position").values_list("kind", "amount"))


def test_bought_in_a_period_it_is_prorated_and_then_part_of_each_invoice(subscription, pay):
    jobs(at(2026, 12, 6))
    pay(10_000_000, at(2026, 12, 6))
    row = buy(subscription, "staff_5", at(2026, 12, 16), quantity=2)
    bill = Invoice.objects.latest("pk")
    price = 2 * 4_900
    assert (bill.reason, bill.total_amount, bill.payment) == (f"extra:{row.ulid}", price - price * 10 // 31, "paid")
    assert rights(subscription)["staff_max"] == 20 + 10
    jobs(at(2027, 1, 6))
    assert lines(Invoice.objects.latest("pk")) == [("cycle", 129_900), ("extra", 9_800)]
    assert ledger.balance("revenue.extra") == price - price * 10 // 31 + 9_800
    extras.cancel(ulid=subscription.ulid, extra_ulid=row.ulid, actor="user:v", now=at(2027, 1, 10))
    assert rights(subscription)["staff_max"] == 30, "paid for until the period's end"
    jobs(at(2027, 2, 6))
    assert lines(Invoice.objects.latest("pk")) == [("cycle", 129_900)]
    assert rights(subscription)["staff_max"] == 20
    row.refresh_from_db()
    assert row.ended_on == dt.date(2027, 2, 6)


def test_in_a_trial_it_holds_at_once_and_costs_from_the_first_period(subscription, now):
    row = buy(subscription, "staff_5", now)
    assert Invoice.objects.count() == 0
    assert rights(subscription)["staff_max"] == 25
    jobs(at(2026, 12, 6))
    assert lines(Invoice.objects.get()) == [("cycle", 129_900), ("extra", 4_900)]
    extras.cancel(ulid=subscription.ulid, extra_ulid=row.ulid, actor="user:v", now=at(2026, 12, 8))
    extras.keep(ulid=subscription.ulid, extra_ulid=row.ulid, actor="user:v", now=at(2026, 12, 9))
    jobs(at(2027, 1, 6))
    assert lines(Invoice.objects.latest("pk")) == [("cycle", 129_900), ("extra", 4_900)]


def test_a_month_that_becomes_a_year_takes_the_extras_along(subscription, pay):
    jobs(at(2026, 12, 6))
    pay(10_000_000, at(2026, 12, 6))
    buy(subscription, "storage_10g", at(2026, 12, 6))
    yearly = prices.current_version("enterprise", now=at(2026, 12, 16))
    quote = subscriptions.quote_change(accounts.subscription_of_mall(subscription.mall), yearly, now=at(2026, 12, 16))
    subscriptions.change_plan(ulid=subscription.ulid, version_id=yearly.pk, actor="user:v", now=at(2026, 12, 16))
    back = 2_900 - 2_900 * 10 // 31
    bill = Invoice.objects.latest("pk")
    assert lines(bill)[2:] == [("extra", -back), ("extra", 12 * 2_900)]
    assert bill.total_amount == quote.due_fen
    assert ledger.balance("revenue.extra") == 2_900 - back + 12 * 2_900


def test_what_makes_no_sense_is_refused_and_changes_nothing(subscription, now):
    buy(subscription, "staff_5", now)
    for code, quantity, error in (
        ("staff_5", 1, ExtraHad),
        ("products_1000", 0, BadQuantity),
        ("products_1000", 51, BadQuantity),
        ("own_domain", 1, ExtraOfNoUse),  # the growth plan has it
    ):
        with pytest.raises(error):
            buy(subscription, code, now, quantity)
    subscriptions.cancel(ulid=subscription.ulid, actor="user:v", now=now)
    with pytest.raises(ExtraNotBuyable):
        buy(subscription, "products_1000", now)
    assert SubscriptionExtra.objects.count() == 1
    jobs(at(2026, 12, 6))
    assert SubscriptionExtra.objects.get().ended_on == dt.date(2026, 12, 6), "it ends with the subscription"


def test_a_new_price_is_for_new_buyers(subscription, now, pay):
    buy(subscription, "staff_5", now)
    Extra.objects.filter(code="staff_5").update(price_fen=99_900)
    jobs(at(2026, 12, 6))
    assert lines(Invoice.objects.get())[1] == ("extra", 4_900)


def test_pages_show_the_price_before_it_is_bought(subscription, owner, time_machine):
    browser = Client(HTTP_ACCEPT_LANGUAGE="en")
    browser.force_login(owner)
    jobs(at(2026, 12, 6))
    time_machine.move_to(at(2026, 12, 16), tick=False)
    browser.force_login(owner)
    page = browser.get(f"/account/malls/{subscription.mall}/subscription").content.decode()
    assert "5 more staff accounts" in page
    address = f"/account/malls/{subscription.mall}/subscription/extras/staff_5"
    due = 9_800 - 9_800 * 10 // 31
    assert f'data-due="{due}"' in browser.get(f"{address}?quantity=2").content.decode()
    assert browser.post(address, {"quantity": "2"}).status_code == 302
    assert Invoice.objects.latest("pk").total_amount == due
    assert browser.post(address, {"quantity": "2"}).status_code == 409
    row = SubscriptionExtra.objects.get()
    browser.post(f"/account/malls/{subscription.mall}/subscription/extra/{row.ulid}/cancel")
    assert "ends on 2027-01-06" in browser.get(f"/account/malls/{subscription.mall}/subscription").content.decode()
    stranger = Client()
    stranger.force_login(User.objects.create_user(phone="+8613900139000"))
    assert stranger.post(address, {"quantity": "1"}).status_code in (302, 404)
    assert SubscriptionExtra.objects.count() == 1


def test_operators_keep_the_list(db):
    console = Client(HTTP_ACCEPT_LANGUAGE="en")
    console.force_login(User.objects.create_user(email="op@example.test", is_staff=True, is_superuser=True))
    assert "员工账号 +5" in console.get("/console/billing/extra/").content.decode()
    values = {
        "code": "staff_50", "position": 9, "name": "员工 +50", "name_en": "50 more staff", "description": "多", "on_sale": "on",
        "description_en": "More", "price": "399.00", "feature": "staff_max", "adds": "50",
    }  # fmt: skip
    bad = console.post("/console/billing/extra/add/", {**values, "adds": "true"})
    assert "This does not fit the feature." in bad.content.decode()
    assert console.post("/console/billing/extra/add/", values).status_code == 302
    row = Extra.objects.get(code="staff_50")
    assert (row.price_fen, row.value) == (39_900, 50)
    console.post(f"/console/billing/extra/{row.pk}/change/", {**values, "price": "299"})
    row.refresh_from_db()
    assert row.price_fen == 29_900
    assert list(AuditRecord.objects.filter(target="extra:staff_50").values_list("action", flat=True)) == [
        "extra.added",
        "extra.changed",
    ]


def test_text_messages_are_part_of_the_plan_counted_by_the_day_and_bought_as_an_extra(subscription, now):
    def told(number, date, used, minute):
        payload = {"feature": "sms_month_max", "used": used, "at": at(2026, 11, 22, minute).isoformat(), "date": date}
        on_usage_counted(Event(f"S{number}", "usage.counted", subscription.mall, 1, payload, now))

    assert subscription.entitlements["sms_month_max"] == 10_000
    told(1, "2026-11-21", 7, 1)
    told(2, "2026-11-22", 5, 3)
    told(3, "2026-11-22", 4, 2)  # an older count that comes later
    told(4, "2026-10-31", 90, 3)  # another month
    use = {one.feature: one for one in accounts.usage_of(subscription, today=dt.date(2026, 11, 22))}
    assert (use["sms_month_max"].used, use["sms_month_max"].limit) == (12, 10_000)
    assert UsageRecord.objects.filter(metric="sms_month_max").count() == 3
    buy(subscription, "sms_1000", now, quantity=2)
    assert rights(subscription)["sms_month_max"] == 12_000
    jobs(at(2026, 12, 6))
    assert lines(Invoice.objects.get()) == [("cycle", 129_900), ("extra", 3_800)]
