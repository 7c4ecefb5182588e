"""The openid for paying inside WeChat: state bound to session and mall, good once; referral and next page survive."""

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from django.db import connection

from saas.kernel.clock import now
from saas.tenants.malls.activation import in_mall
from tenant_apps.payments import services as payments
from tenant_apps.payments.rules import Purpose
from tenant_apps.payments.services import login


@pytest.fixture
def browser(till, client):
    client.defaults["HTTP_HOST"] = "grocery.localhost"
    yield client
    connection.set_tenant(till)  # a request leaves the connection in the trap


def go_to_wechat(browser, path="/wechat/openid?next=/pay/01ABC%3Fr%3DSHARE1"):
    """To WeChat's page and back: the address that the person's browser is sent to."""
    sent = browser.get(path)
    assert sent.status_code == 302
    url = sent["Location"].split("#")[0]
    assert "scope=snsapi_base" in url
    answer = httpx.get(url, trust_env=False)
    assert answer.status_code == 302
    return answer.headers["Location"]


def back(browser, url):
    parts = urlsplit(url)
    return browser.get(f"{parts.path}?{parts.query}")


def openid(browser, mall):
    with in_mall(mall):
        return login.openid_in(browser.session)


def test_the_openid_is_learnt_and_the_way_goes_on_with_its_referral(browser, till):
    url = go_to_wechat(browser)
    assert url.startswith("http://grocery.localhost")
    done = back(browser, url)
    assert (done.status_code, done["Location"]) == (302, "/pay/01ABC?r=SHARE1")
    found = openid(browser, till)
    assert found.startswith("o") and len(found) == 28
    with in_mall(till):
        begun = payments.start_payment(
            document="test:1", amount=100, description="x", method="jsapi", payer_openid=found, now=now()
        )
    assert begun.jsapi["package"].startswith("prepay_id=")


def test_a_state_is_good_once(browser, till):
    url = go_to_wechat(browser)
    back(browser, url)
    assert back(browser, url).status_code == 422


@pytest.mark.parametrize("state", ["", "wrong", "x" * 32])
def test_another_state_is_refused_and_nothing_is_learnt(browser, till, state):
    url = go_to_wechat(browser)
    code = parse_qs(urlsplit(url).query)["code"][0]
    assert browser.get(f"/wechat/oauth?code={code}&state={state}").status_code == 422
    assert openid(browser, till) == ""


def test_a_callback_that_nobody_began_is_refused(browser, till):
    assert browser.get("/wechat/oauth?code=x&state=").status_code == 422


def test_a_code_of_another_account_or_a_made_up_one_is_refused(browser, till):
    url = go_to_wechat(browser)
    state = parse_qs(urlsplit(url).query)["state"][0]
    assert browser.get(f"/wechat/oauth?code=made-up&state={state}").status_code == 502
    assert openid(browser, till) == ""


def test_another_malls_host_does_not_take_the_answer(browser, till, beauty, sandbox):
    payments.connect_sandbox(actor="system", purpose=Purpose.LIVE, now=now())
    parts = urlsplit(go_to_wechat(browser))
    assert browser.get(f"{parts.path}?{parts.query}", HTTP_HOST="beauty.localhost").status_code == 422
    connection.set_tenant(beauty)


@pytest.mark.parametrize("wanted", ["//evil.example/x", "https://evil.example", "javascript:alert(1)"])
def test_the_way_on_stays_in_the_mall(browser, till, wanted):
    done = back(browser, go_to_wechat(browser, f"/wechat/openid?next={wanted}"))
    assert done["Location"] == "/"
