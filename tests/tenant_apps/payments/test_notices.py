"""Notices over real HTTP: genuine ones have their effect once, all others none (RELIABILITY A5-a)."""

import random
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from saas.identity.models import AuditRecord
from saas.kernel.clock import now
from saas.ledger import selectors as ledger
from saas.messaging.bus.models import OutboxEvent
from saas.tenants.malls.activation import in_mall
from tenant_apps.payments import selectors
from tenant_apps.payments import services as payments
from tenant_apps.payments.models import ChannelCredential, Notice, Payment
from tenant_apps.payments.rules import PaymentState
from tests.cases import cases


def begin(sandbox, document="test:A", amount=100, *, paid=True):
    """A started payment, paid at the channel, whose own notice got lost."""
    payments.start_payment(document=document, amount=amount, description="x", method="native", now=now())
    payment = Payment.objects.select_related("credential").get(document=document)
    if paid:
        sandbox.fault(payment.credential.merchant_id, "no_notice")
        sandbox.pay(payment)
    return payment


def nothing_changed(payment, notices=0):
    return (
        Payment.objects.get(pk=payment.pk).state == PaymentState.PENDING
        and Notice.objects.count() == notices
        and ledger.balance("channel.wechat") == 0
        and not OutboxEvent.objects.filter(topic="payment.confirmed").exists()
    )


def test_what_is_not_genuine_is_refused_and_changes_nothing(shop, other_shop, sandbox, drain):
    payment = begin(sandbox)
    for variant in ("forged", "tampered", "probe", "stale"):
        assert sandbox.notice(payment, variant=variant) == 401
    assert sandbox.notice(payment, variant="stale", age_seconds=-600) == 401  # from the future
    url = selectors.notify_url(payment.credential)
    assert sandbox.notice(payment, url=url[:-1] + ("A" if url[-1] != "A" else "B")) == 404
    at_home = f"http://127.0.0.1:{_port()}/notify/wechat/{payment.credential.notify_token}"
    bare = httpx.post(at_home, content=b"{}", trust_env=False, headers={"Host": "grocery.localhost"})
    assert bare.status_code == 401
    drain()
    assert nothing_changed(payment)


def test_another_malls_notices_are_refused_under_any_address(shop, other_shop, sandbox, drain):
    payment = begin(sandbox)
    with in_mall(other_shop):
        theirs = begin(sandbox, document="test:B")
        their_url = selectors.notify_url(theirs.credential)
    our_url = selectors.notify_url(payment.credential)
    assert sandbox.notice(theirs, url=our_url) == 401  # their keys, our address
    swapped = our_url.rsplit("/", 1)[0] + "/" + their_url.rsplit("/", 1)[1]
    assert sandbox.notice(theirs, url=swapped) == 404  # their token, our host
    drain()
    assert nothing_changed(payment)


@pytest.mark.parametrize(
    ("facts", "outcome"),
    [
        ({"amount": {"total": 1, "currency": "CNY"}}, "ignored: amount"),
        ({"amount": {"total": 100, "currency": "USD"}}, "ignored: currency"),
        ({"mchid": "1600000001"}, "ignored: merchant_id"),
        ({"appid": "wx0000000000000000"}, "ignored: app_id"),
        ({"out_trade_no": "PY000000NOTOURS"}, "ignored: unknown number"),
        ({"trade_state": "NOTPAY"}, "unpaid"),
        ({"transaction_id": ""}, "ignored: transaction_id"),
    ],
)
def test_genuine_notices_with_wrong_facts_are_kept_and_ignored(till, sandbox, facts, outcome):
    payment = begin(sandbox)
    row = _stored(sandbox, payment, facts)
    assert payments.process_notice(notice_ulid=row.ulid, now=now()) == outcome
    assert nothing_changed(payment, notices=1)
    disagreed = outcome.startswith("ignored") and "unknown" not in outcome
    assert AuditRecord.objects.filter(action="payment.facts_disagree").count() == int(disagreed)


def _stored(sandbox, payment, facts):
    """Have the sandbox sign and send a notice to a plain socket of ours, and receive it as the page would."""
    import http.server
    import threading

    caught = {}

    class Catcher(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            caught["headers"] = dict(self.headers)
            caught["body"] = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Catcher)
    thread = threading.Thread(target=server.handle_request)
    thread.start()
    assert sandbox.notice(payment, facts=facts, url=f"http://127.0.0.1:{server.server_port}/x") == 204
    thread.join()
    server.server_close()
    row = payments.receive_notice(
        channel="wechat", token=payment.credential.notify_token, headers=caught["headers"], body=caught["body"],
        now=now(),
    )  # fmt: skip
    assert row is not None
    again = payments.receive_notice(
        channel="wechat", token=payment.credential.notify_token, headers=caught["headers"], body=caught["body"],
        now=now(),
    )  # fmt: skip
    assert again is None
    return row


def test_the_answer_is_for_machines_and_needs_no_csrf_token(shop):
    token = ChannelCredential.objects.get(active=True).notify_token
    for path, status in ((f"wechat/{token}", 401), ("wechat/unknown", 404), (f"alipay/{token}", 404)):
        reply = httpx.post(
            f"http://127.0.0.1:{_port()}/notify/{path}", content=b"x", headers={"Host": "grocery.localhost"},
            trust_env=False,
        )  # fmt: skip
        assert (reply.status_code, reply.json()["code"]) == (status, "FAIL")
    reply = httpx.get(
        f"http://127.0.0.1:{_port()}/notify/wechat/{token}", headers={"Host": "grocery.localhost"}, trust_env=False
    )
    assert reply.status_code == 405


def _port():
    from django.conf import settings

    return settings.MALL_PORT


def test_a_storm_of_notices_has_each_effect_exactly_once(shop, other_shop, sandbox, drain, record_property):
    """About CASES × 50 notices: each genuine one 1–5 times, shuffled among forged, stale, foreign and wrong ones."""
    rows = [begin(sandbox, document=f"test:{n}", amount=100 + n) for n in range(cases(12))]
    with in_mall(other_shop):
        theirs = begin(sandbox, document="test:T")
    our_url = selectors.notify_url(rows[0].credential)
    good, bad = rows[: len(rows) * 3 // 4], rows[len(rows) * 3 // 4 :]
    storm = [(row, {"id": f"genuine-{row.number}"}, 204) for row in good for _ in range(random.randint(1, 5))]
    storm += [(row, {"variant": "forged"}, 401) for row in bad + good[: len(good) // 2]]
    storm += [(row, {"variant": "stale"}, 401) for row in bad]
    storm += [(theirs, {"url": our_url}, 401) for _ in bad]
    storm += [(row, {"facts": {"amount": {"total": 1, "currency": "CNY"}}}, 204) for row in bad]
    random.shuffle(storm)
    took = []

    def send(one):
        row, content, expected = one
        began = time.monotonic()
        status = sandbox.notice(row, **content)
        took.append(time.monotonic() - began)
        return status == expected

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(send, storm))
    drain()
    assert Payment.objects.filter(state=PaymentState.PAID).count() == len(good)
    assert OutboxEvent.objects.filter(topic="payment.confirmed").count() == len(good)
    assert ledger.balance("clearing.payment") == sum(row.amount for row in good)
    assert all(Payment.objects.get(pk=row.pk).state == PaymentState.PENDING for row in bad)
    assert Notice.objects.filter(outcome="applied").count() == len(good)
    p99 = sorted(took)[int(len(took) * 0.99)]
    record_property("p99_seconds", p99)
    assert p99 < 5, "the channel gives up after five seconds"


def test_faults_of_the_channel_itself(shop, sandbox, drain, wait_for):
    """Duplicated, late, probing notices of real payments, sent by the channel's own notifier."""
    payment = begin(sandbox, paid=False)
    mchid = payment.credential.merchant_id
    sandbox.fault(mchid, "duplicate_notice", argument=4)
    sandbox.fault(mchid, "signtest")
    sandbox.fault(mchid, "late_notice", argument=0.5)
    sandbox.pay(payment)
    wait_for(lambda: sum(row["acknowledged"] for row in sandbox.state(mchid)["notice"]) == 6)
    drain()
    statuses = sorted(row["last_status"] for row in sandbox.state(mchid)["notice"])
    assert statuses == [204, 204, 204, 204, 204, 401]
    assert Notice.objects.count() == 1
    assert ledger.balance("clearing.payment") == 100
    late = begin(sandbox, document="test:2", paid=False)
    sandbox.fault(mchid, "altered_amount")
    sandbox.pay(late)
    wait_for(lambda: Notice.objects.count() == 2)
    drain()
    assert Payment.objects.get(pk=late.pk).state == PaymentState.PENDING
