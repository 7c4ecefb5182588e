"""The base domain of new malls: changed in the console, told to the cells, with nothing taken from the malls that are here."""

import re

import pytest
from django.test import Client

from provisioning.domains.models import HostBook
from provisioning.domains.services import bases, places
from saas.identity.models import AuditRecord
from saas.identity.operators import OperatorRole, add_operator
from saas.messaging.bus.models import OutboxEvent
from saas.tenants.platform import selectors as platform
from saas.tenants.vendors import selectors as vendor_facts
from saas.tenants.vendors import services as vendors
from saas.tenants.vendors.models import HostClaim, Place
from saas.tenants.vendors.rules import PlaceState
from tests.control.domains.cloud import client, make_cloud
from tests.control.domains.conftest import HERE

PAGE = "/console/settings/base-domain/"
NEW = "malls-of-lvye.cn"


@pytest.fixture
def operator(db, now):
    user = add_operator(email="root@platform.cn", name="Root", actor="test", roles=[OperatorRole.OWNER], now=now)
    browser = Client(HTTP_ACCEPT_LANGUAGE="en")
    browser.force_login(user)
    browser.user_id = user.public_id
    return browser


def told(place):
    """The facts about hosts that went to a mall's cell, the newest last."""
    rows = OutboxEvent.objects.filter(topic="mall.hosts_changed", payload__mall=place.mall).order_by("pk")
    return [(row.destination, row.payload["value"]) for row in rows]


def change(name, **values):
    from saas.kernel.clock import now

    return bases.change_base_domain(**{"name": name, "reason": "renamed", "actor": "user:1", "now": now(), **values})


def test_a_change_gives_new_malls_the_new_base_and_takes_nothing_from_the_others(
    place, stranger_place, active, operator, look, name_server, now, settings
):
    domain = active()
    Place.objects.filter(pk=stranger_place.pk).update(state=PlaceState.PROVISIONING)
    waiting = HostClaim.objects.count()
    page = operator.get("/console/settings/").content.decode()
    assert PAGE in page and "Former base domains" not in page
    answer = operator.post(PAGE, {"base_domain": f" {NEW.upper()}. ", "reason": "The company has a new name"})
    assert (answer.status_code, answer.url) == (302, "/console/settings/")
    assert "2 malls get their second address" in operator.get("/console/settings/").content.decode()
    assert (platform.base_domain(), platform.base_domains()) == (NEW, [NEW, "localhost"])
    row = AuditRecord.objects.get(action="platform.base_domain_changed")
    assert (row.actor, row.data["before"], row.data["after"], row.data["malls"], row.reason) == (
        f"user:{operator.user_id}",
        "localhost",
        NEW,
        2,
        "The company has a new name",
    )

    # Each mall has both hosts, its links carry the old one, and its cell hears of the new one by a fact.
    place.refresh_from_db()
    assert HostClaim.objects.count() == waiting + 2
    assert vendor_facts.platform_hosts(place) == ["greenbasket.localhost", f"greenbasket.{NEW}"]
    assert vendor_facts.platform_url(place, "/enter/x") == "http://greenbasket.localhost:8100/enter/x"
    assert "2 addresses are still being told" not in operator.get(PAGE).content.decode()  # one waits for its run
    assert "1 address is still being told to its cell" in operator.get(PAGE).content.decode()
    before = len(told(place))
    assert (bases.tell_cells(), bases.tell_cells()) == (1, 0)
    assert told(place)[before:] == [
        ("c1", {**told(place)[before - 1][1], "platform": vendor_facts.platform_hosts(place)})
    ]
    assert told(stranger_place) == []  # it is being made: its cell does not know it yet
    Place.objects.filter(pk=stranger_place.pk).update(state=PlaceState.REHEARSAL)
    assert bases.tell_cells() == 1
    assert told(stranger_place)[-1][1]["platform"] == ["peony.localhost", f"peony.{NEW}"]

    # A vendor's own domain may point to either; the vendor's page lists both, and the new one may be chosen.
    name_server.put(domain.host, "CNAME", f"greenbasket.{NEW}")
    name_server.put(f"greenbasket.{NEW}", "A", HERE)
    assert look(domain).finding == "works"
    browser = Client(HTTP_ACCEPT_LANGUAGE="en")
    browser.force_login(place.vendor.owner)
    listed = browser.get(f"/account/malls/{place.mall}/domains").content.decode()
    assert f"greenbasket.{NEW}" in listed and "A further address of the platform" in listed
    asked = f"/account/malls/{place.mall}/domains/platform"
    assert browser.post(asked, {"what": "primary", "host": f"peony.{NEW}"}).status_code == 404
    assert browser.post(asked, {"what": "primary", "host": f"greenbasket.{NEW}"}).status_code == 302
    place.refresh_from_db()
    assert (place.host, vendor_facts.primary_host(place)) == (f"greenbasket.{NEW}", f"greenbasket.{NEW}")
    assert told(place)[-1][1]["platform"] == [f"greenbasket.{NEW}", "greenbasket.localhost"]
    door = browser.get(f"/account/malls/{place.mall}")
    assert f"form-action 'self' {settings.SANDBOX_ORIGIN}" in door["Content-Security-Policy"]
    ends = re.search("form-action ([^;]*)", door["Content-Security-Policy"]).group(1).split()
    assert f"http://greenbasket.{NEW}:8100" in ends  # where the door's form ends
    assert browser.post(f"/account/malls/{place.mall}/enter").url.startswith(f"http://greenbasket.{NEW}:8100/enter/")

    # A removed mall gives both back.
    vendors.change_place_state(mall=stranger_place.mall, wanted=PlaceState.REMOVED, actor="user:1", now=now)
    assert not HostClaim.objects.filter(place=stranger_place).exists()


def test_new_malls_have_the_new_base_alone_and_back_again_nobody_loses(place, sign_up, owner):
    change(NEW)
    from saas.identity.models import User

    other = User.objects.create_user(phone="+8613900139000", phone_verified=True, name="Wang Min")
    with pytest.raises(vendors.SubdomainTaken):
        sign_up(owner=other, company="Peony", key="same")  # greenbasket is taken under the new base, too
    fresh = sign_up(owner=other, company="Peony", subdomain="peony", key="peony").place
    assert (fresh.host, vendor_facts.platform_hosts(fresh)) == (f"peony.{NEW}", [f"peony.{NEW}"])
    assert Client().get("/signup/address", {"subdomain": "rose"}).content.decode().count(f"rose.{NEW}") == 1
    assert change("localhost") == 1  # the mall that had no address there
    assert platform.base_domains() == ["localhost", NEW]
    assert vendor_facts.platform_hosts(Place.objects.get(pk=fresh.pk)) == [f"peony.{NEW}", "peony.localhost"]
    assert vendor_facts.platform_hosts(Place.objects.get(pk=place.pk)) == [
        "greenbasket.localhost",
        f"greenbasket.{NEW}",
    ]


BAD = [
    ("", "This field is required"),
    ("https://malls.cn/", "without https://"),
    ("127.0.0.1", "address in numbers"),
    ("com.cn", "ending under which others register"),
    ("malls", "at least two parts"),
    ("malls.internal", "does not exist in the internet"),
    ("a_b.com", "is not a domain"),
    (".".join(["a" * 60] * 3) + "." + "b" * 50 + ".com", "too long"),
    ("localhost", "is the base domain already"),
    ("lvye-market.com", "collides with shop.lvye-market.com"),
    ("shop.lvye-market.com", "collides with shop.lvye-market.com"),
    ("x.shop.lvye-market.com", "collides with shop.lvye-market.com"),
    ("greenbasket.localhost", "collides with greenbasket.localhost"),
    ("platform-test.cn", "The platform’s own site, desk.platform-test.cn, would lie among"),
    (f"a.{NEW}", f"our base domain {NEW} lie within each other"),
]


def test_what_cannot_be_a_base_domain_is_refused_by_name_and_changes_nothing(active, operator, settings, now):
    change(NEW)
    change("localhost")
    active()
    settings.CONTROL_ORIGIN = "https://desk.platform-test.cn"
    before = (platform.base_domains(), HostClaim.objects.count(), OutboxEvent.objects.count())
    audited = AuditRecord.objects.filter(action="platform.base_domain_changed").count()
    for name, words in BAD:
        answer = operator.post(PAGE, {"base_domain": name, "reason": "a new name"})
        assert (answer.status_code, words in answer.content.decode()) == (422, True), name
    answer = operator.post(PAGE, {"base_domain": "other.cn", "reason": " "})
    assert (answer.status_code, "This field is required" in answer.content.decode()) == (422, True)
    assert (platform.base_domains(), HostClaim.objects.count(), OutboxEvent.objects.count()) == before
    assert AuditRecord.objects.filter(action="platform.base_domain_changed").count() == audited
    clerk = Client()
    roles = [OperatorRole.FINANCE]
    clerk.force_login(add_operator(email="money@platform.cn", name="M", actor="test", roles=roles, now=now))
    assert clerk.post(PAGE, {"base_domain": "other.cn", "reason": "a new name"}).status_code == 403
    settings.ENVIRONMENT = "production"
    assert "does not exist" in operator.post(PAGE, {"base_domain": "x.localhost", "reason": "r"}).content.decode()


def test_records_follow_into_the_zone_of_each_base(aws, place, settings, now):
    vendors.ensure_cell(cell_id="c2", internal_origin="http://127.0.0.1:8101")
    cloud = make_cloud(settings)
    assert places.follow_places(now=now) == []
    with pytest.raises(bases.BaseWithoutZone):
        change(NEW)
    zone = client("route53").create_hosted_zone(Name=NEW, CallerReference="2")["HostedZone"]["Id"].rpartition("/")[2]
    settings.ROUTE53_ZONES = {NEW: zone}
    change(NEW)
    assert HostBook.objects.get(place=place).record_cell == ""
    assert places.follow_places(now=now) == places.follow_places(now=now) == []

    def names(zone_id):
        rows = client("route53").list_resource_record_sets(HostedZoneId=zone_id)["ResourceRecordSets"]
        return {
            one["Name"].rstrip("."): one["AliasTarget"]["DNSName"].rstrip(".") for one in rows if one["Type"] == "A"
        }

    assert names(settings.ROUTE53_ZONE_ID) == {"greenbasket.localhost": cloud["c1"]["name"]}
    assert names(zone) == {f"greenbasket.{NEW}": cloud["c1"]["name"]}
    Place.objects.filter(pk=place.pk).update(state="failed")
    vendors.change_place_state(mall=place.mall, wanted=PlaceState.REMOVED, actor="user:1", now=now)
    assert places.follow_places(now=now) == []
    assert (names(settings.ROUTE53_ZONE_ID), names(zone)) == ({}, {})
