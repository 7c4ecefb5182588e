"""Starting against a channel that misbehaves: never two numbers for one press, never a lost acceptance."""

import datetime as dt

import httpx
import pytest

from saas.kernel.clock import now
from saas.tenants.malls import selectors as malls
from saas.tenants.malls.activation import active_mall
from saas.tenants.malls.models import Mall
from tenant_apps.payments import selectors
from tenant_apps.payments import services as payments
from tenant_apps.payments.models import ChannelCredential, Payment
from tenant_apps.payments.rules import Method, PaymentState, Purpose, method_for
from tenant_apps.payments.services import starting
from tenant_apps.payments.services.accounts import ChannelNotReady


def start(document="test:A", **changes):
    values = {"amount": 100, "description": "苹果", "method": "native", "now": now()} | changes
    return payments.start_payment(document=document, **values)


def merchant():
    return ChannelCredential.objects.get(active=True).merchant_id


@pytest.mark.parametrize("fault", ["drop", "error_500", "error_500_after", "bad_signature", "unknown_serial"])
def test_an_unknown_outcome_is_asked_about_and_repeated_under_the_same_number(till, sandbox, fault):
    sandbox.fault(merchant(), fault)
    begun = start()
    assert begun.code_url
    payment = Payment.objects.get()
    assert payment.state == PaymentState.PENDING
    assert [row["number"] for row in sandbox.state(merchant())["payment"]] == [payment.number]


def test_a_timeout_after_acceptance_charges_once(till, sandbox):
    sandbox.fault(merchant(), "timeout", argument=6)
    begun = start()
    assert start().number == begun.number
    assert len(sandbox.state(merchant())["payment"]) == 1


def test_a_channel_that_stays_silent_leaves_a_row_that_the_next_press_goes_on_with(till, sandbox):
    sandbox.fault(merchant(), "drop", count=3)
    with pytest.raises(starting.ChannelUnavailable):
        start()
    payment = Payment.objects.get()
    assert payment.state == PaymentState.CREATED and payment.last_error
    assert start().number == payment.number


def test_a_rate_limit_asks_to_press_again(till, sandbox):
    sandbox.fault(merchant(), "rate_limit")
    with pytest.raises(starting.ChannelUnavailable):
        start()
    assert start().number == Payment.objects.get().number


def test_a_notice_before_the_answer_is_booked_and_the_page_hears_of_it(shop, sandbox, drain):
    sandbox.fault(merchant(), "early_notice")
    start()
    drain()
    payment = Payment.objects.get()
    assert payment.state == PaymentState.PAID
    with pytest.raises(starting.AlreadyPaid):
        start()


def test_another_method_closes_the_first_number_before_it_takes_another(till, sandbox):
    first = start()
    second = start(method="h5", client_ip="203.0.113.9")
    assert second.h5_url and second.number != first.number
    states = {row["number"]: row["state"] for row in sandbox.state(merchant())["payment"]}
    assert states == {first.number: "CLOSED", second.number: "NOTPAY"}
    assert Payment.objects.get(number=first.number).state == PaymentState.CLOSED


def test_a_first_number_paid_meanwhile_is_booked_instead_of_replaced(till, sandbox):
    start()
    sandbox.fault(merchant(), "no_notice")
    sandbox.pay(Payment.objects.get())
    with pytest.raises(starting.AlreadyPaid):
        start(method="h5", client_ip="203.0.113.9")
    assert Payment.objects.get().state == PaymentState.PAID


def test_inside_wechat_the_page_gets_parameters_that_the_channel_verifies(till, sandbox):
    with pytest.raises(starting.PayerUnknown):
        start(method="jsapi")
    assert Payment.objects.count() == 0
    begun = start(method="jsapi", payer_openid="oPayer123456", profit_sharing=True)
    assert set(begun.jsapi) == {"appId", "timeStamp", "nonceStr", "package", "signType", "paySign"}
    page = httpx.get(begun.simulator_url, params=begun.jsapi, trust_env=False)
    assert page.status_code == 200 and "立即支付" in page.text
    forged = httpx.get(begun.simulator_url, params={**begun.jsapi, "nonceStr": "x"}, trust_env=False)
    assert forged.status_code == 403
    content = sandbox.state(merchant())["payment"][0]["content"]
    assert '"profit_sharing": true' in content


def test_a_number_begun_under_another_address_is_closed_and_replaced(till, sandbox, settings):
    first = start()
    Payment.objects.update(answered_at=None, answer={}, state=PaymentState.CREATED)  # as if we had died then
    settings.MALL_PORT = "2"
    second = start()
    states = {row["number"]: row["state"] for row in sandbox.state(merchant())["payment"]}
    assert states == {first.number: "CLOSED", second.number: "NOTPAY"}


def test_another_amount_is_refused_and_changes_nothing(till):
    begun = start()
    with pytest.raises(starting.AmountDiffers):
        start(amount=99)
    assert Payment.objects.get().amount == 100 and Payment.objects.get().number == begun.number


def test_a_final_refusal_is_told_and_the_next_press_tries_anew(till):
    with pytest.raises(starting.ChannelRefused):
        start(expires_at=now() - dt.timedelta(minutes=1))
    assert Payment.objects.get().state == PaymentState.FAILED
    assert start().code_url


def test_presses_at_the_same_moment_make_one_number(shop):
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection

    from saas.tenants.malls.activation import in_mall

    mall = active_mall()

    def press(_):
        try:
            with in_mall(mall):
                return start().number
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        numbers = set(pool.map(press, range(12)))
    assert len(numbers) == 1
    assert Payment.objects.count() == 1


def test_an_open_mall_does_not_pay_through_the_rehearsal_channel(grocery, sandbox):
    payments.connect_sandbox(actor="system", purpose=Purpose.REHEARSAL, now=now())
    with pytest.raises(ChannelNotReady):
        start()
    assert Payment.objects.count() == 0
    assert not selectors.has_live_channel()


def test_a_mall_in_rehearsal_pays_through_the_sandbox_without_being_told(till):
    from django_tenants.utils import schema_context

    from saas.tenants.malls.activation import in_mall

    with schema_context("public"):
        Mall.objects.update(state="rehearsal", live_at=None)
    with in_mall(malls.mall_by_ulid(till.ulid)):
        start()
        assert Payment.objects.get().credential.purpose == Purpose.REHEARSAL
        assert selectors.credential(Purpose.REHEARSAL).healthy


def test_in_production_only_live_credentials_reach_the_real_channel(settings):
    from saas.channels.wechat.hosts import hosts

    assert hosts(Purpose.LIVE).is_sandbox
    settings.ENVIRONMENT = "production"
    assert hosts(Purpose.LIVE).api == "https://api.mch.weixin.qq.com"
    assert hosts(Purpose.REHEARSAL).is_sandbox


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) MicroMessenger/8.0.50", Method.JSAPI),
        ("Mozilla/5.0 (Linux; Android 15) Mobile Safari", Method.H5),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/140", Method.NATIVE),
    ],
)
def test_the_browser_decides_the_method(agent, expected):
    assert method_for(agent) is expected
