"""A vendor's life with a moved clock: every invoice, state and posting."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction

from billing.models import (
    BankTransfer,
    BillingEntry,
    DunningAction,
    Invoice,
    ScheduledChange,
    Subscription,
    SubscriptionEvent,
)
from billing.selectors import accounts, prices
from billing.services import dunning, invoicing, metering, money, renewal, subscriptions
from saas.ledger import selectors as ledger
from saas.messaging.bus.models import OutboxEvent
from saas.messaging.bus.services import Event
from saas.messaging.notices.models import Notice
from saas.tenants.vendors.models import Place
from tests.control.billing.conftest import at, jobs

D = dt.date


def invoices():
    return list(Invoice.objects.order_by("pk").values_list("reason", "total_amount", "payment"))


def version(code, now):
    return prices.current_version(code, now=now)


def last_fact(subscription):
    return OutboxEvent.objects.filter(topic="entitlements.changed", mall=subscription.mall).latest("pk").payload


def test_signup_starts_a_trial(subscription, now):
    assert (subscription.state, subscription.period_start, subscription.period_end) == (
        "trialing",
        D(2026, 11, 22),
        D(2026, 12, 6),
    )
    order = OutboxEvent.objects.get(topic="provision.requested").payload
    assert order["entitlements"] == subscription.entitlements
    assert (order["entitlements"]["suspended"], order["entitlements"]["plan"]) == (False, "growth")
    assert order["entitlements_version"] == subscription.entitlements_version == 1
    jobs(at(2026, 12, 5, 23))
    assert Invoice.objects.count() == 0


def test_the_first_invoice_is_paid_by_a_transfer_and_the_next_from_what_is_left(subscription, pay):
    jobs(at(2026, 12, 6, 0))
    subscription.refresh_from_db()
    assert (subscription.state, subscription.period_end) == ("active", D(2027, 1, 6))
    first = Invoice.objects.get()
    assert (first.number, first.total_amount, first.due_on, first.payment) == (
        "MW2026-000001",
        129_900,
        D(2026, 12, 13),
        "unpaid",
    )
    vendor = subscription.vendor
    assert ledger.balance(f"vendor.balance.{vendor.ulid}.due") == -129_900
    pay(300_000, at(2026, 12, 8))
    first.refresh_from_db()
    assert first.payment == "paid"
    assert (accounts.stored_balance(vendor), accounts.owed(vendor)) == (170_100, 0)
    jobs(at(2027, 1, 6))
    assert [row[2] for row in invoices()] == ["paid", "paid"]
    assert Invoice.objects.latest("pk").number == "MW2027-000001"
    assert accounts.stored_balance(vendor) == 40_200
    assert ledger.balance("revenue.subscription") == 259_800
    assert ledger.balance("bank") == -300_000
    assert ledger.uncleared() == []


def test_an_upgrade_now_and_a_downgrade_with_the_next_period(subscription, pay, now):
    jobs(at(2026, 12, 6))
    pay(10_000_000, at(2026, 12, 6))
    starter, growth = version("starter", now), version("growth", now)
    quote = subscriptions.change_plan(
        ulid=subscription.ulid, version_id=starter.pk, actor="user:v", now=at(2026, 12, 10)
    )
    assert not quote.at_once
    subscription.refresh_from_db()
    assert subscription.version_id == growth.pk
    jobs(at(2027, 1, 6))
    subscription.refresh_from_db()
    assert (subscription.version_id, subscription.period_start, subscription.period_end) == (
        starter.pk,
        D(2027, 1, 6),
        D(2027, 2, 6),
    )
    assert last_fact(subscription)["values"]["products_max"] == 200
    assert Place.objects.get(mall=subscription.mall).plan_code == "starter"
    subscriptions.change_plan(ulid=subscription.ulid, version_id=growth.pk, actor="user:v", now=at(2027, 1, 16))
    upgrade = Invoice.objects.latest("pk")
    assert list(BillingEntry.objects.filter(invoice=upgrade).order_by("position").values_list("kind", "amount")) == [
        ("upgrade_credit", -(39_900 - 39_900 * 10 // 31)),
        ("upgrade_charge", 129_900 - 129_900 * 10 // 31),
    ]
    assert (upgrade.total_amount, upgrade.payment) == (60_967, "paid")
    assert last_fact(subscription)["values"]["products_max"] == 5_000
    jobs(at(2027, 2, 6))
    assert [total for _, total, _ in invoices()] == [129_900, 39_900, 60_967, 129_900]


def test_a_month_becomes_a_year_at_once(subscription, pay, now):
    jobs(at(2026, 12, 6))
    enterprise = version("enterprise", now)
    subscriptions.change_plan(ulid=subscription.ulid, version_id=enterprise.pk, actor="user:v", now=at(2026, 12, 16))
    subscription.refresh_from_db()
    assert (subscription.period_start, subscription.period_end) == (D(2026, 12, 16), D(2027, 12, 16))
    credit = 129_900 - 129_900 * 10 // 31
    assert Invoice.objects.latest("pk").total_amount == 5_980_000 - credit


def test_a_month_becomes_a_year_on_the_months_first_day(subscription, now):
    jobs(at(2026, 12, 6))
    enterprise = version("enterprise", now)
    subscriptions.change_plan(ulid=subscription.ulid, version_id=enterprise.pk, actor="user:v", now=at(2026, 12, 6))
    subscription.refresh_from_db()
    assert (subscription.period_start, subscription.period_end) == (D(2026, 12, 6), D(2027, 12, 6))
    assert Invoice.objects.latest("pk").total_amount == 5_980_000 - 129_900
    renewal.renew_due(now=at(2027, 2, 10))
    assert Invoice.objects.filter(reason="cycle").count() == 1


def test_dunning_takes_each_step_once_and_payment_brings_the_mall_back(subscription, pay):
    jobs(at(2026, 12, 6))
    for day in range(13, 32):
        for hour in (9, 10):
            jobs(at(2026, 12, day, hour))
    subscription.refresh_from_db()
    assert (subscription.state, subscription.suspended) == ("unpaid", True)
    assert list(DunningAction.objects.order_by("position").values_list("action", flat=True)) == [
        "remind",
        "remind",
        "restrict",
        "remind",
        "suspend",
    ]
    assert Notice.objects.filter(kind="invoice_overdue").count() == 3
    assert last_fact(subscription)["values"]["suspended"] is True
    jobs(at(2027, 1, 20))
    assert len(invoices()) == 1, "nothing is charged while the mall is suspended"
    pay(129_900, at(2027, 1, 21))
    subscription.refresh_from_db()
    assert (subscription.state, subscription.suspended, subscription.restricted) == ("active", False, False)
    assert (subscription.period_start, subscription.period_end) == (D(2027, 1, 21), D(2027, 2, 21))
    assert invoices() == [("cycle", 129_900, "paid"), ("cycle", 129_900, "unpaid")]
    assert last_fact(subscription)["values"]["suspended"] is False
    jobs(at(2027, 2, 20))
    jobs(at(2027, 6, 1))
    subscription.refresh_from_db()
    assert subscription.state == "expired"


def test_of_two_overdue_invoices_the_second_goes_its_way_after_the_first_is_paid(subscription, pay):
    jobs(at(2026, 12, 6))
    metering.record_sale(mall=subscription.mall, amount=120_000_000, completed_at=at(2026, 12, 7))
    for day in (12, 17, 21, 27):
        jobs(at(2026, 12, day))
    jobs(at(2027, 1, 1))  # the fee of December, due on 8 January
    pay(129_900, at(2027, 1, 10))
    subscription.refresh_from_db()
    assert subscription.state == "unpaid", "the fee is overdue"
    for when in (at(2027, 1, 16), at(2027, 1, 23), at(2027, 3, 20)):
        jobs(when)
    subscription.refresh_from_db()
    assert subscription.state == "expired"
    fee = Invoice.objects.get(reason="usage")
    assert set(DunningAction.objects.filter(invoice=fee).values_list("action", flat=True)) >= {"suspend", "archive"}


def test_an_extension_moves_the_days(subscription):
    jobs(at(2026, 12, 6))
    subscriptions.extend(
        ulid=subscription.ulid, until=D(2026, 12, 25), actor="user:op", now=at(2026, 12, 13), reason="promised"
    )
    for day in range(14, 27):
        jobs(at(2026, 12, day))
    assert list(DunningAction.objects.values_list("action", flat=True)) == ["remind"]


def test_a_retry_without_money_fails_with_its_reason_and_does_not_advance_dunning(subscription, pay):
    jobs(at(2026, 12, 6))
    invoice = money.retry_payment(invoice_ulid=Invoice.objects.get().ulid, actor="user:v", now=at(2026, 12, 14))
    assert (invoice.payment, invoice.failure) == ("failed", "insufficient_balance")
    assert not DunningAction.objects.exists()
    pay(129_900, at(2026, 12, 14))
    invoice.refresh_from_db()
    assert (invoice.payment, invoice.failure) == ("paid", "")
    with pytest.raises(money.InvoicePaid):
        money.retry_payment(invoice_ulid=invoice.ulid, actor="user:v", now=at(2026, 12, 14))


def test_cancelled_at_the_periods_end_then_reactivated(subscription, pay, now):
    jobs(at(2026, 12, 6))
    pay(129_900, at(2026, 12, 7))
    subscriptions.cancel(ulid=subscription.ulid, actor="user:v", now=at(2026, 12, 8))
    with pytest.raises(subscriptions.NotChangeable):
        subscriptions.change_plan(
            ulid=subscription.ulid, version_id=version("starter", now).pk, actor="user:v", now=at(2026, 12, 9)
        )
    jobs(at(2027, 1, 5))
    subscription.refresh_from_db()
    assert subscription.state == "active"
    jobs(at(2027, 1, 6))
    subscription.refresh_from_db()
    assert (subscription.state, subscription.suspended, subscription.ended_on) == ("canceled", True, D(2027, 1, 6))
    subscriptions.reactivate(
        ulid=subscription.ulid, version_id=version("starter", now).pk, actor="user:v", now=at(2027, 1, 31)
    )
    subscription.refresh_from_db()
    assert (subscription.state, subscription.suspended, subscription.period_end) == (
        "incomplete",
        True,
        D(2027, 2, 28),
    )
    pay(39_900, at(2027, 2, 1))
    subscription.refresh_from_db()
    assert (subscription.state, subscription.suspended) == ("active", False)
    jobs(at(2027, 2, 28))
    subscription.refresh_from_db()
    assert (subscription.period_start, subscription.period_end) == (D(2027, 2, 28), D(2027, 3, 31))


def test_cancelling_is_undone(subscription):
    subscriptions.cancel(ulid=subscription.ulid, actor="user:v", now=at(2026, 11, 23))
    subscriptions.withdraw_change(ulid=subscription.ulid, actor="user:v", now=at(2026, 11, 24))
    with pytest.raises(subscriptions.NothingToUndo):
        subscriptions.withdraw_change(ulid=subscription.ulid, actor="user:v", now=at(2026, 11, 24))
    jobs(at(2026, 12, 6))
    subscription.refresh_from_db()
    assert subscription.state == "active"


def test_a_pause_keeps_the_days_that_are_left(subscription):
    jobs(at(2026, 12, 6))
    subscriptions.pause(ulid=subscription.ulid, actor="user:op", now=at(2026, 12, 10), reason="review")
    jobs(at(2027, 1, 10))
    subscriptions.resume(ulid=subscription.ulid, actor="user:op", now=at(2027, 1, 10))
    subscription.refresh_from_db()
    assert (subscription.state, subscription.period_end, subscription.suspended) == ("active", D(2027, 2, 6), False)
    with pytest.raises(subscriptions.NotPaused):
        subscriptions.resume(ulid=subscription.ulid, actor="user:op", now=at(2027, 1, 11))


def sale(subscription, amount, day, n):
    moment = at(day.year, day.month, day.day, 12)
    payload = {"order": str(n), "amount": amount, "completed_at": moment.isoformat()}
    from billing import handlers

    handlers.on_sale_completed(Event(f"E{n}", "sale.completed", subscription.mall, 1, payload, moment))


def test_the_service_fee_of_a_month_and_what_came_in_late(subscription, pay):
    sale(subscription, 500_000_000, D(2026, 12, 1), 1)  # in the trial: no fee
    jobs(at(2026, 12, 6))
    sale(subscription, 100_000_000, D(2026, 12, 20), 2)
    sale(subscription, 10_000_000, D(2026, 12, 31), 3)
    for hour in (0, 1):
        jobs(at(2027, 1, 1, hour))
    usage = Invoice.objects.get(reason="usage")
    assert (usage.total_amount, usage.period_start, usage.period_end) == (30_000, D(2026, 12, 1), D(2027, 1, 1))
    assert ledger.balance("revenue.usage") == 30_000
    sale(subscription, 1_000_000, D(2026, 12, 31), 4)
    sale(subscription, 101_000_000, D(2027, 1, 5), 5)
    jobs(at(2027, 1, 20))
    jobs(at(2027, 2, 1))
    second = Invoice.objects.filter(reason="usage").latest("pk")
    assert list(BillingEntry.objects.filter(invoice=second).order_by("position").values_list("key", "amount")) == [
        ("usage", 3_000),
        ("usage_late", 3_000),
    ]


def test_of_several_counts_of_a_day_the_newest_stays(subscription):
    for hour, used in ((12, 7), (9, 3)):
        metering.record_count(
            mall=subscription.mall, metric="staff_max", quantity=used, counted_at=at(2026, 12, 1, hour)
        )
    assert accounts.counted(subscription.mall) == {"staff_max": 7}


def test_a_downgrade_below_what_is_used_is_refused(subscription, now):
    metering.record_count(mall=subscription.mall, metric="products_max", quantity=201, counted_at=at(2026, 11, 23))
    before = SubscriptionEvent.objects.count()
    with pytest.raises(subscriptions.OverNewLimits):
        subscriptions.change_plan(
            ulid=subscription.ulid, version_id=version("starter", now).pk, actor="user:v", now=at(2026, 11, 24)
        )
    assert SubscriptionEvent.objects.count() == before
    assert not ScheduledChange.objects.exists()


def test_an_override_replaces_the_plans_value_and_reaches_the_cell(subscription):
    vendor = subscription.vendor
    subscriptions.set_override(
        vendor=vendor, feature="staff_max", value=99, reason="agreed", actor="user:op", now=at(2026, 11, 23)
    )
    assert (last_fact(subscription)["values"]["staff_max"], last_fact(subscription)["version"]) == (99, 2)
    with pytest.raises(subscriptions.BadOverride):
        subscriptions.set_override(
            vendor=vendor, feature="staff_max", value="many", reason="", actor="user:op", now=at(2026, 11, 23)
        )
    subscriptions.remove_override(vendor=vendor, feature="staff_max", actor="user:op", now=at(2026, 11, 24))
    assert (last_fact(subscription)["values"]["staff_max"], last_fact(subscription)["version"]) == (20, 3)


def test_a_credit_note_voids_what_is_unpaid_and_returns_what_is_paid(subscription, pay):
    jobs(at(2026, 12, 6))
    unpaid = Invoice.objects.get()
    note = invoicing.credit(
        invoice_ulid=unpaid.ulid, amount=129_900, reason="by mistake", actor="user:op", now=at(2026, 12, 7)
    )
    unpaid.refresh_from_db()
    assert (note.number, unpaid.document, unpaid.payment) == ("CN2026-000001", "void", "not_due")
    pay(129_900, at(2026, 12, 8))
    with pytest.raises(money.InvoiceVoid):
        money.retry_payment(invoice_ulid=unpaid.ulid, actor="user:v", now=at(2026, 12, 8))
    assert accounts.stored_balance(subscription.vendor) == 129_900
    jobs(at(2027, 1, 6))
    paid = Invoice.objects.latest("pk")
    assert paid.payment == "paid"
    invoicing.credit(invoice_ulid=paid.ulid, amount=9_900, reason="outage", actor="user:op", now=at(2027, 1, 7))
    assert accounts.stored_balance(subscription.vendor) == 9_900
    for amount in (0, 120_001):
        with pytest.raises(invoicing.InvoiceNotCreditable):
            invoicing.credit(invoice_ulid=paid.ulid, amount=amount, reason="", actor="user:op", now=at(2027, 1, 7))


def test_the_same_transfer_is_entered_and_matched_once(subscription, pay):
    pay(100, at(2026, 12, 1), "X1")
    with pytest.raises(money.TransferKnown):
        pay(100, at(2026, 12, 1), "X1")
    with pytest.raises(money.TransferMatched):
        money.match_transfer(
            transfer_id=BankTransfer.objects.get().pk,
            vendor=subscription.vendor,
            actor="user:op",
            now=at(2026, 12, 1),
        )
    with pytest.raises(money.BadTransfer):
        pay(0, at(2026, 12, 1), "X2")
    assert accounts.stored_balance(subscription.vendor) == 100


def test_the_tax_invoice_has_states_of_its_own(subscription):
    jobs(at(2026, 12, 6))
    ulid, who = Invoice.objects.get().ulid, {"actor": "user:v", "now": at(2026, 12, 7)}
    with pytest.raises(invoicing.TaxDataMissing):
        invoicing.request_tax_invoice(invoice_ulid=ulid, title="Green Basket", tax_number=" ", email="", **who)
    data = {"title": "杭州绿篮子有限公司", "tax_number": "91330100MA2XXXXX0X", "email": "a@example.test"}
    invoicing.request_tax_invoice(invoice_ulid=ulid, **data, **who)
    invoicing.record_tax_invoice(invoice_ulid=ulid, number="", **who)
    invoicing.request_tax_invoice(invoice_ulid=ulid, **data, **who)
    issued = invoicing.record_tax_invoice(invoice_ulid=ulid, number="25332000000000000001", **who)
    assert (issued.tax, issued.payment, issued.document) == ("issued", "unpaid", "finalized")


def test_the_database_refuses_a_second_invoice_and_a_change_of_what_is_final(subscription):
    jobs(at(2026, 12, 6))
    subscription.refresh_from_db()
    with pytest.raises(IntegrityError), transaction.atomic():
        invoicing.charge_period(subscription, actor="user:op", now=at(2026, 12, 7))
    assert Invoice.objects.count() == 1
    for statement in (
        "UPDATE billing_invoice SET total_amount = 1",
        "UPDATE billing_invoice SET number = 'MW2026-000009'",
        "DELETE FROM billing_invoice",
        "UPDATE billing_billingentry SET amount = 1",
        "DELETE FROM billing_billingentry",
        "UPDATE billing_planversion SET price_fen = 1",
        "DELETE FROM billing_subscriptionevent",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_a_mall_that_could_not_be_made_is_not_charged(sign_up):
    place = sign_up().place
    jobs(at(2026, 12, 6))
    assert Subscription.objects.get(mall=place.mall).state == "trialing"
    Place.objects.filter(pk=place.pk).update(state="removed")
    jobs(at(2026, 12, 7))
    assert Subscription.objects.get(mall=place.mall).state == "canceled"
    assert not Invoice.objects.exists()


def test_only_so_many_are_suspended_a_run(subscription):
    jobs(at(2026, 12, 6))
    assert "suspend" not in dunning.dun_all(now=at(2026, 12, 28), suspensions=0)
    assert dunning.dun_all(now=at(2026, 12, 28))["suspend"] == 1


def test_a_job_that_was_down_for_months_misses_no_period(subscription):
    renewal.renew_due(now=at(2027, 3, 7))
    assert list(Invoice.objects.order_by("pk").values_list("period_start", "period_end")) == [
        (D(2026, 12, 6), D(2027, 1, 6)),
        (D(2027, 1, 6), D(2027, 2, 6)),
        (D(2027, 2, 6), D(2027, 3, 6)),
        (D(2027, 3, 6), D(2027, 4, 6)),
    ]


def test_what_never_began_is_not_owed(subscription, now):
    subscriptions.cancel(ulid=subscription.ulid, actor="user:v", now=at(2026, 11, 23))
    jobs(at(2026, 12, 6))
    starter = version("starter", now).pk
    for _ in range(2):
        subscriptions.reactivate(ulid=subscription.ulid, version_id=starter, actor="user:v", now=at(2026, 12, 6))
        subscriptions.cancel(ulid=subscription.ulid, actor="user:v", now=at(2026, 12, 6))
    assert accounts.owed(subscription.vendor) == 0
    assert list(Invoice.objects.order_by("pk").values_list("document", "payment")) == [("void", "not_due")] * 2
    subscriptions.reactivate(ulid=subscription.ulid, version_id=starter, actor="user:v", now=at(2026, 12, 7))
    jobs(at(2027, 1, 10))
    subscription.refresh_from_db()
    assert subscription.state == "expired"
    assert accounts.owed(subscription.vendor) == 0
