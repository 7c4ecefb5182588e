"""Signup through the pages: form, code, run."""

import re

import pytest
from django.test import Client

from provisioning.orchestrator.models import Run
from saas.identity.models import User
from saas.messaging.notices.models import Notice
from saas.tenants.vendors.models import Place, Vendor

FORM = {
    "company": "Hangzhou Green Basket Co., Ltd.",
    "contact_name": "Lin Yue",
    "target": "138 0013 8000",
    "mall_name": "Green Basket",
    "subdomain": "GreenBasket",
    "plan": "growth",
    "service": "on",
    "data": "on",
    "key": "01JSIGNVPSIGNVPSIGNVPSIGNV",
}


@pytest.fixture
def browser(cell):
    return Client(HTTP_ACCEPT_LANGUAGE="en")


def last_code():
    return re.search(r"\d{6}", Notice.objects.latest("pk").body)[0]


def nothing_made():
    return (User.objects.count(), Vendor.objects.count(), Place.objects.count(), Run.objects.count()) == (0, 0, 0, 0)


def test_form_code_run(browser):
    answer = browser.post("/signup", FORM)
    assert (answer.status_code, answer.url) == (302, "/signup/verify")
    assert nothing_made()  # before the code proves who asks
    answer = browser.post("/signup/verify", {"code": last_code()})
    run = Run.objects.get()
    assert answer.url == f"/signup/{run.ulid}"
    assert run.place.vendor.owner.phone == "+8613800138000"
    assert (run.place.subdomain, run.place.plan_code) == ("greenbasket", "growth")
    page = browser.get(answer.url)
    assert page.status_code == 200
    assert 'data-step-state="pending"' in page.content.decode()
    part = browser.get(answer.url, HTTP_HX_REQUEST="true").content.decode()
    assert "<html" not in part
    assert "hx-trigger" in part


def test_a_wrong_code_makes_nothing(browser):
    browser.post("/signup", FORM)
    wrong = f"{(int(last_code()) + 1) % 1_000_000:06d}"
    answer = browser.post("/signup/verify", {"code": wrong})
    assert answer.status_code == 422
    assert "wrong or has expired" in answer.content.decode()
    assert nothing_made()


def test_a_stale_code_makes_nothing(browser, time_machine_at_start):
    browser.post("/signup", FORM)
    code = last_code()
    time_machine_at_start.shift(301)
    answer = browser.post("/signup/verify", {"code": code})
    assert answer.status_code == 422
    assert "ask for a new one" in answer.content.decode()
    assert nothing_made()


def test_the_same_code_twice_opens_one_mall(browser):
    browser.post("/signup", FORM)
    code = last_code()
    browser.post("/signup/verify", {"code": code})
    browser.post("/signup/verify", {"code": code})
    assert Run.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"subdomain": "a"}, "3 to 32 letters"),
        ({"subdomain": "admin"}, "is reserved"),
        ({"target": "12"}, "valid mobile number or e-mail"),
        ({"company": ""}, "This field is required"),
        ({"plan": "free"}, "Select a valid choice"),
        ({"data": ""}, "accept the service agreement and the data agreement"),
    ],
)
def test_refuses_a_form_that_is_not_right(browser, changes, words):
    sent = Notice.objects.count()
    answer = browser.post("/signup", {**FORM, **changes})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert nothing_made()
    assert Notice.objects.count() == sent


def test_an_address_taken_while_the_code_was_on_its_way_is_said_on_the_form(browser, sign_up):
    browser.post("/signup", FORM)
    code = last_code()
    stranger = User.objects.create_user(phone="+8613900139000")
    sign_up(owner=stranger, subdomain="greenbasket", key="first")
    answer = browser.post("/signup/verify", {"code": code}, follow=True)
    assert "already taken" in answer.content.decode()
    assert 'value="Hangzhou Green Basket Co., Ltd."' in answer.content.decode()
    assert Run.objects.count() == 1


def test_the_address_is_checked_while_it_is_typed(browser, sign_up):
    sign_up()
    assert 'data-address="free"' in browser.get("/signup/address?subdomain=orchard").content.decode()
    for raw in ("greenbasket", "ADMIN", "-x-"):
        assert 'data-address="refused"' in browser.get("/signup/address", {"subdomain": raw}).content.decode()


def test_a_second_mall_of_a_known_vendor_needs_no_code(browser, owner, sign_up):
    sign_up()
    browser.force_login(owner)
    values = {name: value for name, value in FORM.items() if name != "target"}
    answer = browser.post("/signup", {**values, "subdomain": "second"})
    assert answer.url.startswith("/signup/")
    assert Vendor.objects.count() == 1
    again = browser.post("/signup", {**values, "subdomain": "third"})  # the same form sent again
    assert again.url == answer.url
    assert Place.objects.count() == 2


def test_a_run_is_shown_to_its_vendor_only(browser, owner, sign_up):
    run = sign_up()
    assert browser.get(f"/signup/{run.ulid}").status_code == 404
    browser.force_login(User.objects.create_user(phone="+8613900139000"))
    assert browser.get(f"/signup/{run.ulid}").status_code == 404
    browser.force_login(owner)
    assert browser.get(f"/signup/{run.ulid}").status_code == 200


@pytest.mark.parametrize("address", ["/", "/pricing", "/signup", "/agreements/service", "/agreements/data"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_public_pages_answer_in_both_languages(browser, address, language):
    browser.cookies["django_language"] = language
    page = browser.get(address)
    assert page.status_code == 200
    assert f'lang="{language}"' in page.content.decode()
