"""The whole conversation over real HTTP: start, pay at the cashier, notice, booking."""

import httpx

from saas.kernel.clock import now
from saas.kernel.ids import new_ulid
from saas.ledger import selectors as ledger
from saas.messaging.bus.models import OutboxEvent
from tenant_apps.payments import selectors
from tenant_apps.payments import services as payments
from tenant_apps.payments.models import Notice, Payment
from tenant_apps.payments.rules import PaymentState


def start(document, **changes):
    values = {"amount": 8850, "description": "有机苹果 等 2 件", "method": "native", "now": now()} | changes
    return payments.start_payment(document=document, **values)


def test_a_scanned_code_ends_in_money_on_the_clearing_account(shop, sandbox, wait_for, drain):
    document = f"test:{new_ulid()}"
    begun = start(document)
    assert begun.code_url.startswith(sandbox.origin)
    page = httpx.get(begun.code_url, follow_redirects=True, trust_env=False)
    assert "88.50" in page.text and "Green Basket" in page.text

    token = begun.code_url.rsplit("/", 1)[1]
    done = httpx.post(f"{sandbox.origin}/cashier/{token}", data={"do": "pay"}, trust_env=False)
    assert "支付成功" in done.text

    notice = wait_for(lambda: Notice.objects.first())
    assert notice.event_type == "TRANSACTION.SUCCESS"
    assert selectors.payment_state(document).state is PaymentState.PENDING  # stored and acknowledged, not yet booked
    drain()

    payment = Payment.objects.get()
    assert payment.state == PaymentState.PAID
    assert payment.transaction_id.startswith("42")
    assert ledger.balance("channel.wechat") == -8850
    assert ledger.balance("clearing.payment") == 8850
    event = OutboxEvent.objects.get(topic="payment.confirmed")
    assert event.payload == {"document": document, "amount": 8850, "payment": payment.ulid}
    assert Notice.objects.get().outcome == "applied"


def test_pressing_pay_again_repeats_the_same_number(till):
    document = f"test:{new_ulid()}"
    first, second = start(document), start(document)
    assert (first.number, first.code_url) == (second.number, second.code_url)
    assert Payment.objects.count() == 1
