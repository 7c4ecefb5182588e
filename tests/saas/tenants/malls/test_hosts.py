"""Hosts in the cell: own ones told by control, the one look-up, redirects to the primary, who may have a certificate."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import schema_context

from saas.kernel.clock import now
from saas.messaging.bus.services import Event
from saas.tenants.malls import handlers, probe, selectors, services
from saas.tenants.malls.models import Domain
from saas.tenants.malls.rules import MallState, normalise_host
from tests.factories.browser import MallClient

OWN, OTHER = "shop.lvye-market.com", "xn--ip0a489a.com"
ASK = "/_tls/ask"


@pytest.fixture
def told(grocery):
    """Control's fact, delivered."""

    def run(version, mall=grocery, **value):
        full = {"hosts": [], "certified": [], "primary": "", "sends_platform": False, **value}
        payload = {"mall": mall.ulid, "value": full, "version": version}
        handlers.on_hosts_changed(Event(f"H{version}", "mall.hosts_changed", mall.ulid, 1, payload, now()))

    return run


def hosts(mall):
    with schema_context("public"):
        return {row.domain: row.is_primary for row in Domain.objects.filter(tenant_id=mall.pk)}


def ask(host, **extra):
    return MallClient("127.0.0.1").get(ASK, {"domain": host}, **extra).status_code


def test_follows_control_by_version(grocery, beauty, told):
    told(3, hosts=[OWN, OTHER], certified=[OWN], primary=OWN)
    assert hosts(grocery) == {"grocery.localhost": False, OWN: True, OTHER: False}
    assert selectors.primary_origin(grocery) == f"http://{OWN}:8100"
    told(2, hosts=[OTHER])  # an older fact, late
    told(3, hosts=[])  # and the same once more
    assert set(hosts(grocery)) == {"grocery.localhost", OWN, OTHER}
    with pytest.raises(services.HostTaken):
        told(1, mall=beauty, hosts=[OWN])
    assert set(hosts(beauty)) == {"beauty.localhost"}
    told(4)
    assert hosts(grocery) == {"grocery.localhost": True}
    told(1, mall=beauty, hosts=[OWN])  # the fact is tried again
    assert set(hosts(beauty)) == {"beauty.localhost", OWN}


def test_every_way_of_writing_a_host_finds_the_mall_and_shoppers_go_to_the_primary(grocery, told):
    told(1, hosts=[OWN, OTHER], certified=[OWN, OTHER], primary=OWN)
    for written in (OWN, "SHOP.Lvye-Market.COM", f"{OWN}.", f"{OWN}:8443", f"{OWN}.:443"):
        assert selectors.mall_by_host(normalise_host(written)) == grocery, written
    assert MallClient(f"{OWN.upper()}.:443").get("/").status_code == 200
    for written in (f"x.{OWN}", f"{OWN}.evil.com", f"{OWN}..", "lvye-market.com", ""):
        assert MallClient(written).get("/").status_code == 404, written
    shopper = MallClient(OTHER)
    answer = shopper.get("/c/fruit?page=2&q=%E6%9E%9C")
    assert (answer.status_code, answer.url) == (301, f"http://{OWN}:8100/c/fruit?page=2&q=%E6%9E%9C")
    assert answer["Cache-Control"] == "max-age=3600" and "Host" in answer["Vary"]
    assert shopper.head("/").status_code == 301
    assert shopper.get("/", PATH_INFO="//evil.com/x").url.startswith(f"http://{OWN}:8100/")
    for path in ("/backoffice/", "/api/x", "/auth/login/", "/notify/x/y"):  # in the middle of something
        assert shopper.get(path).status_code != 301, path
    assert shopper.post("/cart/add").status_code != 301  # what was sent is not lost
    assert shopper.get("/", headers={probe.HEADER: probe.token(grocery.ulid)}).status_code == 200
    assert MallClient("grocery.localhost").get("/").status_code == 200  # the platform address keeps working
    told(2, hosts=[OWN, OTHER], certified=[OWN, OTHER], primary=OWN, sends_platform=True)
    assert MallClient("grocery.localhost").get("/me").url == f"http://{OWN}:8100/me"


def test_cookies_stay_with_the_host(grocery, told):
    told(1, hosts=[OWN], certified=[OWN], primary=OWN)
    browser = MallClient(OWN)
    browser.get("/auth/login/")
    assert browser.cookies and all(cookie["domain"] == "" for cookie in browser.cookies.values())


def test_a_second_base_domain_is_a_second_address_and_control_says_which_one_links_carry(grocery, told):
    second = "grocery.malls-of-lvye.cn"
    both = ["grocery.localhost", second]
    assert MallClient(second).get("/").status_code == 404
    told(1, platform=both)
    assert [MallClient(host).get("/").status_code for host in both] == [200, 200]
    assert (ask(second), selectors.primary_origin(grocery)) == (200, "http://grocery.localhost:8100")
    told(2, platform=both[::-1])
    assert selectors.primary_origin(grocery) == f"http://{second}:8100"
    assert [MallClient(host).get("/").status_code for host in both] == [200, 200]  # nobody is sent away
    told(3, platform=both[::-1], hosts=[OWN], certified=[OWN], primary=OWN, sends_platform=True)
    assert [MallClient(host).get("/me").url for host in both] == [f"http://{OWN}:8100/me"] * 2
    told(4, platform=both[::-1])
    assert (MallClient(OWN).get("/").status_code, MallClient(second).get("/").status_code) == (404, 200)
    assert selectors.primary_origin(grocery) == f"http://{second}:8100"


def test_only_names_that_work_may_have_a_certificate(grocery, told):
    assert ask("grocery.localhost") == 200
    assert ask(OWN) == 404
    told(1, hosts=[OWN, OTHER], certified=[OWN])
    assert (ask(OWN), ask(OWN.upper() + "."), ask(OTHER), ask(f"x.{OWN}")) == (200, 200, 404, 404)
    assert (ask(""), ask("127.0.0.1"), ask("*.lvye.cn")) == (404, 404, 404)
    services.change_state(grocery.ulid, MallState.MOVING, now=now())
    assert ask(OWN) == 200
    services.change_state(grocery.ulid, MallState.MOVED, now=now())
    assert ask(OWN) == 404


@pytest.mark.parametrize(
    "extra",
    [
        {"REMOTE_ADDR": "203.0.113.9"},
        {"REMOTE_ADDR": "10.0.0.9"},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"HTTP_FORWARDED": "for=127.0.0.1"},
        {"HTTP_VIA": "1.1 edge"},
        {"REMOTE_ADDR": ""},
    ],
)
def test_the_question_is_answered_to_ourselves_alone(grocery, extra):
    assert ask("grocery.localhost", **extra) == 404


def test_a_thousand_unknown_hosts_cost_no_query_and_no_certificate(grocery, settings, told, time_machine):
    time_machine.move_to(now(), tick=False)  # names are counted by the minute: all of these in one
    told(1, hosts=[OWN], certified=[OWN])
    settings.TLS_ASK_UNKNOWN_PER_MINUTE = 100
    MallClient("nobody.example").get("/")  # the first look
    with CaptureQueriesContext(connection) as captured:
        refused = {selectors.look_up(f"u{n}.example.net") for n in range(1000)}
        answers = [ask(f"v{n}.example.net") for n in range(300)]
        pages = {MallClient(f"w{n}.example.net").get("/").status_code for n in range(20)}
    assert (refused, pages) == ({None}, {404})
    assert (answers[:100], set(answers[101:])) == ([404] * 100, {429})  # nobody is told yes
    assert [q["sql"] for q in captured.captured_queries if "SET search_path" not in q["sql"]] == []
    assert ask(OWN) == 200  # a flood stops nobody's certificate
