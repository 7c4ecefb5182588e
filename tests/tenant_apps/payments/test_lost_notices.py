"""Every notice lost: the scheduled queries settle what was paid, close what was not, and then stop."""

import datetime as dt

import pytest

from saas.kernel.clock import now
from saas.ledger import selectors as ledger
from saas.messaging.bus.models import OutboxEvent
from tenant_apps.payments import services as payments
from tenant_apps.payments.models import Payment
from tenant_apps.payments.rules import PaymentState, next_check
from tests.cases import cases


def begin(document="test:A"):
    payments.start_payment(document=document, amount=100, description="x", method="native", now=now())
    return Payment.objects.select_related("credential").get(document=document)


def test_all_notices_lost_everything_still_settles(shop, sandbox, drain):
    rows = [begin(f"test:{n}") for n in range(cases(5))]
    sandbox.fault(rows[0].credential.merchant_id, "no_notice", count=len(rows))
    for row in rows:
        sandbox.pay(row)
    assert OutboxEvent.objects.filter(topic="payment.query_due", done_at=None).count() == len(rows)
    drain(until=now() + dt.timedelta(minutes=3))
    assert Payment.objects.filter(state=PaymentState.PAID).count() == len(rows)
    assert ledger.balance("clearing.payment") == 100 * len(rows)
    drain(until=now() + dt.timedelta(days=1))
    assert not OutboxEvent.objects.filter(topic="payment.query_due", done_at=None).exists()  # the checks end with it


def test_an_unreachable_channel_is_asked_again_later(till, sandbox, settings):
    payment = begin()
    sandbox.fault(payment.credential.merchant_id, "error_500", count=1)
    assert payments.query_payment(payment_ulid=payment.ulid, now=now()) == "unknown"
    assert Payment.objects.get().state == PaymentState.PENDING
    assert payments.query_payment(payment_ulid=payment.ulid, now=now()) == "unpaid"


def test_an_unpaid_payment_is_closed_after_its_time(till, sandbox):
    payment = begin()
    Payment.objects.update(expires_at=now() - dt.timedelta(minutes=11))
    assert payments.query_payment(payment_ulid=payment.ulid, now=now()) == "closed"
    assert Payment.objects.get().state == PaymentState.CLOSED
    assert sandbox.state(payment.credential.merchant_id)["payment"][0]["state"] == "CLOSED"


def test_a_payment_that_never_reached_the_channel_is_closed_after_its_time(till, sandbox):
    payment = begin()
    Payment.objects.update(number="PYNEVERSENT01", state="created", expires_at=now() - dt.timedelta(minutes=11))
    assert payments.query_payment(payment_ulid=payment.ulid, now=now()) == "closed"


def test_wrong_facts_in_a_query_book_nothing(till, sandbox):
    payment = begin()
    sandbox.fault(payment.credential.merchant_id, "no_notice")
    sandbox.pay(payment)
    Payment.objects.update(amount=99)
    assert payments.query_payment(payment_ulid=payment.ulid, now=now()) == "ignored: amount"
    assert ledger.balance("channel.wechat") == 0
    assert Payment.objects.get().state == PaymentState.PENDING


def test_closing_at_the_channel_lets_nobody_pay(till, sandbox):
    payment = begin()
    assert payments.close_payment(document="test:A", now=now())
    assert payments.settle_close(payment_ulid=payment.ulid, now=now()) == "closed"
    assert Payment.objects.get().state == PaymentState.CLOSED
    assert not sandbox.control("pay", mchid=payment.credential.merchant_id, number=payment.number)["paid"]
    assert not payments.close_payment(document="test:A", now=now())


def test_closing_too_late_books_the_money(till, sandbox):
    payment = begin()
    sandbox.fault(payment.credential.merchant_id, "no_notice")
    sandbox.pay(payment)
    assert payments.settle_close(payment_ulid=payment.ulid, now=now()) == "applied"
    assert Payment.objects.get().state == PaymentState.PAID


def test_money_that_comes_after_closing_is_booked_and_told(till, sandbox):
    payment = begin()
    sandbox.fault(payment.credential.merchant_id, "no_notice")
    sandbox.pay(payment)
    Payment.objects.update(state=PaymentState.CLOSED, closed_at=now())
    from tenant_apps.payments.services.accounts import gateway_of

    facts = gateway_of(payment.credential).query(payment.number, now())
    assert payments.apply_payment_facts(facts=facts, now=now()) == "applied"
    assert payments.apply_payment_facts(facts=facts, now=now()) == "applied"
    assert OutboxEvent.objects.filter(topic="payment.confirmed").count() == 1
    assert ledger.balance("clearing.payment") == 100


@pytest.mark.parametrize(("attempt", "seconds"), [(0, 120), (1, 180), (6, 3600), (50, 3600)])
def test_checks_grow_rarer(attempt, seconds):
    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    assert next_check(attempt, start) == start + dt.timedelta(seconds=seconds)
