"""The way of a domain from the wish to the working address, and back, against a real name server on loopback."""

import datetime as dt

import pytest

from provisioning.domains.models import DomainEvent, OwnDomain
from provisioning.domains.services import progress, requests
from provisioning.orchestrator.models import Run
from saas.identity.models import AuditRecord
from saas.messaging.bus.models import OutboxEvent
from saas.tenants.vendors import selectors as vendor_facts
from saas.tenants.vendors import services as vendors
from saas.tenants.vendors.models import HostClaim
from tests.control.domains.conftest import HERE

DAY = dt.timedelta(days=1)


def told(place):
    """What the cell was told, oldest first."""
    rows = OutboxEvent.objects.filter(topic="mall.hosts_changed", mall=place.mall).order_by("pk")
    assert {row.destination for row in rows} <= {"c1"}
    return [row.payload["value"] for row in rows]


def test_from_the_wish_to_the_working_address(place, ask, look, prove, name_server, now):
    domain = ask("Shop.LVYE-market.com.")
    assert (domain.host, domain.state, domain.proved_at) == ("shop.lvye-market.com", "requested", None)
    domain = look(domain)
    assert (domain.state, domain.finding) == ("requested", "proof_missing")
    name_server.put("_mall-verify.shop.lvye-market.com", "TXT", '"mall-verify=somebody-elses"')
    assert look(domain).finding == "proof_differs"
    assert HostClaim.objects.filter(host=domain.host).count() == 0  # a wish claims nothing

    name_server.truncate = True  # the answer is fetched by TCP
    prove(domain)
    domain = look(domain)
    assert (domain.state, domain.proved_at) == ("pointing", now)
    assert HostClaim.objects.get(host=domain.host).place_id == place.pk
    assert ("_mall-verify.shop.lvye-market.com", "TXT", "tcp") in name_server.asked
    name_server.truncate = False

    assert look(domain).finding == "points_nowhere"
    name_server.put(domain.host, "A", "93.184.216.34")
    domain = look(domain)
    assert (domain.state, domain.finding, domain.finding_detail) == ("pointing", "points_elsewhere", "93.184.216.34")
    name_server.put(domain.host, "A", HERE, "93.184.216.34")  # half of the shoppers would go elsewhere
    assert look(domain).state == "pointing"
    name_server.put(domain.host, "A", HERE)
    assert look(domain).state == "certifying"
    domain = look(domain)
    assert (domain.state, domain.finding, domain.next_look_at) == ("active", "works", now + DAY)
    host = domain.host
    assert told(place) == [
        {"hosts": [host], "certified": [host], "primary": "", "sends_platform": False},
    ]

    requests.choose_primary(ulid=domain.ulid, vendor=place.vendor, actor="user:1", now=now)
    assert told(place)[-1]["primary"] == host
    assert vendor_facts.mall_url(place).startswith(f"http://{host}")
    assert vendor_facts.platform_url(place).startswith("http://greenbasket.localhost")

    requests.remove_domain(ulid=domain.ulid, vendor=place.vendor, actor="user:1", now=now)
    assert told(place)[-1] == {"hosts": [], "certified": [], "primary": "", "sends_platform": False}
    assert not HostClaim.objects.filter(host=host).exists()
    assert vendor_facts.primary_host(place) == "greenbasket.localhost"
    assert look(domain).state == "removed"
    assert list(DomainEvent.objects.filter(domain=domain).order_by("pk").values_list("state", flat=True).distinct())
    assert set(AuditRecord.objects.filter(action__startswith="domain.").values_list("action", flat=True)) == {
        "domain.requested",
        "domain.primary_chosen",
        "domain.removed",
    }


def test_breaks_after_three_looks_and_comes_back(place, active, look, name_server, now, owner):
    domain = active()
    requests.choose_primary(ulid=domain.ulid, vendor=place.vendor, actor="user:1", now=now)
    name_server.broken.add(domain.host)  # the DNS is out of order: that is held against nobody
    for _ in range(5):
        domain = look(domain)
    assert (domain.state, domain.finding, domain.failures) == ("active", "points_unknown", 0)
    name_server.broken.clear()
    name_server.drop(domain.host)
    assert look(domain).state == look(domain).state == "active"
    domain = look(domain)
    assert (domain.state, domain.finding) == ("broken", "points_nowhere")
    assert told(place)[-1] == {"hosts": [domain.host], "certified": [], "primary": "", "sends_platform": False}
    assert vendor_facts.primary_host(place) == "greenbasket.localhost"
    notice = OutboxEvent.objects.filter(topic="notice.queued").count()
    assert notice == 2  # works, broken

    name_server.put(domain.host, "A", HERE)
    look(domain)
    assert look(domain).state == "active"
    assert told(place)[-1]["primary"] == domain.host  # the choice was kept

    name_server.drop(domain.host)
    for _ in range(3):
        domain = look(domain)
    domain = look(domain, at=now + 31 * DAY)
    assert (domain.state, domain.finding) == ("removing", "given_up")
    assert not HostClaim.objects.filter(host=domain.host).exists()


def test_a_private_address_is_refused_by_name_and_never_spoken_to(active, look, name_server):
    domain = active()
    name_server.drop(domain.host)
    name_server.put(domain.host, "A", "169.254.169.254", HERE)
    domain = look(domain)
    assert (domain.state, domain.finding, domain.finding_detail) == ("broken", "points_private", "169.254.169.254")


def test_a_private_address_behind_our_own_name_is_refused_too(ask, look, prove, name_server):
    domain = ask()
    prove(domain)
    look(domain)
    name_server.put(domain.host, "CNAME", "greenbasket.localhost")
    name_server.put("greenbasket.localhost", "A", "192.168.1.1")
    assert look(domain).finding == "points_private"


def test_who_proves_it_has_it(place, ask, active, look, prove, name_server, sign_up, stranger_place, now):
    """Two wish for the same name; only the proof decides, and a working domain is never taken."""
    other = ask(vendor=stranger_place.vendor, mall=stranger_place.mall)
    domain = active()
    prove(other)
    other = look(other)
    assert (other.state, other.finding) == ("removed", "taken")
    assert HostClaim.objects.get(host=domain.host).place_id == place.pk
    with pytest.raises(requests.HostTaken) as refused:
        ask(vendor=stranger_place.vendor, mall=stranger_place.mall)
    assert refused.value.field == "host"
    with pytest.raises(requests.DomainListed):
        ask()
    name_server.drop(domain.host)  # sold: its new owner proves it
    for _ in range(3):
        look(domain)
    heir = ask(vendor=stranger_place.vendor, mall=stranger_place.mall)
    prove(heir)
    assert look(heir).state == "pointing"
    assert OwnDomain.objects.get(pk=domain.pk).state == "removing"
    assert HostClaim.objects.get(host=domain.host).place_id == stranger_place.pk


def test_an_unproved_wish_is_forgotten(ask, look, now):
    domain = ask()
    assert look(domain, at=now + 13 * DAY).state == "requested"
    assert look(domain, at=now + 15 * DAY).state == "removed"


def test_a_look_that_is_late_changes_nothing(ask, prove, name_server, now, monkeypatch):
    """While a look asks the DNS, the vendor removes the domain: what the look found is dropped."""
    domain = ask()
    prove(domain)
    taken = progress._take(domain.ulid, now)
    requests.remove_domain(ulid=domain.ulid, actor="user:1", now=now)
    progress._look_at_proof(taken, now)
    domain.refresh_from_db()
    assert (domain.state, domain.proved_at) == ("removed", None)
    assert not HostClaim.objects.filter(host=domain.host).exists()


def test_a_moved_mall_keeps_its_domains(place, active, look, now):
    """What was told while the move ran is told again to the new cell, with its version; later facts go there alone."""
    from provisioning.orchestrator.services import moves
    from tests.control.provisioning.orchestrator.test_runs import report

    vendors.ensure_cell(cell_id="c2", internal_origin="http://127.0.0.1:8101")
    Run.objects.update(state="succeeded")
    domain = active()
    run = moves.move_mall(
        mall=place.mall, target="c2", way="dump", keep_days=1, reason="room", key="m", actor="user:1", now=now
    )
    Run.objects.filter(pk=run.pk).update(requested_at=now - DAY)
    requests.choose_primary(ulid=domain.ulid, vendor=place.vendor, actor="user:1", now=now)
    OutboxEvent.objects.filter(topic="mall.hosts_changed").update(created_at=now)
    report(run, now, ("flip", 7, "succeeded"))
    facts = OutboxEvent.objects.filter(topic="mall.hosts_changed", mall=place.mall)
    old, new = (list(facts.filter(destination=cell).order_by("pk")) for cell in ("c1", "c2"))
    assert [fact.payload for fact in new] == [fact.payload for fact in old]
    assert new[-1].payload["value"]["primary"] == domain.host
    assert look(domain).edge_cell == "c2"
    requests.remove_domain(ulid=domain.ulid, vendor=place.vendor, actor="user:1", now=now)
    newest = facts.order_by("pk").last()
    assert (newest.destination, newest.payload["value"]["hosts"]) == ("c2", [])
    assert HostClaim.objects.get(place=place).host == "greenbasket.localhost"


def test_a_plan_without_it_is_refused_while_domains_are_in_use(place, active, look, now):
    from billing.models import PlanVersion, Subscription
    from billing.services import subscriptions

    domain = active()
    subscription = Subscription.objects.get(mall=place.mall)
    starter = PlanVersion.objects.filter(plan__code="starter").latest("number")
    assert subscriptions.quote_change(subscription, starter, now=now).over == {"own_domain": (1, 0)}
    with pytest.raises(subscriptions.OverNewLimits):
        subscriptions.change_plan(ulid=subscription.ulid, version_id=starter.pk, actor="user:1", now=now)
    assert OwnDomain.objects.get().state == "active"
    requests.remove_domain(ulid=domain.ulid, vendor=place.vendor, actor="user:1", now=now)
    assert subscriptions.quote_change(subscription, starter, now=now).over == {}
