"""Regional agents in the shop: applying, accepting, the desk, the recruiting page with its disclosures."""

import datetime as dt

import pytest
from django.conf import settings

from saas.kernel.clock import now
from tenant_apps.modes.contract import Grade
from tenant_apps.modes.regional import services
from tenant_apps.modes.regional.models import Contract
from tests.factories import orders, regions
from tests.factories.browser import MallClient
from tests.factories.catalog import single
from tests.factories.people import make_member
from tests.factories.sales import publish

TIANHE = {"province_code": "440000", "city_code": "440100", "district_code": "440106"}
APPLY = {
    **TIANHE,
    "area": "district:440106",
    "licence_company": "广州天河商贸有限公司",
    "licence_number": regions.licence(),
    "terms": "1",
    "apply": "1",
}


def browser(member):
    client = MallClient("grocery.localhost")
    client.force_login(member.user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


@pytest.fixture
def regional(grocery):
    return publish("regional", now=now() - dt.timedelta(hours=2))


@pytest.fixture
def agent(regional):
    return make_member(name="Agent")


def test_an_applicant_sees_what_is_free_taken_and_shared(agent):
    past = now() - dt.timedelta(days=1)
    regions.holder(make_member(), Grade.DISTRICT, "440106", is_exclusive=True, now=past)
    regions.holder(make_member(), Grade.CITY, "4401", now=past)
    choices = browser(agent).get("/regions", TIANHE).context["choices"]
    shown = [(one.state.code, one.state.is_free, one.state.owners, one.rate_ppm) for one in choices]
    assert shown == [("440106", False, 1, 30_000), ("4401", True, 1, 20_000), ("44", True, 0, 10_000)]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"area": ""}, "area"),
        ({"area": "district:449999"}, "code"),
        ({"area": "planet:1"}, "area"),
        ({"licence_number": "123"}, "licence_number"),
        ({"licence_company": ""}, "licence_company"),
        ({"terms": ""}, "terms"),
    ],
)
def test_a_bad_application_names_its_field_and_stores_nothing(agent, changes, field):
    data = {**APPLY, **changes}
    if not data["terms"]:
        del data["terms"]
    answer = browser(agent).post("/regions", data)
    assert (answer.status_code, answer.context["error"].field) == (422, field)
    assert not Contract.objects.exists()


def test_apply_accept_and_see_the_areas_orders(agent, drain):
    client = browser(agent)
    assert client.post("/regions", APPLY).status_code == 302
    contract = Contract.objects.get()
    services.approve_contract(
        contract_ulid=contract.ulid,
        invested_amount=3_000_000,
        months=12,
        licence_checked=True,
        actor="user:clerk",
        now=now(),
        reason="ok",
    )
    address = f"/regions/desk/{contract.ulid}"
    page = client.get(address)
    assert client.post(address, {"accept": "1", "digest": "0" * 64}).status_code == 422
    assert client.post(address, {"digest": page.context["digest"]}).status_code == 422
    contract.refresh_from_db()
    assert contract.state == "approved"
    assert client.post(address, {"accept": "1", "digest": page.context["digest"]}).status_code == 302
    contract.refresh_from_db()
    assert (contract.state, services.text_digest(contract.accepted_text)) == ("active", contract.text_digest)
    sku = single(price=10_000, supply=2_000)
    order = orders.paid(make_member(), (sku, 1))
    drain()
    page = client.get(address)
    assert (page.context["order_count"], page.context["goods_amount"]) == (1, 10_000)
    assert page.context["figure"].amount == 300
    assert order.number in page.text
    assert order.recipient_name not in page.text
    assert client.get("/regions/desk").context["rows"][0]["month"].amount == 300


def test_a_desk_shows_nobody_elses_contract(agent, beauty):
    from saas.tenants.malls.activation import in_mall
    from saas.tenants.malls.selectors import mall_by_ulid

    with in_mall(mall_by_ulid("01JGRCERYGRCERYGRCERYGRCER")):
        contract = regions.holder(make_member(), now=now())
        assert browser(agent).get(f"/regions/desk/{contract.ulid}").status_code == 404


def test_rule_20_the_recruiting_page_discloses_and_says_nothing_of_earnings(agent):
    answer = MallClient("grocery.localhost").get("/regions/district/440106", HTTP_ACCEPT_LANGUAGE="en")
    assert answer.status_code == 200
    assert len(answer.context["disclosures"]) == 5
    for one in answer.context["disclosures"]:
        assert one in answer.text.replace("&#x27;", "'")
    main = answer.text[answer.text.index("<main") : answer.text.index("</main")]
    assert "%" not in main
    assert "rate" not in main.replace("separate", "")


def test_no_regional_agents_no_page(grocery):
    assert MallClient("grocery.localhost").get("/regions/district/440106").status_code == 404
    assert browser(make_member()).get("/regions").status_code == 404


def test_a_place_that_does_not_exist_has_no_page(agent):
    client = MallClient("grocery.localhost")
    for address in (
        "/regions/district/449999",
        "/regions/planet/44",
        "/regions/custom/nowhere",
        "/regions/street/440106",
    ):
        assert client.get(address).status_code == 404
