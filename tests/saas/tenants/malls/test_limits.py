"""What a mall may have of its plan, and what an unpaid invoice does to it."""

import pytest
from django_tenants.utils import schema_context

from saas.identity.models import Invitation
from saas.identity.roles import Role
from saas.kernel.clock import now
from saas.messaging.bus.models import OutboxEvent
from saas.messaging.bus.services import Event
from saas.tenants.malls import handlers, limits, rules, selectors, services
from saas.tenants.malls.models import Mall
from tenant_apps.backoffice import usage
from tenant_apps.catalog import services as catalog
from tenant_apps.catalog.models import Product
from tests.factories.browser import MallClient
from tests.factories.catalog import apple
from tests.factories.people import make_staff
from tests.tenant_apps.backoffice.conftest import signed_in


def told(mall, version, **values):
    handlers.on_entitlements_changed(
        Event(
            f"E{version}",
            "entitlements.changed",
            mall.ulid,
            1,
            {"mall": mall.ulid, "values": values, "version": version},
            now(),
        )
    )


def state(mall):
    with schema_context("public"):
        return Mall.objects.get(pk=mall.pk).state


@pytest.mark.parametrize(
    ("limit", "used", "amount", "answer"),
    [
        (3, 2, 1, True),
        (3, 3, 1, False),
        (None, 10**9, 1, True),
        (True, 0, 1, True),
        (False, 0, 1, False),
        (0, 0, 1, False),
    ],
)
def test_what_fits(limit, used, amount, answer):
    assert rules.fits(limit, used=used, amount=amount) is answer


def test_products_stop_at_the_limit_and_the_bin_does_not_count(grocery):
    told(grocery, 50, products_max=Product.objects.exclude(status="recycled").count() + 1)
    made = catalog.create_product(draft=apple(), actor="user:1", now=now())
    before = Product.objects.count()
    with pytest.raises(limits.PlanLimitReached):
        catalog.create_product(draft=apple(title="Second"), actor="user:1", now=now())
    assert Product.objects.count() == before
    catalog.recycle_product(ulid=made.ulid, actor="user:1", now=now())
    catalog.create_product(draft=apple(title="Second"), actor="user:1", now=now())
    with pytest.raises(limits.PlanLimitReached):
        catalog.restore_product(ulid=made.ulid, actor="user:1", now=now())


def test_the_page_says_where_a_larger_plan_is_chosen(grocery):
    browser = signed_in(make_staff(Role.OWNER, name="Owner"))
    told(grocery, 50, products_max=0, staff_max=1)
    page = browser.get("/backoffice/goods/new")
    assert page.status_code == 403
    assert f"/account/malls/{grocery.ulid}/subscription" in page.content.decode()
    refused = browser.post("/backoffice/staff/", {"contact": "new@example.test", "roles": ["goods"]})
    assert refused.status_code == 422
    assert not Invitation.objects.exists()


def test_a_mall_of_another_plan_is_not_asked(grocery):
    with schema_context("public"):
        other = Mall.objects.exclude(pk=grocery.pk).first()
    told(other, 50, products_max=0)
    catalog.create_product(draft=apple(), actor="user:1", now=now())


def test_restricted_adds_nothing_but_a_switch_of_the_plan_is_named(grocery):
    told(grocery, 50, own_domain=False)
    with pytest.raises(limits.NotInPlan):
        limits.check("own_domain")
    told(grocery, 51, restricted=True)
    with pytest.raises(limits.MallRestricted):
        catalog.create_product(draft=apple(), actor="user:1", now=now())
    told(grocery, 52, restricted=False, own_domain=True)
    limits.check("own_domain")


def test_a_plan_without_a_limit_replaces_one_with_a_limit_and_comes_first_too(grocery):
    told(grocery, 60, products_max=0, staff_max=None)
    told(grocery, 61, products_max=None, staff_max=2)
    assert selectors.entitlements(grocery, ("products_max", "staff_max")) == {"products_max": None, "staff_max": 2}
    catalog.create_product(draft=apple(), actor="user:1", now=now())


def test_an_older_fact_changes_nothing(grocery):
    told(grocery, 60, suspended=True, products_max=7)
    told(grocery, 59, suspended=False, products_max=9)
    assert state(grocery) == "suspended"
    assert selectors.entitlement(grocery, "products_max") == 7


def test_suspended_shows_a_polite_page_and_resumes(grocery):
    shopper = MallClient("grocery.localhost", HTTP_ACCEPT_LANGUAGE="en")
    assert shopper.get("/").status_code == 200
    told(grocery, 60, suspended=True)
    page = shopper.get("/")
    assert page.status_code == 503
    assert "closed for the moment" in page.content.decode()
    assert MallClient("grocery.localhost").get("/backoffice/").status_code != 503
    told(grocery, 61, suspended=False)
    assert state(grocery) == "active"
    assert shopper.get("/").status_code == 200


def test_a_suspension_of_a_moving_mall_is_tried_again(grocery):
    services.change_state(grocery.ulid, rules.MallState.MOVING, now=now())
    with pytest.raises(services.MallNotSettled):
        told(grocery, 60, suspended=True)


def test_counts_are_reported_when_they_change(grocery):
    make_staff(Role.OWNER, name="Owner")
    usage.report_counts(now=now())
    usage.report_counts(now=now())
    with schema_context("public"):
        facts = OutboxEvent.objects.filter(topic="usage.counted", mall=grocery.ulid)
        assert sorted(fact.payload["feature"] for fact in facts) == ["products_max", "staff_max", "storage_bytes"]
        assert {fact.destination for fact in facts} == {"control"}


def test_before_its_vendor_is_verified_a_mall_does_not_open(grocery):
    told(grocery, 60, vendor_verified=False)
    with pytest.raises(limits.VendorNotVerified):
        limits.require_verified(grocery)
    told(grocery, 61, vendor_verified=True)
    limits.require_verified(grocery)
