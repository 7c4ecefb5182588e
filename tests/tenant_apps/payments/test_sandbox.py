"""The sandbox as a channel: it verifies, refuses and remembers by its own code."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from saas.channels.contract import ChannelError, PaymentRequest, RefundRequest
from saas.channels.wechat.adapter import WechatGateway
from saas.channels.wechat.credentials import check_fields
from saas.kernel.clock import now
from tenant_apps.payments.rules import ErrorClass, Method

PROJECT = Path(__file__).resolve().parents[3]


@pytest.fixture
def account(sandbox_server):
    found, checks = check_fields(sandbox_server.control("merchants", name="Peony"), now())
    assert found is not None, checks
    return found


@pytest.fixture
def gateway(account, sandbox_server):
    return WechatGateway(account, sandbox_server.origin)


def request(**changes):
    import datetime as dt

    values = {
        "number": "PY0000000001", "description": "苹果", "amount": 100, "currency": "CNY", "method": Method.NATIVE,
        "notify_url": "http://peony.localhost/notify/wechat/x", "expires_at": now() + dt.timedelta(hours=1),
    }  # fmt: skip
    return PaymentRequest(**{**values, **changes})


def refusal(call):
    with pytest.raises(ChannelError) as error:
        call()
    return error.value.kind


def test_a_wrong_signature_serial_or_clock_is_refused(account, sandbox_server, gateway):
    import datetime as dt

    wrong = WechatGateway(replace(account, certificate_serial="5D" + "0" * 38), sandbox_server.origin)
    assert refusal(lambda: wrong.create(request(), now())) is ErrorClass.SIGN
    assert refusal(lambda: gateway.create(request(), now() - dt.timedelta(minutes=6))) is ErrorClass.SIGN
    stranger, _ = check_fields(sandbox_server.control("merchants", name="Stranger"), now())
    mixed = WechatGateway(replace(account, private_key=stranger.private_key), sandbox_server.origin)
    assert refusal(lambda: mixed.create(request(), now())) is ErrorClass.SIGN


def test_a_number_is_one_payment_for_ever(gateway):
    first = request()
    answer = gateway.create(first, now())
    assert gateway.create(first, now()) == answer
    assert refusal(lambda: gateway.create(replace(first, amount=101), now())) is ErrorClass.DUPLICATE
    gateway.close(first.number, now())
    assert refusal(lambda: gateway.create(first, now())) is ErrorClass.CLOSED
    assert gateway.query(first.number, now()).closed


def test_one_merchant_sees_nothing_of_another(gateway, sandbox_server):
    gateway.create(request(), now())
    stranger, _ = check_fields(sandbox_server.control("merchants", name="Stranger"), now())
    theirs = WechatGateway(stranger, sandbox_server.origin)
    assert refusal(lambda: theirs.query("PY0000000001", now())) is ErrorClass.NOT_FOUND


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": 0},
        {"number": "short"},
        {"description": ""},
        {"method": Method.JSAPI},
        {"method": Method.H5},
        {"notify_url": "http://example.com/notify"},
        {"notify_url": "http://peony.localhost/notify?mall=1"},
    ],
)
def test_parameters_are_checked(gateway, changes):
    assert refusal(lambda: gateway.create(request(**changes), now())) is ErrorClass.BAD_PARAM


def test_refunds_stay_within_what_was_paid(gateway, sandbox_server, account):
    gateway.create(request(), now())
    asked = RefundRequest("RF0000000001", "PY0000000001", 60, 100, "CNY", "", "http://peony.localhost/n")
    assert refusal(lambda: gateway.refund(asked, now())) is ErrorClass.BAD_PARAM  # not paid
    sandbox_server.fault(account.merchant_id, "no_notice", count=9)
    sandbox_server.control("pay", mchid=account.merchant_id, number="PY0000000001")
    assert gateway.refund(asked, now()).amount == 60
    assert gateway.refund(asked, now()).amount == 60  # the same number again: the same refund
    assert refusal(lambda: gateway.refund(replace(asked, amount=50), now())) is ErrorClass.BAD_PARAM
    above = replace(asked, number="RF0000000002", amount=41)
    assert refusal(lambda: gateway.refund(above, now())) is ErrorClass.BAD_PARAM
    assert refusal(lambda: gateway.query_refund("RF0000000009", now())) is ErrorClass.NOT_FOUND


def test_the_cashier_can_fail_and_close(gateway, sandbox_server):
    url = gateway.create(request(), now())["code_url"].replace("/qr/", "/cashier/")
    failed = httpx.post(url, data={"do": "fail", "back": "javascript:alert(1)"}, trust_env=False)
    assert "支付失败" in failed.text and "javascript" not in failed.text
    assert not gateway.query("PY0000000001", now()).paid
    closed = httpx.post(url, data={"do": "close", "back": "http://peony.localhost/orders"}, trust_env=False)
    assert "订单已关闭" in closed.text and "http://peony.localhost/orders" in closed.text
    assert "订单已关闭" in httpx.post(url, data={"do": "pay"}, trust_env=False).text
    assert "Sandbox" in httpx.get(url + "?lang=en", trust_env=False).text


@pytest.mark.parametrize(
    "setting", [{"ENVIRONMENT": "production"}, {"DJANGO_SETTINGS_MODULE": "saas.config.settings.prod"}]
)
def test_does_not_run_in_production(tmp_path, setting):
    done = subprocess.run(
        [sys.executable, "-m", "tenant_apps.payments.sandbox", "--port", "0", "--home", str(tmp_path)],
        cwd=PROJECT, env={"PATH": "/usr/bin", **setting}, capture_output=True, text=True, timeout=30,
    )  # fmt: skip
    assert done.returncode != 0 and "production" in done.stderr


def test_shares_no_code_with_the_adapter():
    for file in (PROJECT / "tenant_apps" / "payments" / "sandbox").glob("*.py"):
        text = file.read_text()
        assert "gateways" not in text and "django" not in text.lower().replace("no django", "").replace(
            "django_settings_module", ""
        )
