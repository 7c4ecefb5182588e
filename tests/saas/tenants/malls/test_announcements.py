"""News of the platform in a cell's malls: for the plans and people meant, in its window, until read, told to control."""

import datetime as dt

import pytest
from django.utils import translation

from saas.identity.roles import Role
from saas.kernel.clock import now
from saas.kernel.errors import NotFound
from saas.messaging.bus.models import OutboxEvent
from saas.messaging.bus.services import Event
from saas.tenants.malls import announcements, handlers, services
from tests.factories.browser import MallClient
from tests.factories.people import make_staff
from tests.tenant_apps.backoffice.conftest import signed_in

ULID = "01M8NEWS000000000000000000"


def told(version=1, ulid=ULID, **changes):
    fact = {
        "ulid": ulid, "version": version, "title": "维护", "title_en": "Maintenance", "body": "今晚两点", "body_en": "Tonight",
        "plans": [], "audience": "owners", "shown_from": (now() - dt.timedelta(hours=1)).isoformat(), "shown_until": "",
    }  # fmt: skip
    event = Event(f"e{version}", "announcement.changed", "", 0, {**fact, **changes}, now())
    handlers.on_announcement_changed(event)


def seen(mall, reader="A", owner=True, at=None):
    with translation.override("en"):
        return [
            (one.title, one.is_read)
            for one in announcements.shown_to(mall=mall, reader=reader, owner=owner, now=at or now())
        ]


def test_news_reach_the_plans_and_the_people_meant_in_their_window(grocery, beauty):
    services.copy_entitlements(grocery, {"plan": "growth"}, version=90)
    services.copy_entitlements(beauty, {"plan": "starter"}, version=90)
    told(plans=["growth"])
    assert seen(grocery) == [("Maintenance", False)]
    assert seen(beauty) == []
    assert seen(grocery, owner=False) == []
    assert seen(grocery, at=now() - dt.timedelta(hours=2)) == []
    told(version=3, audience="staff", shown_until=(now() + dt.timedelta(days=1)).isoformat())
    assert seen(grocery, owner=False) == seen(beauty) == [("Maintenance", False)]
    assert seen(beauty, at=now() + dt.timedelta(days=2)) == []
    told(version=2, title_en="An older word")
    assert seen(grocery) == [("Maintenance", False)], "an older version changes nothing"
    with translation.override("zh-hans"):
        assert announcements.shown_to(mall=grocery, reader="A", owner=True, now=now())[0].body == "今晚两点"
    told(version=4, shown_until=(now() - dt.timedelta(seconds=1)).isoformat())
    assert seen(grocery) == [], "withdrawn"


def test_read_by_one_it_stays_for_the_others_and_control_is_told_once(grocery, beauty):
    told(audience="staff")
    announcements.mark_read(mall=grocery, ulid=ULID, reader="A", now=now())
    announcements.mark_read(mall=grocery, ulid=ULID, reader="A", now=now())
    announcements.mark_read(mall=grocery, ulid=ULID, reader="B", now=now())
    assert seen(grocery) == [("Maintenance", True)]
    assert seen(grocery, reader="C") == seen(beauty) == [("Maintenance", False)]
    fact = OutboxEvent.objects.get(topic="announcement.read")
    assert (fact.mall, fact.destination, fact.payload["ulid"]) == (grocery.ulid, "control", ULID)
    with pytest.raises(NotFound):
        announcements.mark_read(mall=grocery, ulid="nothing", reader="A", now=now())


def test_the_banner_goes_with_a_click_and_its_page_keeps_it(grocery):
    told()
    owner, clerk = signed_in(make_staff(Role.OWNER)), signed_in(make_staff(Role.ORDERS))
    english = {"HTTP_ACCEPT_LANGUAGE": "en"}
    assert "Tonight" in owner.get("/backoffice/goods/", **english).content.decode()
    assert "今晚两点" in owner.get("/backoffice/").content.decode()
    assert "Tonight" not in clerk.get("/backoffice/orders/", **english).content.decode()
    assert clerk.post(f"/backoffice/platform/news/{ULID}/read").status_code == 404, "not meant for a clerk"
    assert owner.post(f"/backoffice/platform/news/{ULID}/read").status_code == 302
    assert f'data-news="{ULID}"' not in owner.get("/backoffice/goods/", **english).content.decode()
    page = owner.get("/backoffice/platform/", **english).content.decode()
    assert "Tonight" in page and "Nobody of the platform has been in this back office." in page
    page = clerk.get("/backoffice/platform/", **english).content.decode()
    assert "The platform has no news for you now." in page and "support" not in page.lower().partition("<main")[2]
    assert MallClient("grocery.localhost").post(f"/backoffice/platform/news/{ULID}/read").status_code == 302
