"""Route 53, ACM and the balancers against moto over HTTP. It issues no certificate by itself: that part is told to it."""

import pytest

from provisioning.domains.models import HostBook, OwnDomain
from provisioning.domains.services import places, progress, requests
from provisioning.facts import CertificateState
from provisioning.gateways import acm
from saas.tenants.vendors import services as vendors
from tests.control.domains.cloud import certificates, client, issue, make_cloud, shown

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
def cloud(aws, settings, place, now):
    """Two cells with a balancer each, and the platform's zone."""
    vendors.ensure_cell(cell_id="c2", internal_origin="http://127.0.0.1:8101")
    return make_cloud(settings)


def target(settings):
    rows = client("route53").list_resource_record_sets(HostedZoneId=settings.ROUTE53_ZONE_ID)
    return {
        one["Name"].rstrip("."): one["AliasTarget"]["DNSName"].rstrip(".")
        for one in rows["ResourceRecordSets"]
        if one["Type"] == "A"
    }


def test_certificate_balancer_record_move_and_removal(cloud, place, ask, look, prove, name_server, settings, now):
    assert places.follow_places(now=now) == []
    assert target(settings) == {"greenbasket.localhost": cloud["c1"]["name"]}
    domain = ask()
    prove(domain)
    name_server.put(domain.host, "CNAME", "greenbasket.localhost")
    look(domain)
    look(domain)
    OwnDomain.objects.filter(pk=domain.pk).update(certificate_wish="wish1")
    domain = look(domain)
    if domain.state == "certifying":  # moto may take a moment, AWS takes minutes
        assert [name for name, kind, _ in domain.records if kind == "CNAME"]
        issue(domain.certificate)
        domain = look(domain)
    assert (domain.state, domain.edge_cell) == ("active", "c1")
    assert certificates() == [domain.certificate] and shown(cloud["c1"]) == {domain.certificate}

    vendors.relocate(mall=place.mall, cell_id="c2", epoch=2, actor="test", now=now)
    assert "not shown in c2" in places.follow_places(now=now)[0]  # the record waits for the certificate
    domain = look(domain)
    assert (domain.edge_cell, domain.left_cells) == ("c2", ["c1"])
    assert shown(cloud["c2"]) == shown(cloud["c1"]) == {domain.certificate}
    assert places.follow_places(now=now) == places.follow_places(now=now) == []
    assert target(settings) == {"greenbasket.localhost": cloud["c2"]["name"]}
    assert HostBook.objects.get(place=place).record_cell == "c2"
    domain = look(domain)  # the next day's
    assert (domain.left_cells, shown(cloud["c1"]), shown(cloud["c2"])) == ([], set(), {domain.certificate})

    requests.remove_domain(ulid=domain.ulid, vendor=place.vendor, actor="user:1", now=now)
    assert look(domain).state == "removed"
    assert (shown(cloud["c2"]), certificates()) == (set(), [])
    progress.advance(ulid=domain.ulid, now=now)  # once more: nothing


def test_the_same_wish_is_one_certificate(aws):
    """The answer was lost (a kill between AWS and our book), sooner or later than ACM remembers tokens."""
    first = acm.ensure_certificate(host="a.lvye.cn", token="wish1", reference="")
    again = acm.ensure_certificate(host="a.lvye.cn", token="wish1", reference="")
    assert first.reference == again.reference and certificates() == [first.reference]
    assert acm.ensure_certificate(host="a.lvye.cn", token="wish2", reference="").reference != first.reference
    gone = acm.ensure_certificate(
        host="a.lvye.cn", token="x", reference=first.reference.replace(first.reference[-4:], "0000")
    )
    assert gone.state is CertificateState.FAILED
    assert acm.delete(arn=first.reference) == acm.delete(arn=first.reference) == ""


def test_aws_that_does_not_answer_breaks_nothing(aws, place, ask, look, prove, name_server, settings):
    domain = ask()
    prove(domain)
    name_server.put(domain.host, "CNAME", "greenbasket.localhost")
    look(domain)
    look(domain)
    settings.DOMAIN_EDGE, settings.AWS_ENDPOINT_URL, settings.ROUTE53_ZONE_ID = "aws", "http://127.0.0.1:9", "Z1"
    settings.DOMAIN_EDGES = {"c1": {"listener": "arn:x", "name": "c1.elb", "zone": "Z2"}}
    domain = look(domain)
    assert (domain.state, domain.finding) == ("certifying", "certificate_unknown")
    assert places.follow_places(now=domain.since)[0]
