"""Money back: never more than was paid, once, and booked only when it has arrived."""

import datetime as dt

import pytest
from django.db import transaction

from saas.kernel.clock import now
from saas.kernel.ids import new_ulid
from saas.kernel.states import IllegalTransition
from saas.ledger import selectors as ledger
from saas.ledger import services as book
from saas.ledger.services import Move
from saas.messaging.bus.models import OutboxEvent
from tenant_apps.payments import selectors
from tenant_apps.payments import services as payments
from tenant_apps.payments.models import Payment, PaymentRefund
from tenant_apps.payments.rules import PaymentState, RefundState
from tenant_apps.payments.services import refunding


def paid(sandbox, document="test:A", amount=1000):
    payments.start_payment(document=document, amount=amount, description="x", method="native", now=now())
    payment = Payment.objects.select_related("credential").get(document=document)
    sandbox.fault(payment.credential.merchant_id, "no_notice")
    sandbox.pay(payment)
    payments.query_payment(payment_ulid=payment.ulid, now=now())
    with transaction.atomic():
        book.post_entry(
            key=f"test:{payment.ulid}", kind="test", moves=[Move("clearing.payment", "clearing.refund", amount)],
            document=document, occurred_at=now(),
        )  # fmt: skip
    return payment


def ask(amount=400, ulid=None, document="test:A", **changes):
    return payments.start_refund(
        payment_document=document,
        refund_ulid=ulid or new_ulid(),
        amount=amount,
        reason="不想要了",
        now=now(),
        **changes,
    )


def settle(refund, wait_for):
    """Send it, then ask until the channel has carried it out."""
    payments.send_refund(refund_ulid=refund.ulid, now=now())

    def arrived():
        payments.send_refund(refund_ulid=refund.ulid, now=now())
        return PaymentRefund.objects.get(pk=refund.pk).state == RefundState.SUCCEEDED

    wait_for(arrived)


def test_a_refund_arrives_by_notice_and_is_booked_once(shop, sandbox, drain, wait_for):
    payment = paid(sandbox)
    refund = ask(1000)
    drain(until=now() + dt.timedelta(seconds=1))
    row = PaymentRefund.objects.get()
    assert row.state == RefundState.PROCESSING
    assert ledger.balance("channel.wechat") == -1000  # not yet
    mchid = payment.credential.merchant_id
    wait_for(lambda: any(n["acknowledged"] for n in sandbox.state(mchid)["notice"]))
    drain(until=now() + dt.timedelta(hours=5))
    assert PaymentRefund.objects.get().state == RefundState.SUCCEEDED
    assert (ledger.balance("channel.wechat"), ledger.balance("clearing.refund")) == (0, 0)
    event = OutboxEvent.objects.get(topic="payment.refunded")
    assert event.payload == {
        "refund": refund.ulid, "document": "test:A", "amount": 1000, "payment": payment.ulid,
    }  # fmt: skip
    assert [view.state for view in selectors.refunds_of("test:A")] == [RefundState.SUCCEEDED]


def test_several_parts_never_add_up_to_more_than_was_paid(till, sandbox, wait_for):
    paid(sandbox)
    for amount in (400, 600):
        settle(ask(amount), wait_for)
    with pytest.raises(refunding.RefundAbovePaid):
        ask(1)
    assert PaymentRefund.objects.count() == 2
    assert Payment.objects.get().refunded_amount == 1000
    assert ledger.balance("clearing.refund") == 0


@pytest.mark.parametrize("amount", [0, -1, 1001])
def test_above_paid_or_nothing_is_refused_and_changes_nothing(till, sandbox, amount):
    paid(sandbox)
    with pytest.raises(refunding.RefundAbovePaid):
        ask(amount)
    assert not PaymentRefund.objects.exists()
    assert Payment.objects.get().refunded_amount == 0
    assert not OutboxEvent.objects.filter(topic="payment.refund_due").exists()


def test_the_same_refund_twice_is_one_and_with_another_amount_refused(till, sandbox):
    paid(sandbox)
    first = ask(400)
    assert ask(400, ulid=first.ulid).pk == first.pk
    with pytest.raises(refunding.RefundConflict):
        ask(401, ulid=first.ulid)
    assert Payment.objects.get().refunded_amount == 400


def test_what_was_not_paid_cannot_be_refunded(till, sandbox):
    payments.start_payment(document="test:A", amount=100, description="x", method="native", now=now())
    with pytest.raises(refunding.NothingPaid):
        ask(100)


def test_a_second_late_payment_of_a_document_is_refunded_by_name(till, sandbox):
    first = paid(sandbox)
    Payment.objects.update(state=PaymentState.CLOSED, paid_at=None)
    second = paid_again(sandbox)
    Payment.objects.filter(pk=first.pk).update(state=PaymentState.PAID, paid_at=now())
    assert ask(1000, payment=second.ulid).payment_id == second.pk


def paid_again(sandbox):
    payments.start_payment(document="test:A", amount=1000, description="x", method="native", now=now())
    payment = Payment.objects.select_related("credential").exclude(state=PaymentState.CLOSED).get()
    sandbox.fault(payment.credential.merchant_id, "no_notice")
    sandbox.pay(payment)
    payments.query_payment(payment_ulid=payment.ulid, now=now())
    return payment


@pytest.mark.parametrize("fault", ["drop", "error_500", "error_500_after", "bad_signature", "rate_limit"])
def test_an_unknown_outcome_is_asked_about_and_never_sent_under_another_number(till, sandbox, fault, wait_for):
    payment = paid(sandbox)
    refund = ask(400)
    mchid = payment.credential.merchant_id
    sandbox.fault(mchid, fault)
    payments.send_refund(refund_ulid=refund.ulid, now=now())
    row = PaymentRefund.objects.get()
    assert row.state == RefundState.CREATED and row.last_error
    settle(refund, wait_for)
    assert [(r["number"], r["amount"]) for r in sandbox.state(mchid)["refund"]] == [(refund.number, 400)]


def test_a_short_balance_waits_and_is_tried_again(till, sandbox, wait_for):
    payment = paid(sandbox)
    sandbox.fault(payment.credential.merchant_id, "insufficient")
    refund = ask(400)
    assert payments.send_refund(refund_ulid=refund.ulid, now=now()) == "insufficient"
    assert PaymentRefund.objects.get().state == RefundState.CREATED
    settle(refund, wait_for)


def test_what_the_channel_cannot_return_wants_a_person_who_can_send_it_again(till, sandbox, wait_for):
    payment = paid(sandbox)
    sandbox.fault(payment.credential.merchant_id, "abnormal_refund")
    refund = ask(400)
    payments.send_refund(refund_ulid=refund.ulid, now=now())
    wait_for(lambda: payments.send_refund(refund_ulid=refund.ulid, now=now()) in ("attention", "final"))
    assert PaymentRefund.objects.get().state == RefundState.ATTENTION
    assert [view.ulid for view in selectors.refunds_wanting_attention()] == [refund.ulid]
    assert ledger.balance("clearing.refund") == 1000
    payments.retry_refund(actor="user:x", refund_ulid=refund.ulid, now=now())
    assert PaymentRefund.objects.get().state == RefundState.CREATED
    with pytest.raises(IllegalTransition):
        payments.retry_refund(actor="user:x", refund_ulid=refund.ulid, now=now())


def test_the_channels_own_refusal_above_paid(till, sandbox):
    """Even if our own guard were wrong, the channel refuses, and nothing is booked."""
    payment = paid(sandbox)
    refund = ask(400)
    Payment.objects.update(amount=900)  # no longer what the channel knows
    assert payments.send_refund(refund_ulid=refund.ulid, now=now()) == "bad_param"
    assert PaymentRefund.objects.get().state == RefundState.ATTENTION
    assert sandbox.state(payment.credential.merchant_id)["refund"] == []
