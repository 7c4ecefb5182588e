"""A worker killed in the middle of a look: the next look goes on, and everything has happened once."""

import datetime as dt
import os
import signal

import pytest
from django.db import connections

from provisioning.domains.models import DomainEvent, HostBook, OwnDomain
from provisioning.domains.services import progress, requests
from provisioning.orchestrator import services as provisioning
from saas.identity.models import User
from saas.messaging.bus.models import OutboxEvent
from saas.messaging.notices.models import Notice
from saas.tenants.vendors import services as vendors
from saas.tenants.vendors.models import HostClaim, Place
from tests.control.domains.cloud import certificates, issue, make_cloud, shown

NOW = dt.datetime(2026, 11, 22, 2, 0, tzinfo=dt.UTC)


def look(ulid, crash_at=""):
    """A look by a process of its own, which dies at `crash_at` as by kill -9; its exit code."""
    for one in connections.all():
        one.close()
        one.close_pool()
    child = os.fork()
    if child == 0:
        signal.alarm(30)
        os.environ["CRASH_AT"] = crash_at
        try:
            progress.advance(ulid=ulid, now=NOW)
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.fixture
def place(committed, name_server, aws, settings):
    vendors.ensure_cell(cell_id="c1", internal_origin="http://127.0.0.1:8100")
    owner = User.objects.create_user(email="lin@example.test", name="Lin Yue")
    run = provisioning.sign_up(
        owner=owner, company="Green Basket", contact_name="Lin Yue", mall_name="Green Basket",
        subdomain="greenbasket", plan_code="growth", key="k", actor="user:1", now=NOW,
    )  # fmt: skip
    Place.objects.filter(pk=run.place.pk).update(state="live")
    return Place.objects.select_related("vendor").get(pk=run.place.pk)


def test_killed_at_every_step_and_gone_on(place, name_server, settings):
    edges = make_cloud(settings)
    domain = requests.request_domain(
        vendor=place.vendor, mall=place.mall, name="shop.lvye-market.com", actor="user:1", now=NOW
    )
    name_server.put(f"_mall-verify.{domain.host}", "TXT", f'"mall-verify={domain.token}"')
    name_server.put(domain.host, "CNAME", "greenbasket.localhost")
    name_server.put("greenbasket.localhost", "A", "8.8.4.4")

    def state():
        return OwnDomain.objects.values_list("state", flat=True).get(pk=domain.pk)

    for before, point, after in (
        ("requested", "domains.looked", "pointing"),
        ("pointing", "domains.looked", "certifying"),
        ("certifying", "domains.certificate_asked", "certifying"),
        ("certifying", "domains.certificate_shown", "active"),
    ):
        assert (state(), look(domain.ulid, point), state()) == (before, 137, before), point
        assert (look(domain.ulid), state()) == (0, after)
        for arn in certificates():
            issue(arn)
    assert len(certificates()) == 1 and shown(edges["c1"]) == set(certificates())
    requests.remove_domain(ulid=domain.ulid, actor="user:1", now=NOW)
    assert (look(domain.ulid, "domains.cleared"), state()) == (137, "removing")
    assert (look(domain.ulid), look(domain.ulid), state()) == (0, 0, "removed")
    assert (certificates(), shown(edges["c1"])) == ([], set())

    history = list(DomainEvent.objects.order_by("pk").values_list("state", flat=True))
    once = [one for n, one in enumerate(history) if n == 0 or history[n - 1] != one]
    assert once == ["requested", "pointing", "certifying", "active", "removing", "removed"]
    assert HostBook.objects.get().version == OutboxEvent.objects.filter(topic="mall.hosts_changed").count() == 2
    assert Notice.objects.filter(kind="domain_active").count() == 1
    assert HostClaim.objects.count() == 1
