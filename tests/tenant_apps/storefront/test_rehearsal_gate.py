"""A mall in rehearsal is closed to strangers and open to staff and to people with the preview link."""

import pytest
from django.conf import settings as django_settings
from django.utils import translation

from saas.identity.roles import Role
from saas.kernel.clock import now
from saas.messaging.bus.models import OutboxEvent
from saas.messaging.bus.services import Event
from saas.tenants.malls.handlers import on_checklist_changed
from saas.tenants.malls.models import Mall
from tenant_apps.backoffice import launch
from tenant_apps.design import selectors, services
from tenant_apps.design.rules import READINESS_KEYS
from tests.factories import catalog
from tests.factories.browser import MallClient
from tests.factories.people import make_staff, make_user


@pytest.fixture
def rehearsal(grocery):
    from django_tenants.utils import schema_context

    with schema_context("public"):
        Mall.objects.filter(pk=grocery.pk).update(state="rehearsal", live_at=None)
    grocery.state = "rehearsal"
    return grocery


SHOP = ["/", "/c/", "/cart", "/search?q=x", "/orders", "/me"]


@pytest.mark.parametrize("path", SHOP)
def test_a_stranger_reads_opening_soon(rehearsal, path):
    catalog.single("秘密新品")
    answer = MallClient().get(path)
    assert answer.status_code == 200 and b"noindex" in answer.content
    assert "秘密新品" not in answer.content.decode()


@pytest.mark.parametrize("path", ["/legal/terms", "/auth/code/", "/language/en"])
def test_texts_and_sign_in_stay_open(rehearsal, path):
    assert b"noindex" not in MallClient().get(path).content


def test_the_preview_link_opens_the_mall_and_is_remembered(rehearsal):
    catalog.single("秘密新品")
    browser = MallClient()
    browser.get(f"/?preview={selectors.preview_token(rehearsal)}")
    assert "秘密新品" in browser.get("/").content.decode()


def test_a_forged_or_foreign_preview_link_opens_nothing(rehearsal, beauty):
    for token in ("x", selectors.preview_token(beauty)):
        assert b"noindex" in MallClient().get(f"/?preview={token}").content


def test_staff_see_the_mall_and_members_do_not(rehearsal):
    catalog.single("秘密新品")
    for staff in (True, False):
        browser = MallClient()
        browser.force_login(make_user(is_staff=staff), backend=django_settings.AUTHENTICATION_BACKENDS[0])
        assert ("秘密新品" in browser.get("/").content.decode()) is staff


def test_a_live_mall_needs_no_link(grocery):
    assert b"noindex" not in MallClient().get("/").content


def test_staff_preview_the_draft_of_the_brand_and_strangers_cannot(grocery):
    services.ensure_branding(name="青篮子", now=now())
    services.update_branding(actor="user:x", now=now(), values={"name": "新名字", "terms": "新条款"})
    staff = MallClient()
    staff.force_login(make_user(is_staff=True), backend=django_settings.AUTHENTICATION_BACKENDS[0])
    assert staff.get("/preview").status_code == 200
    assert "新名字" in staff.get("/?brand=draft").content.decode()
    assert "新条款" in staff.get("/legal/terms?brand=draft").content.decode()
    stranger = MallClient()
    assert stranger.get("/preview").status_code == 404
    assert "新名字" not in stranger.get("/?brand=draft").content.decode()
    assert "新条款" not in stranger.get("/legal/terms?brand=draft").content.decode()


def test_publishing_an_unready_mall_is_refused_naming_everything_that_is_missing(rehearsal):
    with pytest.raises(services.MallNotReady) as refused:
        services.require_ready(mall=rehearsal, now=now())
    assert refused.value.data["missing"] == [
        key for key in READINESS_KEYS if key not in ("messages", "approvals")
    ]  # tests have a mailbox
    from saas.tenants.malls import selectors as malls

    assert malls.mall_by_ulid(rehearsal.ulid).state == "rehearsal"


def test_what_the_law_asks_on_the_platforms_checklist_keeps_the_mall_closed_and_the_rest_is_shown(rehearsal):
    def told(version, *items):
        value = [{"key": key, "title": zh, "title_en": en, "blocks": blocks} for key, zh, en, blocks in items]
        fact = {"mall": rehearsal.ulid, "value": value, "version": version}
        on_checklist_changed(Event(f"L{version}", "checklist.changed", rehearsal.ulid, 1, fact, now()))

    food, filing = ("food_licence", "食品经营许可", "Food licence", True), ("domain", "自有域名", "Own domain", False)
    told(2, food, filing)
    told(1)
    with pytest.raises(services.MallNotReady) as refused, translation.override("en"):
        services.require_ready(mall=rehearsal, now=now())
    assert refused.value.data["missing"][-1] == "food_licence" and "domain" not in refused.value.data["missing"]
    assert refused.value.text.rstrip(".").endswith("Food licence")
    owner = MallClient(HTTP_ACCEPT_LANGUAGE="en")
    owner.force_login(make_staff(Role.OWNER), backend=django_settings.AUTHENTICATION_BACKENDS[0])
    page = owner.get("/backoffice/launch/").content.decode()
    assert f"/account/malls/{rehearsal.ulid}#item-food_licence" in page
    assert "The law asks for it: the mall does not open before it is settled." in page
    assert "Not settled yet; the mall opens without it." in page
    told(3, filing)
    with pytest.raises(services.MallNotReady) as refused:
        services.require_ready(mall=rehearsal, now=now())
    assert "food_licence" not in refused.value.data["missing"]


def test_the_readiness_list_ticks_itself(rehearsal):
    services.ensure_branding(
        name="青篮子",
        now=now(),
        service_phone="400",
        company_name="公司",
        licence_number="913",
        return_address="苏州",
        terms="t",
        privacy="p",
        returns="r",
    )
    catalog.single()
    done = {line.key: line.done for line in selectors.readiness(now=now())}
    assert done["brand"] and done["texts"] and done["licence"] and done["product"]
    assert not done["live_channel"]
    with pytest.raises(services.MallNotReady) as refused:
        services.require_ready(mall=rehearsal, now=now())
    assert "live_channel" in refused.value.data["missing"]
    launch.report_done(now=now())
    launch.report_done(now=now())  # the next round: nothing new
    facts = OutboxEvent.objects.filter(topic="launch.seen", mall=rehearsal.ulid)
    assert [(one.destination, one.payload) for one in facts] == [
        ("control", {"done": ["first_products", "legal_texts"]})
    ]
