"""kill -9 in the middle of a confirmation: afterwards the booking is whole or absent, and the next try ends it."""

import os
import subprocess
import sys

from saas.kernel.clock import now
from saas.ledger import selectors as ledger
from saas.messaging.bus.models import OutboxEvent
from tenant_apps.payments import services as payments
from tenant_apps.payments.models import Payment
from tenant_apps.payments.rules import PaymentState

POINTS = ("locked", "posted", "published", "committed")
_DELIVER = """
import django, sys
django.setup()
from saas.config.delivery import run_delivery
run_delivery(event_id=sys.argv[1], mall=sys.argv[2], fact=False)
"""


def test_a_confirmation_killed_at_any_point_is_whole_or_absent(shop, sandbox, drain, wait_for):
    for booked, point in enumerate(POINTS):
        payments.start_payment(document=f"test:{point}", amount=100, description="x", method="native", now=now())
        payment = Payment.objects.select_related("credential").get(document=f"test:{point}")
        sandbox.pay(payment)
        event = wait_for(OutboxEvent.objects.filter(topic="payment.notice_received", done_at=None).first)
        place = f"payment.confirm.{point}"
        done = subprocess.run(
            [sys.executable, "-c", _DELIVER, event.event_id, shop.ulid],
            env={**os.environ, "CRASH_AT": place, "SANDBOX_ORIGIN": sandbox.origin}, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 137, done.stderr
        # The confirmation commits with the notice's own transaction: “committed” here is its savepoint only.
        assert ledger.balance("clearing.payment") == 100 * booked
        assert Payment.objects.get(pk=payment.pk).state == PaymentState.PENDING
        drain()
        assert Payment.objects.get(pk=payment.pk).state == PaymentState.PAID
        assert ledger.balance("clearing.payment") == 100 * (booked + 1)
    assert OutboxEvent.objects.filter(topic="payment.confirmed").count() == len(POINTS)


def test_a_start_killed_after_its_row_goes_on_with_the_same_number(shop, sandbox, settings):
    code = (
        "import django; django.setup()\n"
        "from saas.kernel.clock import now\n"
        "from saas.tenants.malls import selectors\n"
        "from saas.tenants.malls.activation import in_mall\n"
        "from tenant_apps.payments import services as payments\n"
        f"with in_mall(selectors.mall_by_ulid({shop.ulid!r})):\n"
        "    payments.start_payment(document='test:1', amount=100, description='x', method='native', now=now())\n"
    )
    environment = {**os.environ, "SANDBOX_ORIGIN": sandbox.origin, "MALL_PORT": settings.MALL_PORT}
    for point in ("payment.start.row_committed", "payment.start.answered"):
        done = subprocess.run(
            [sys.executable, "-c", code], env={**environment, "CRASH_AT": point}, capture_output=True, text=True
        )
        assert done.returncode == 137, done.stderr
    payment = Payment.objects.select_related("credential").get()
    assert payment.state == PaymentState.CREATED
    begun = payments.start_payment(document="test:1", amount=100, description="x", method="native", now=now())
    assert begun.number == payment.number and begun.code_url
    assert len(sandbox.state(payment.credential.merchant_id)["payment"]) == 1
