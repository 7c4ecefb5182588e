"""Operators' roles: every page has its place in the table of rights; each role meets its own pages and no others."""

import pytest
from django.test import Client

from saas.console import rights
from saas.console.site import site
from saas.identity.models import AuditRecord, User
from saas.identity.operators import OperatorRole, add_operator, roles_of, set_operator_roles
from saas.kernel.clock import now

pytestmark = pytest.mark.django_db
LOOKS = {
    "/console/": {"finance", "support", "deployment", "viewer"},
    "/console/vendors/place/": {"finance", "support", "deployment", "viewer"},
    "/console/billing/plan/": {"finance", "support", "deployment", "viewer"},
    "/console/billing/invoice/": {"finance", "support", "viewer"},
    "/console/transfers/": {"finance", "support", "viewer"},
    "/console/ledger/": {"finance", "viewer"},
    "/console/questions/": {"support", "viewer"},
    "/console/cells/": {"deployment", "viewer"},
    "/console/events/": {"deployment", "viewer"},
    "/console/settings/": {"finance", "viewer"},
    "/console/senders/": {"finance", "viewer"},
    "/console/settings/account/": {"finance", "viewer"},
    "/console/settings/base-domain/": {"finance", "viewer"},
    "/console/identity/auditrecord/": {"finance", "viewer"},
    "/console/operators/": set(),
    "/console/identity/user/": set(),
}
ACTS = {
    "/console/new-mall/": {"deployment"},
    "/console/news/": {"support"},
    "/console/settings/": set(),
    "/console/settings/base-domain/": set(),
    "/console/settings/account/": {"finance"},
    "/console/senders/do/check/sms": set(),
    "/console/events/X/retry": {"deployment"},
    "/console/transfers/1/match": {"finance"},
    "/console/companies/X/verify": {"support"},
    "/console/billing/plan/add/": {"finance"},
    "/console/operators/": set(),
}


@pytest.fixture
def owner_of_platform():
    return User.objects.create_user(email="first@example.test", name="First", is_staff=True, is_superuser=True)


def browser(user):
    client = Client(HTTP_ACCEPT_LANGUAGE="en", raise_request_exception=False)
    client.force_login(user)
    return client


def test_every_page_and_table_has_its_place():
    names = {pattern.name for pattern in site.extra_urls()}
    assert names - set(rights._OF_PAGE) == set()
    assert {model._meta.model_name for model in site._registry} - set(rights._OF_TABLE) == set()


@pytest.mark.parametrize("role", [role for role in OperatorRole if role is not OperatorRole.OWNER])
def test_a_role_meets_its_own_pages(owner_of_platform, cell, role):
    user = add_operator(email=f"{role}@example.test", name="X", roles=[role], actor="user:x", now=now())
    client = browser(user)
    for page, roles in LOOKS.items():
        assert client.get(page).status_code == (200 if role in roles else 403), page
    for page, roles in ACTS.items():
        assert (client.post(page).status_code == 403) == (role not in roles), page
    menu = client.get("/console/").content.decode()
    assert ("/console/operators/" in menu, "/console/cells/" in menu) == (False, role in LOOKS["/console/cells/"])
    looked = client.get("/console/transfers/")
    assert ("not change anything here" in looked.content.decode()) == (role in {"support", "viewer"})


def test_roles_are_changed_with_a_record_and_an_owner_is_always_left(owner_of_platform):
    first = browser(owner_of_platform)
    assert first.post("/console/operators/", {"email": "no", "roles": ["support"]}).status_code == 422
    assert first.post("/console/operators/", {"email": "a@example.test"}).status_code == 422
    assert User.objects.count() == 1
    assert first.post("/console/operators/", {"email": "A@example.test", "name": "A", "roles": ["support", "x"]}).url
    second = User.objects.get(email="a@example.test")
    assert roles_of(second) == {OperatorRole.SUPPORT} and not second.is_superuser
    record = AuditRecord.objects.get(action="operator.roles_changed")
    assert record.data == {"before": [], "after": ["support"]} and record.actor == f"user:{owner_of_platform.public_id}"
    assert "a@example.test" in first.get("/console/operators/").content.decode()

    first.post(f"/console/operators/{owner_of_platform.public_id}/roles", {"roles": ["viewer"]})
    owner_of_platform.refresh_from_db()
    assert roles_of(owner_of_platform) == {OperatorRole.OWNER}
    assert AuditRecord.objects.filter(action="operator.roles_changed").count() == 1
    set_operator_roles(user=second, roles=[OperatorRole.OWNER], actor="user:x", now=now())
    first.post(f"/console/operators/{owner_of_platform.public_id}/roles", {})
    owner_of_platform.refresh_from_db()
    assert not owner_of_platform.is_staff and first.get("/console/", follow=True).status_code == 403


def test_the_trail_and_histories_speak_in_words(owner_of_platform, sign_up):
    run = sign_up()
    client = browser(owner_of_platform)
    page = client.get("/console/identity/auditrecord/").content.decode()
    assert "Run: started" in page and "Lin Yue" in page and 'title="run.started"' in page
    found = client.get("/console/identity/auditrecord/?q=started").content.decode()
    assert "Run: started" in found and "Vendor: created" not in found
    for address in ("/console/orchestrator/run/", f"/console/runs/{run.ulid}/"):
        shown = client.get(address).content.decode()
        assert "Lin Yue" in shown and run.requested_by not in shown
    settings_page = client.get("/console/settings/").content.decode()
    assert "Development mailbox" in settings_page and "saas.messaging" not in settings_page
    history = client.get(f"/console/subscriptions/{run.place.mall}/")
    assert history.status_code in (200, 404) and "user:01" not in history.content.decode()
