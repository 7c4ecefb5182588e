"""How many statements a payment costs: part of the purchase's budget (SET, BEGIN, COMMIT, SAVEPOINT not counted)."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from saas.kernel.clock import now
from tenant_apps.payments import services as payments
from tenant_apps.payments.models import Payment
from tenant_apps.payments.services.accounts import gateway_of


def counted(capture):
    silent = ("SET", "BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")
    return [query["sql"] for query in capture.captured_queries if not query["sql"].upper().startswith(silent)]


def start(document):
    return payments.start_payment(document=document, amount=100, description="x", method="native", now=now())


def paid_facts(sandbox, document):
    payment = Payment.objects.select_related("credential").get(document=document)
    sandbox.fault(payment.credential.merchant_id, "no_notice")
    sandbox.pay(payment)
    return gateway_of(payment.credential).query(payment.number, now())


def test_starting_and_confirming_stay_within_their_share(till, sandbox):
    start("test:warm")
    payments.confirm_payment(facts=paid_facts(sandbox, "test:warm"), now=now())  # opens the ledger's accounts
    with CaptureQueriesContext(connection) as starting:
        start("test:1")
    facts = paid_facts(sandbox, "test:1")
    with CaptureQueriesContext(connection) as confirming:
        payments.confirm_payment(facts=facts, now=now())
    assert len(counted(starting)) <= 5, "\n".join(counted(starting))
    assert len(counted(confirming)) <= 5, "\n".join(counted(confirming))
