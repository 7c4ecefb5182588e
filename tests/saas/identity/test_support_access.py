"""An operator of the platform inside a mall: once by token, with a banner, recorded, no longer than allowed."""

import datetime as dt

import pytest

from saas.config.facts import on_support_revoked
from saas.identity import services
from saas.identity.models import AuditRecord, User
from saas.identity.roles import Role, roles_of
from saas.identity.tokens import TokenRefused, seal
from saas.kernel.clock import now
from saas.messaging.bus.models import OutboxEvent
from saas.messaging.bus.services import Event
from saas.tenants.malls import support_access
from saas.tenants.malls.handlers import on_support_changed
from tests.factories.browser import MallClient
from tests.factories.people import make_staff
from tests.tenant_apps.backoffice.conftest import signed_in

OPERATOR = "01M80000000000000000000000"


def token(mall, *, hours=3, nonce="n1", to=None):
    payload = {"nonce": nonce, "grant": "G1", "operator": OPERATOR, "name": "Olga", "reason": "Empty order list"}
    until = (now() + dt.timedelta(hours=hours)).isoformat()
    return seal("support", to or mall.ulid, {**payload, "until": until})


@pytest.fixture
def inside(grocery):
    browser = MallClient("grocery.localhost", HTTP_ACCEPT_LANGUAGE="en")
    assert browser.get(f"/enter/support/{token(grocery)}").status_code == 302
    return browser


def test_the_pass_works_once_and_gives_no_money(inside, grocery):
    user = User.objects.get(public_id=OPERATOR)
    assert roles_of(user) == {Role.GOODS, Role.ORDERS, Role.AUDITOR}
    again = MallClient("grocery.localhost").get(f"/enter/support/{token(grocery)}")
    assert again.status_code == 403
    assert inside.get("/backoffice/withdrawals/").status_code in (403, 404)
    assert inside.get("/backoffice/staff/").status_code in (403, 404)


def test_a_pass_of_another_mall_or_one_that_is_over_is_refused(grocery):
    for wrong in (token(grocery, to="01M8XXXXXXXXXXXXXXXXXXXXXX"), token(grocery, hours=-1), "garbage"):
        assert MallClient("grocery.localhost").get(f"/enter/support/{wrong}").status_code == 403
    assert not User.objects.filter(public_id=OPERATOR).exists()
    with pytest.raises(TokenRefused):
        services.accept_support_pass(token=token(grocery, hours=0), now=now())


def test_a_banner_says_so_and_every_page_is_recorded_and_told(inside, grocery):
    page = inside.get("/backoffice/orders/")
    assert page.status_code == 200
    assert "Support access of the platform: Olga. Reason: Empty order list." in page.content.decode()
    inside.post("/backoffice/orders/")
    rows = AuditRecord.objects.filter(actor=f"user:{OPERATOR}", action__startswith="support.").order_by("pk")
    assert [row.action for row in rows][:2] == ["support.entered", "support.looked"]
    assert rows.last().action == "support.did"
    facts = OutboxEvent.objects.filter(topic="support.acted", mall=grocery.ulid).order_by("pk")
    assert facts.first().payload["what"] == "GET /backoffice/orders/"
    assert facts.last().payload["what"] == "POST /backoffice/orders/"
    assert {fact.destination for fact in facts} == {"control"}


def test_its_time_ends_it(inside, time_machine):
    time_machine.move_to(now() + dt.timedelta(hours=3, minutes=1), tick=False)
    page = inside.get("/backoffice/orders/", follow=False)
    assert page.status_code == 302
    assert OutboxEvent.objects.filter(topic="support.acted").count() == 0


def open_access(mall, *, version=1, hours=3, grants=("G1",)):
    until = (now() + dt.timedelta(hours=hours)).isoformat()
    held = [
        {"grant": one, "operator": OPERATOR, "name": "Olga", "reason": "Empty order list", "until": until}
        for one in grants
    ]
    fact = {"mall": mall.ulid, "value": held, "version": version}
    on_support_changed(Event(f"C{version}", "support.changed", mall.ulid, 1, fact, now()))


def test_while_it_is_open_all_staff_see_it_and_the_owner_ends_it(inside, grocery, time_machine):
    english = {"HTTP_ACCEPT_LANGUAGE": "en"}
    owner, clerk = signed_in(make_staff(Role.OWNER)), signed_in(make_staff(Role.ORDERS))
    assert "of the platform may be in this back office" not in clerk.get("/backoffice/", **english).content.decode()
    open_access(grocery)
    page = clerk.get("/backoffice/", **english).content.decode()
    assert "Olga of the platform may be in this back office until" in page and "Reason: Empty order list." in page
    assert "End now" not in page
    assert clerk.post("/backoffice/platform/access/G1/end").status_code == 403
    assert "End now" in owner.get("/backoffice/", **english).content.decode()
    assert owner.post("/backoffice/platform/access/G9/end").status_code == 302
    assert inside.get("/backoffice/orders/").status_code == 200, "another's name ends nothing"
    inside.post("/backoffice/orders/")
    owner.post("/backoffice/platform/access/G1/end")
    assert inside.get("/backoffice/orders/").status_code == 302
    fact = OutboxEvent.objects.get(topic="support.ended")
    assert (fact.destination, fact.mall, fact.payload["grant"]) == ("control", grocery.ulid, "G1")
    again = MallClient("grocery.localhost").get(f"/enter/support/{token(grocery, nonce='n2')}")
    assert again.status_code == 403, "control may not know yet, the mall does"
    open_access(grocery, version=1)
    assert "may be in this back office" not in owner.get("/backoffice/", **english).content.decode(), "told before"
    open_access(grocery, version=2, grants=("G2",))
    assert "may be in this back office" in owner.get("/backoffice/", **english).content.decode()
    trail = owner.get("/backoffice/platform/", **english).content.decode()
    assert "Looked at: Orders" in trail and "Sent a form: Orders" in trail and "Support access: entered" in trail
    time_machine.move_to(now() + dt.timedelta(hours=4), tick=False)
    assert support_access.open_now(grocery, now=now()) == []


def test_taken_back_it_ends_at_once(inside, grocery):
    fact = {"operator": OPERATOR, "grant": "G1", "mall": grocery.ulid}
    on_support_revoked(Event("E1", "support.revoked", grocery.ulid, 1, fact, now()))
    assert inside.get("/backoffice/orders/").status_code == 302
    assert User.objects.get(public_id=OPERATOR).is_active is False
