"""A rehearsal ends: test data is wiped, the books are proved empty, the mall is open; killed anywhere, it goes on."""

import datetime as dt

import pytest
from django.db import connection, transaction
from django_tenants.utils import schema_context

from provisioning.executor.schema import owner_url
from provisioning.rehearsals.tables import FATES, Fate
from provisioning.rehearsals.wiping import model_table
from saas.config import jobs
from saas.identity.models import AuditRecord, User
from saas.identity.roles import Role
from saas.kernel import clock
from saas.ledger import selectors as book
from saas.messaging.bus.models import OutboxEvent
from saas.tenants.jobs import selectors
from saas.tenants.jobs.rules import JobState
from saas.tenants.malls import selectors as malls
from saas.tenants.malls import services as mall_services
from saas.tenants.malls.activation import in_mall
from saas.tenants.malls.models import Mall
from tenant_apps.catalog.models import Product, ProductCard, Sku
from tenant_apps.design import services as design
from tenant_apps.members.models import Member
from tenant_apps.modes import selectors as modes
from tenant_apps.modes import services as mode_services
from tenant_apps.modes.services import confirming
from tenant_apps.orders.models import Order
from tenant_apps.payments.models import ChannelCredential
from tenant_apps.rehearsal import services
from tenant_apps.sellers.models import Seller
from tests.factories import orders, sellers
from tests.factories.catalog import single
from tests.factories.people import make_member, make_staff
from tests.provisioning.executor.conftest import in_a_process_that_dies_at

BRAND = {
    "name": "绿篮子", "service_phone": "4000000000", "company_name": "绿篮子商贸", "licence_number": "91440101MA00000000",
    "return_address": "广州市天河区1号", "terms": "服务协议", "privacy": "隐私政策", "returns": "退换货政策",
}  # fmt: skip


def credential(purpose):
    ChannelCredential.objects.create(
        ulid=f"01J{purpose}", channel="wechat", purpose=purpose, notify_token=purpose, merchant_id="1900000001",
        app_id="wx1", certificate_serial="S", private_key_sealed="x", api_key_sealed="x", shown={},
        checks=[{"name": "live", "passed": True, "detail": ""}], checked_at=clock.now(), created_by="user:x",
    )  # fmt: skip


def mall_of(schema):
    with schema_context("public"):
        return Mall.objects.get(schema_name=schema)


def rehearsed():
    """A mall that has rehearsed for sixty days and has everything it needs; its owner's actor."""
    with schema_context("public"):
        Mall.objects.filter(schema_name="t_test_grocery").update(state="rehearsal", live_at=None)
    mall = mall_of("t_test_grocery")
    connection.set_tenant(mall)
    with transaction.atomic():
        owner = make_staff(Role.OWNER, name="Owner")
        design.update_branding(actor="user:x", now=clock.now(), values=BRAND)
        design.publish_branding(actor="user:x", now=clock.now())
        credential("live")
        credential("rehearsal")
        sellers.opened(name="签约商家", owner=make_member(name="Shopkeeper").ulid)
    mall = mall_services.move_clock(mall.ulid, to=clock.now() + dt.timedelta(days=60))
    connection.set_tenant(mall)
    with transaction.atomic():
        for mode, values in (("orders", {}), ("distribution", {"rate_ppm": (80_000, 30_000)})):
            mode_services.publish_settings(
                actor="user:x", mode=mode, values=values, reason="opening", now=clock.now(), accept_cautions=True
            )
        buyer, sku = make_member(name="Tester"), single(stock=9)
        orders.placed(buyer, (sku, 1))
        orders.received(buyer, (sku, 2))
    return mall, f"user:{owner.public_id}", owner


def approve_what_is_flagged(owner):
    from tenant_apps.backoffice import two_persons

    for row in confirming.unconfirmed(now=clock.now()):
        with transaction.atomic():
            asked = confirming.ask_confirmation(ulid=row.ulid, reason="counsel agrees", actor="user:x", now=clock.now())
        two_persons.approve(ulid=asked.ulid, user=owner, now=clock.now())


def counts(schema):
    import psycopg

    with psycopg.connect(owner_url()) as direct:
        return {
            label: direct.execute(f'SELECT count(*) FROM "{schema}"."{model_table(label)}"').fetchone()[0]
            for label in FATES
        }


@pytest.mark.parametrize("place", ["opening.begun", "opening.wiped", "opening.uncommitted", "opening.open"])
def test_the_rehearsal_ends_and_nothing_of_it_is_left(committed, place):
    mall, actor, owner = rehearsed()
    flagged = confirming.unconfirmed(now=clock.now())
    assert [row.mode for row in flagged] == ["distribution"]
    with pytest.raises(design.MallNotReady) as refused:
        services.ask_opening(mall=mall, actor=actor, now=clock.now())
    assert refused.value.data["missing"] == ["approvals"]
    approve_what_is_flagged(owner)
    job = services.ask_opening(mall=mall, actor=actor, now=clock.now())
    before, theirs = counts(mall.schema_name), counts("t_test_beauty")
    assert before["orders.Order"] == 2 and before["ledger.Entry"] > 0

    assert in_a_process_that_dies_at(place, lambda: jobs.take(job.ulid)) == 137
    connection.set_schema_to_public()
    if place != "opening.open":
        assert counts(mall.schema_name) == before and malls.mall_by_ulid(mall.ulid).state == "rehearsal"
    assert jobs.take(job.ulid) is False

    done = selectors.job(job.ulid)
    assert (done.state, done.error) == (JobState.DONE, "")
    assert set(done.progress["proof"].values()) == {0} and "trial_balance_rows" in done.progress["proof"]
    assert done.progress["wiped"]["orders.Order"] == 2 and done.progress["families"] == 0
    after = counts(mall.schema_name)
    assert {label for label, fate in FATES.items() if fate is Fate.WIPED and after[label]} == set()
    assert counts("t_test_beauty") == theirs
    now_open = malls.mall_by_ulid(mall.ulid)
    assert (now_open.state, now_open.clock_offset_seconds) == ("active", 0) and now_open.live_at is not None
    with in_mall(now_open):
        assert abs(clock.now() - clock.real_now()) < dt.timedelta(seconds=1)
        assert not Member.objects.exists() and [one.name for one in User.objects.all()] == ["Owner"]
        assert book.trial_balance() == []
        assert (Sku.objects.get().stock, ProductCard.objects.get().stock, Product.objects.get().sold) == (9, 9, 0)
        kept = Seller.objects.get()
        assert (kept.name, kept.owner, kept.state) == ("签约商家", None, "active")
        assert [row.purpose for row in ChannelCredential.objects.all()] == ["live"]
        terms = modes.settings_in_force(now=clock.now())
        assert terms["distribution"].values.rate_ppm == (80_000, 30_000)
        assert AuditRecord.objects.filter(action="mall.published").count() == 1
        assert AuditRecord.objects.filter(action="settings.confirmed").count() == 1
    with schema_context("public"):
        facts = OutboxEvent.objects.filter(mall=mall.ulid)
        assert list(facts.filter(destination="local").values_list("topic", flat=True)) == []
        assert facts.filter(topic="mall.published", destination="control").count() == 1
    # A new order is the first, and the rehearsal never comes back.
    connection.set_tenant(now_open)
    with transaction.atomic():
        first = orders.placed(make_member(), (Sku.objects.get(), 1))
    assert Order.objects.get().pk == first.pk == 1
    with pytest.raises(mall_services.ClockIsReal):
        services.ask_days(mall=now_open, days=1, actor=actor, now=clock.now())
    with pytest.raises(mall_services.ClockIsReal):
        services.ask_people(mall=now_open, actor=actor, now=clock.now())
    with pytest.raises(design.NotInRehearsal):
        services.ask_opening(mall=now_open, actor=actor, now=clock.now())
