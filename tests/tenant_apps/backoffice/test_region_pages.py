"""Areas and agents in the back office: the drill-down, terms, holders, contracts; bad input names its field."""

import datetime as dt

import pytest

from saas.kernel.clock import now
from tenant_apps.modes.contract import Grade
from tenant_apps.modes.regional import services
from tenant_apps.modes.regional.models import Area, Contract
from tests.factories import orders, regions
from tests.factories.catalog import single
from tests.factories.people import make_member
from tests.factories.sales import publish
from tests.tenant_apps.backoffice.conftest import texts

AGENT = {
    "step": "holder",
    "licence_company": "广州天河商贸有限公司",
    "licence_number": regions.licence(),
    "licence_checked": "1",
    "invested_amount": "30000",
    "months": "12",
    "reason": "signed",
    "paper_number": "GD-1",
}


def holder(member=None, code="440106", **more):
    return regions.holder(member or make_member(), Grade.DISTRICT, code, now=now() - dt.timedelta(days=1), **more)


def test_provinces_first_then_cities_districts_and_streets_with_counts(owner):
    holder()
    provinces = owner.get("/backoffice/regions/")
    assert provinces.status_code == 200
    rows = {row.state.code: row for row in provinces.context["page"].paginator.object_list}
    assert len(rows) == 34
    assert (rows["44"].inside, rows["33"].inside) == (1, 0)
    cities = {
        row.state.code: row for row in owner.get("/backoffice/regions/?at=44").context["page"].paginator.object_list
    }
    assert (cities["4401"].inside, cities["4401"].state.ulid) == (1, "")
    districts = owner.get("/backoffice/regions/?at=4401").context["page"].paginator.object_list
    tianhe = next(row for row in districts if row.state.code == "440106")
    assert (tianhe.state.owners, tianhe.inside) == (1, 0)
    assert owner.get("/backoffice/regions/?at=440106").status_code == 200
    assert owner.get("/backoffice/regions/?at=99").status_code == 404


def test_a_municipality_goes_straight_on_to_its_districts(owner):
    rows = owner.get("/backoffice/regions/?at=11").context["page"].paginator.object_list
    assert {row.state.grade for row in rows} == {Grade.DISTRICT}
    assert "110105" in {row.state.code for row in rows}


def test_the_sums_are_what_the_areas_orders_awarded(owner, drain):
    agent = make_member()
    holder(agent)
    publish("regional", now=now() - dt.timedelta(hours=1))
    buyer, sku = make_member(), single(price=10_000, supply=2_000)
    orders.paid(buyer, (sku, 1))
    drain()
    rows = owner.get("/backoffice/regions/?at=4401").context["page"].paginator.object_list
    tianhe = next(row for row in rows if row.state.code == "440106")
    assert (tianhe.figure.amount, tianhe.figure.orders) == (300, 1)


def test_a_holder_is_added_and_a_bad_one_names_the_field(owner):
    area = services.open_area(grade=Grade.DISTRICT, code="440106", total_amount=5_000_000, actor="user:x", now=now())
    address = f"/backoffice/regions/areas/{area.ulid}"
    member = make_member()
    for changes, field in [
        ({"share_code": "NOBODY"}, "share_code"),
        ({"licence_number": "91440101MA59000000"}, "licence_number"),
        ({"licence_checked": ""}, "licence_checked"),
        ({"invested_amount": "60000"}, "invested_amount"),
        ({"invested_amount": "much"}, "invested_amount"),
        ({"months": "0"}, "months"),
    ]:
        answer = owner.post(address, {**AGENT, "share_code": member.share_code, **changes})
        assert answer.status_code == 422
        assert list(answer.context["holder"].errors) == [field]
    assert not Contract.objects.exists()
    answer = owner.post(address, {**AGENT, "share_code": member.share_code})
    assert answer.status_code == 302
    contract = Contract.objects.get()
    assert (contract.invested_amount, contract.state, contract.member) == (3_000_000, "active", member)
    assert owner.get(address).context["contracts"][0][1] == 600_000


def test_terms_below_what_is_held_name_their_field(owner):
    contract = holder(invested=3_000_000)
    answer = owner.post(
        f"/backoffice/regions/areas/{contract.area.ulid}",
        {"step": "terms", "total_amount": "20000", "reason": "less"},
    )
    assert answer.status_code == 422
    assert list(answer.context["terms"].errors) == ["total_amount"]
    contract.area.refresh_from_db()
    assert contract.area.total_amount == 0


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"grade": "region", "code": "华南", "covers": "44 99"}, "covers"),
        ({"grade": "custom", "code": "商", "covers": "440106"}, "code"),
        ({"grade": "street", "code": "440106", "name": "街", "at": "440106"}, "code"),
    ],
)
def test_a_bad_area_names_its_field(owner, data, field):
    answer = owner.post("/backoffice/regions/open", data)
    assert texts(answer)[0].startswith(f"{field}: ")
    assert not Area.objects.exists()


def test_an_application_is_decided_on_its_contract(owner):
    contract = services.apply_for_area(
        member=make_member(),
        grade=Grade.DISTRICT,
        code="440106",
        licence_company="广州天河商贸有限公司",
        licence_number=regions.licence(),
        now=now(),
    )
    assert contract.ulid in owner.get("/backoffice/regions/").text
    address = f"/backoffice/regions/contracts/{contract.ulid}"
    answer = owner.post(address, {"step": "approve", "invested_amount": "100", "months": "12", "reason": "ok"})
    assert (answer.status_code, list(answer.context["approve"].errors)) == (422, ["licence_checked"])
    data = {"step": "approve", "invested_amount": "100", "months": "12", "reason": "ok", "licence_checked": "1"}
    assert owner.post(address, data).status_code == 302
    contract.refresh_from_db()
    assert (contract.state, contract.invested_amount) == ("approved", 10_000)
    owner.post(address, {"step": "refuse", "reason": "never signed"})
    contract.refresh_from_db()
    assert (contract.state, contract.reason) == ("refused", "never signed")


def test_who_may_not(goods, clerk, grocery):
    assert goods.get("/backoffice/regions/").status_code == 403
    assert clerk.get("/backoffice/regions/").status_code == 200
    assert clerk.post("/backoffice/regions/open", {"grade": "province", "code": "44"}).status_code == 403
    assert not Area.objects.exists()


def test_the_compliance_page_shows_alarms_modes_and_rules(grocery, goods):
    from saas.identity.roles import Role
    from tenant_apps.modes.models import ComplianceAlarm
    from tests.factories.people import make_staff
    from tests.tenant_apps.backoffice.conftest import signed_in

    officer = signed_in(make_staff(Role.COMPLIANCE))
    head = make_member(name="Head")
    ComplianceAlarm.objects.create(member_ulid=head.ulid, people=31, levels=3, first_seen_at=now(), last_seen_at=now())
    page = officer.get("/backoffice/compliance/")
    assert page.status_code == 200
    assert "Head" in page.text and len(page.context["rules"]) == 21
    assert officer.post(f"/backoffice/compliance/{head.ulid}/note", {"note": "shoppers"}).status_code == 302
    assert ComplianceAlarm.objects.get().note == "shoppers"
    assert goods.get("/backoffice/compliance/").status_code == 403
    assert goods.post(f"/backoffice/compliance/{head.ulid}/note", {"note": "x"}).status_code == 403
    assert ComplianceAlarm.objects.get().note == "shoppers"
