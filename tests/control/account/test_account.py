"""The vendor's own pages: only theirs, the checklist, and the door to the mall."""

import pytest
from django.test import Client

from saas.identity.models import AuditRecord, User
from saas.support.models import LaunchItem
from saas.tenants.vendors import services as vendors
from saas.tenants.vendors.rules import PlaceState


@pytest.fixture
def place(sign_up, now):
    place = sign_up().place
    return vendors.change_place_state(mall=place.mall, wanted=PlaceState.REHEARSAL, actor="provisioning", now=now)


@pytest.fixture
def browser(owner):
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(owner)
    return client


def test_shows_the_mall_with_plan_and_checklist(browser, place):
    home = browser.get("/account/").content.decode()
    assert "Green Basket" in home
    page = browser.get(f"/account/malls/{place.mall}").content.decode()
    for words in ("Growth", "Business licence", "ICP filing", "http://greenbasket.localhost:8100/"):
        assert words in page
    assert "2026-11" in browser.get("/account/agreements").content.decode()


def test_one_click_leads_into_the_back_office(browser, place, owner):
    answer = browser.post(f"/account/malls/{place.mall}/enter")
    assert answer.status_code == 302
    assert answer.url.startswith("http://greenbasket.localhost:8100/enter/")
    assert AuditRecord.objects.filter(action="mall.entered", actor=f"user:{owner.public_id}").count() == 1


def test_a_mall_that_is_not_ready_has_no_door(browser, sign_up):
    place = sign_up().place
    assert browser.post(f"/account/malls/{place.mall}/enter").status_code == 409
    assert not AuditRecord.objects.filter(action="mall.entered").exists()


def test_strangers_see_and_enter_nothing(place, sign_up):
    other = User.objects.create_user(phone="+8613900139000")
    sign_up(owner=other, subdomain="other", key="other")
    stranger = Client()
    stranger.force_login(other)
    assert stranger.get(f"/account/malls/{place.mall}").status_code == 404
    assert stranger.post(f"/account/malls/{place.mall}/enter").status_code == 404
    assert stranger.post(f"/account/malls/{place.mall}/checklist/icp_filing", {"reference": "x"}).status_code == 404
    assert Client().get("/account/").url.startswith("/auth/")
    assert not LaunchItem.objects.filter(reference="x").exists()


def test_handing_in_an_item_makes_it_our_turn(browser, place):
    browser.post(f"/account/malls/{place.mall}/checklist/icp_filing", {"reference": "浙ICP备2026000001号"})
    item = LaunchItem.objects.get(mall=place.mall, key="icp_filing")
    assert (item.state, item.waits_for, item.reference) == ("in_review", "platform", "浙ICP备2026000001号")


def test_an_empty_item_is_refused(browser, place):
    assert browser.post(f"/account/malls/{place.mall}/checklist/icp_filing", {"reference": " "}).status_code == 422
    assert LaunchItem.objects.get(mall=place.mall, key="icp_filing").state == "open"
