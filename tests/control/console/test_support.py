"""Between operators and vendors: questions, news, verification, access to a mall, figures that open their rows."""

import datetime as dt

import pytest
from django.test import Client

from billing.models import Subscription
from saas.identity.models import AuditRecord, User
from saas.identity.tokens import _fernet
from saas.messaging.bus.models import OutboxEvent
from saas.messaging.bus.services import Event
from saas.messaging.notices.models import Notice
from saas.support.handlers import on_announcement_read, on_cell_reported, on_support_acted, on_support_ended
from saas.support.models import Announcement, SupportAct, SupportGrant, Ticket, TicketMessage, Verification
from saas.support.rules import licence_right
from saas.support.services import access
from saas.support.services.verification import VerificationNeeded
from saas.tenants.vendors import services as vendors
from saas.tenants.vendors.models import Place
from saas.tenants.vendors.rules import PlaceState

LICENCE = "91330106MA27XYWT8R"


def right_licence() -> str:
    return next(
        f"{LICENCE[:-1]}{last}" for last in "0123456789ABCDEFGHJKLMNPQRTUWXY" if licence_right(f"{LICENCE[:-1]}{last}")
    )


@pytest.fixture
def place(sign_up, now):
    place = sign_up().place
    return vendors.change_place_state(mall=place.mall, wanted=PlaceState.REHEARSAL, actor="provisioning", now=now)


@pytest.fixture
def operator(db):
    return User.objects.create_user(email="op@example.test", name="Olga", is_staff=True, is_superuser=True)


def browser(user):
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(user)
    return client


@pytest.fixture
def stranger(place, sign_up):
    other = User.objects.create_user(phone="+8613900139000")
    sign_up(owner=other, subdomain="other", key="other", company="Other Co.")
    return browser(other)


PAGES = ["", "usage/", "questions/", "news/", "verifications/", "figures/2026-11/", "settings/", "settings/account/"]


@pytest.mark.parametrize("page", PAGES)
def test_pages_are_for_operators_alone(place, operator, owner, page):
    assert browser(operator).get(f"/console/{page}").status_code == 200
    assert browser(owner).get(f"/console/{page}", follow=True).status_code == 403


def test_a_question_goes_to_and_fro(place, owner, operator, stranger):
    vendor, console = browser(owner), browser(operator)
    refused = vendor.post("/account/support", {"subject": "", "text": "x"})
    assert (refused.status_code, Ticket.objects.count()) == (422, 0)
    vendor.post("/account/support", {"subject": "DNS", "text": "How do I point my domain?", "mall": place.mall})
    ticket = Ticket.objects.get()
    assert (ticket.state, ticket.mall) == ("open", place.mall)
    assert "DNS" in console.get("/console/questions/").content.decode()
    assert "DNS" in console.get("/console/").content.decode()
    console.post(f"/console/questions/{ticket.ulid}/", {"text": "With a CNAME."})
    ticket.refresh_from_db()
    assert (ticket.state, Notice.objects.filter(kind="ticket_answered").count()) == ("answered", 1)
    page = vendor.get(f"/account/support/{ticket.ulid}").content.decode()
    assert "With a CNAME." in page and "Olga" in page
    assert stranger.get(f"/account/support/{ticket.ulid}").status_code == 404
    assert stranger.post(f"/account/support/{ticket.ulid}", {"text": "mine"}).status_code == 404
    assert stranger.post("/account/support", {"subject": "x", "text": "y", "mall": place.mall}).status_code == 404
    vendor.post(f"/account/support/{ticket.ulid}", {"close": "1"})
    ticket.refresh_from_db()
    assert (ticket.state, TicketMessage.objects.count()) == ("closed", 2)
    vendor.post(f"/account/support/{ticket.ulid}", {"text": "It came back."})
    ticket.refresh_from_db()
    assert (ticket.state, ticket.closed_at) == ("open", None)


def test_news_are_read_in_both_languages_and_withdrawn(place, owner, operator):
    console = browser(operator)
    form = {"title": "维护", "title_en": "Maintenance", "body": "今晚", "body_en": "Tonight at two"}
    bad = console.post("/console/news/", {**form, "title_en": ""})
    assert (bad.status_code, Announcement.objects.count()) == (422, 0)
    bad = console.post("/console/news/", {**form, "shown_from": "2030-01-02", "shown_until": "2030-01-01"})
    assert bad.status_code == 422
    console.post("/console/news/", form)
    assert "Tonight at two" in browser(owner).get("/account/").content.decode()
    assert "今晚" in browser(owner).get("/account/", HTTP_ACCEPT_LANGUAGE="zh-hans").content.decode()
    console.post(f"/console/news/{Announcement.objects.get().ulid}/withdraw")
    assert "Tonight at two" not in browser(owner).get("/account/").content.decode()


def test_news_reach_the_cells_for_the_plans_chosen_and_cells_that_come_later(place, owner, operator, now):
    console = browser(operator)
    form = {
        "title": "维护",
        "title_en": "Maintenance",
        "body": "今晚",
        "body_en": "Tonight at two",
        "plans": ["starter"],
    }
    assert console.post("/console/news/", {**form, "audience": "everybody"}).status_code == 422
    assert OutboxEvent.objects.filter(topic="announcement.changed").count() == 0
    console.post("/console/news/", {**form, "audience": "staff"})
    row = Announcement.objects.get()
    fact = OutboxEvent.objects.get(topic="announcement.changed")
    assert (fact.destination, fact.mall, fact.payload["version"], fact.payload["plans"]) == ("c1", "", 1, ["starter"])
    assert (fact.payload["audience"], row.told) == ("staff", ["c1"])
    assert "Tonight at two" not in browser(owner).get("/account/").content.decode(), "the vendor's plan is another"
    reported = Event("e3", "cell.reported", "", 0, {"cell": "c2"}, now)
    on_cell_reported(reported)
    on_cell_reported(reported)
    assert list(OutboxEvent.objects.filter(topic="announcement.changed").values_list("destination", flat=True)) == [
        "c1",
        "c2",
    ]
    on_announcement_read(
        Event("e4", "announcement.read", place.mall, 1, {"ulid": row.ulid, "at": now.isoformat()}, now)
    )
    on_announcement_read(
        Event("e5", "announcement.read", place.mall, 1, {"ulid": row.ulid, "at": now.isoformat()}, now)
    )
    page = console.get("/console/news/").content.decode()
    assert "read in 1 mall" in page and "Starter · all staff" in page
    console.post(f"/console/news/{row.ulid}/withdraw")
    last = OutboxEvent.objects.filter(topic="announcement.changed").order_by("pk")[2:]
    assert [(one.destination, one.payload["version"], bool(one.payload["shown_until"])) for one in last] == [
        ("c1", 2, True), ("c2", 2, True),
    ]  # fmt: skip
    console.post("/console/news/", {**form, "plans": [], "audience": "nobody"})
    assert OutboxEvent.objects.filter(topic="announcement.changed").count() == 4, "the account page alone"
    assert "Tonight at two" in browser(owner).get("/account/").content.decode()


def test_a_vendor_is_verified_and_before_that_limited(place, owner, operator, settings, sign_up):
    settings.VERIFICATION_REQUIRED = True
    subscription = Subscription.objects.get()
    with pytest.raises(VerificationNeeded):
        sign_up(subdomain="second", key="two")
    assert Place.objects.count() == 1
    vendor, console = browser(owner), browser(operator)
    for licence, person, words in (
        ("91330106MA27XYWT80" if right_licence()[-1] != "0" else LICENCE[:-1] + "1", "Lin Yue", "no unified social credit code"),
        (right_licence(), " ", "legal representative"),
    ):  # fmt: skip
        page = vendor.post("/account/verification", {"licence_number": licence, "legal_person": person})
        assert page.status_code == 422 and words in page.content.decode()
    vendor.post("/account/verification", {"licence_number": right_licence().lower(), "legal_person": "Lin Yue"})
    row = Verification.objects.get()
    assert (row.state, row.licence_number) == ("in_review", right_licence())
    address = f"/console/companies/{place.vendor.ulid}/"
    assert right_licence() in console.get(address).content.decode()
    console.post(f"{address}verify", {"what": "refuse", "note": ""})
    row.refresh_from_db()
    assert row.state == "in_review"
    console.post(f"{address}verify", {"what": "refuse", "note": "The picture is missing."})
    assert "The picture is missing." in vendor.get("/account/verification").content.decode()
    subscription.refresh_from_db()
    assert subscription.entitlements["vendor_verified"] is False
    vendor.post("/account/verification", {"licence_number": right_licence(), "legal_person": "Lin Yue"})
    console.post(f"{address}verify", {"what": "accept"})
    subscription.refresh_from_db()
    assert subscription.entitlements["vendor_verified"] is True
    fact = OutboxEvent.objects.filter(topic="entitlements.changed").latest("pk").payload
    assert fact["values"]["vendor_verified"] is True
    assert sign_up(subdomain="second", key="two").place.subdomain == "second"


def test_access_needs_a_reason_and_the_vendors_leave_and_ends(place, owner, operator, stranger, time_machine):
    start = dt.datetime(2026, 11, 22, 9, tzinfo=dt.UTC)
    time_machine.move_to(start, tick=False)
    vendor, console = browser(owner), browser(operator)
    address = f"/console/malls/{place.mall}/access/"
    for form in ({"reason": "", "hours": "3"}, {"reason": "x", "hours": "1000"}, {"reason": "x", "hours": "many"}):
        console.post(address, form)
    assert SupportGrant.objects.count() == 0
    assert console.post(f"{address}enter").status_code == 403
    console.post(address, {"reason": "The order list is empty", "hours": "3"})
    grant = SupportGrant.objects.get()
    assert console.post(f"{address}enter").status_code == 403, "nobody gave leave yet"
    assert "asks to enter your back office" in vendor.get("/account/").content.decode()
    assert "The order list is empty" in vendor.get("/account/access").content.decode()
    assert stranger.post(f"/account/access/{grant.ulid}", {"what": "give"}).status_code == 404
    vendor.post(f"/account/access/{grant.ulid}", {"what": "give"})
    grant.refresh_from_db()
    assert (grant.state, grant.until) == ("given", start + dt.timedelta(hours=3))
    entered = console.post(f"{address}enter")
    assert entered.status_code == 302
    token = entered["Location"].rpartition("/")[2]
    assert b"The order list is empty" in _fernet("support", place.mall).decrypt(token.encode())
    other = User.objects.create_user(email="second@example.test", is_staff=True, is_superuser=True)
    assert browser(other).post(f"{address}enter").status_code == 403, "leave is for one person"
    on_support_acted(
        Event("e1", "support.acted", place.mall, 1,
              {"grant": grant.ulid, "what": "POST /backoffice/orders/1", "status": 302, "at": start.isoformat()}, start)
    )  # fmt: skip
    assert "Sent a form: Orders" in vendor.get("/account/access").content.decode()
    assert "Sent a form: Orders" in console.get(address).content.decode()
    given = OutboxEvent.objects.get(topic="support.changed")
    assert (given.destination, given.mall, given.payload["version"]) == ("c1", place.mall, 1)
    assert [(one["grant"], one["name"], one["reason"]) for one in given.payload["value"]] == [
        (grant.ulid, "Olga", "The order list is empty")
    ]
    assert SupportAct.objects.count() == 1
    vendor.post(f"/account/access/{grant.ulid}", {"what": "revoke"})
    assert console.post(f"{address}enter").status_code == 403
    fact = OutboxEvent.objects.get(topic="support.revoked")
    assert (fact.destination, fact.payload["operator"]) == ("c1", operator.public_id)
    empty = OutboxEvent.objects.filter(topic="support.changed").latest("pk").payload
    assert (empty["value"], empty["version"]) == ([], 2)
    by_owner = Event("e2", "support.ended", place.mall, 1,
                     {"grant": grant.ulid, "by": "user:X", "at": start.isoformat()}, start)  # fmt: skip
    on_support_ended(by_owner)
    assert OutboxEvent.objects.filter(topic="support.changed").count() == 2, "it is over already"
    console.post(address, {"reason": "again", "hours": "1"})
    again = SupportGrant.objects.latest("pk")
    vendor.post(f"/account/access/{again.ulid}", {"what": "give"})
    time_machine.move_to(start + dt.timedelta(hours=1), tick=False)
    assert access.current(mall=place.mall, operator=operator.public_id, now=start + dt.timedelta(hours=1)) is None
    assert browser(operator).post(f"{address}enter").status_code == 403, "its time is over"
    actions = set(AuditRecord.objects.filter(target=f"mall:{place.mall}").values_list("action", flat=True))
    assert {"support.asked", "support.given", "support.entered", "support.revoked"} <= actions


def test_figures_lead_to_their_rows(place, operator):
    console = browser(operator)
    page = console.get("/console/").content.decode()
    for link in (
        "/console/vendors/place/?state__exact=live",
        "/console/figures/",
        "/console/transfers/",
        "/console/usage/",
    ):
        assert link in page
    assert "Green Basket" in console.get("/console/usage/").content.decode()
    assert console.get("/console/figures/2026-13/").status_code == 404
