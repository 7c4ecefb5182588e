"""Who shares the orders of an address: by code, by instant, earliest first; what is not sold; one statement."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from saas.kernel.errors import InvalidInput
from tenant_apps.members.services import close_account
from tenant_apps.modes import selectors as modes
from tenant_apps.modes.contract import AreaFacts, Grade, HolderFacts
from tenant_apps.modes.regional import selectors, services
from tenant_apps.modes.regional.models import Area, Contract
from tests.factories.people import NOW, make_member
from tests.factories.regions import STAFF, holder, licence
from tests.statements import counted

DAY = dt.timedelta(days=1)
TIANHE = "440106"


def areas(now: dt.datetime = NOW, code: str = TIANHE, street: str = "") -> tuple[AreaFacts, ...]:
    return selectors.areas_of_address(district_code=code, street_code=street, now=now)


def test_every_grade_of_an_address_in_the_order_of_award_in_one_statement(grocery):
    one = make_member()
    holder(one, Grade.PROVINCE, "44")
    holder(one, Grade.REGION, "华南", covers=["44", "45", "46"])
    holder(one, Grade.STREET, "440106003", name="天河南街道")
    holder(one, Grade.CITY, "4401")
    holder(one, Grade.DISTRICT, TIANHE)
    holder(one, Grade.CUSTOM, "珠江新城", covers=["440106"])
    holder(one, Grade.DISTRICT, "440115")
    with CaptureQueriesContext(
        connection,
    ) as seen:
        found = areas(street="440106003")
    assert len(counted(seen)) == 1
    assert [(area.grade.value, area.code) for area in found] == [
        ("custom", "珠江新城"),
        ("street", "440106003"),
        ("district", "440106"),
        ("city", "4401"),
        ("province", "44"),
        ("region", "华南"),
    ]
    assert [area.grade for area in areas(code="330106")] == []


def test_holders_earliest_first_with_the_unsold_part(grocery):
    first, second = make_member(), make_member()
    holder(second, invested=7_000_000, total_amount=12_000_000, now=NOW - DAY)
    holder(first, invested=3_000_000)
    assert areas() == (
        AreaFacts(
            grade=Grade.DISTRICT,
            code=TIANHE,
            holders=(HolderFacts(second.ulid, 7_000_000), HolderFacts(first.ulid, 3_000_000)),
            unsold_weight=2_000_000,
        ),
    )


def test_only_contracts_that_run_at_that_instant(grocery):
    contract = holder(make_member(), months=12)
    assert areas(NOW - dt.timedelta(seconds=1)) == ()
    assert len(areas(NOW)) == 1
    assert len(areas(contract.until_at - dt.timedelta(seconds=1))) == 1
    assert areas(contract.until_at) == ()
    services.end_contract(contract_ulid=contract.ulid, reason="given up", actor=STAFF, now=NOW + DAY)
    assert areas(NOW + 2 * DAY) == ()


def test_a_closed_account_earns_nothing_and_nobody_gets_its_part(grocery):
    gone, stays = make_member(), make_member()
    holder(gone, invested=100)
    holder(stays, invested=300)
    close_account(member=gone, now=NOW)
    assert areas() == (
        AreaFacts(grade=Grade.DISTRICT, code=TIANHE, holders=(HolderFacts(stays.ulid, 300),), unsold_weight=100),
    )


def test_a_municipality_has_no_city_agent(grocery):
    with pytest.raises(services.NoCityGrade) as refused:
        services.open_area(grade=Grade.CITY, code="1101", actor=STAFF, now=NOW)
    assert refused.value.field == "code"
    assert not Area.objects.exists()
    holder(make_member(), Grade.PROVINCE, "11")
    assert [area.grade for area in areas(code="110105")] == [Grade.PROVINCE]


@pytest.mark.parametrize(
    ("grade", "code", "more", "error", "field"),
    [
        (Grade.DISTRICT, "440199", {}, services.UnknownArea, "code"),
        (Grade.DISTRICT, "4401", {}, services.UnknownArea, "code"),
        (Grade.PROVINCE, "99", {}, services.UnknownArea, "code"),
        (Grade.STREET, "440106003", {}, InvalidInput, "name"),
        (Grade.CUSTOM, "商圈", {}, InvalidInput, "covers"),
        (Grade.CUSTOM, "440106", {"covers": ["440106"]}, InvalidInput, "code"),
        (Grade.REGION, "华南", {"covers": ["44", "4401"]}, services.AreasOverlap, "covers"),
        (Grade.REGION, "华南", {"covers": ["44", "77"]}, services.UnknownArea, "covers"),
        (Grade.DISTRICT, "440106", {"total_amount": -1}, InvalidInput, "total_amount"),
    ],
)
def test_bad_areas_are_refused_by_field_and_nothing_is_stored(grocery, grade, code, more, error, field):
    with pytest.raises(error) as refused:
        services.open_area(grade=grade, code=code, actor=STAFF, now=NOW, **more)
    assert refused.value.field == field
    assert not Area.objects.exists()


def test_two_named_areas_of_one_grade_never_share_a_place(grocery):
    services.open_area(grade=Grade.REGION, code="华南", covers=["44", "45"], actor=STAFF, now=NOW)
    with pytest.raises(services.AreasOverlap):
        services.open_area(grade=Grade.REGION, code="大湾区", covers=["4403"], actor=STAFF, now=NOW)
    services.open_area(grade=Grade.CUSTOM, code="大湾区", covers=["4403"], actor=STAFF, now=NOW)
    assert Area.objects.count() == 2


def test_an_agent_twice_in_one_region_is_refused_by_the_database(grocery):
    contract = holder(make_member())
    again = Contract(ulid="01AGAIN", area=contract.area, member=contract.member, applied_at=NOW, state="applied")
    with pytest.raises(IntegrityError, match="regional_agent_once_an_area"), transaction.atomic():
        again.save(force_insert=True)
    with pytest.raises(services.AgentTwice):
        holder(contract.member)
    assert Contract.objects.count() == 1


def test_shares_above_the_whole_are_refused(grocery):
    holder(make_member(), invested=7_000_000, total_amount=10_000_000)
    with pytest.raises(services.SharesAboveWhole) as refused:
        holder(make_member(), invested=3_000_001)
    assert refused.value.field == "invested_amount"
    assert "30,000.00" in refused.value.text or "30000.00" in refused.value.text
    assert Contract.objects.count() == 1
    holder(make_member(), invested=3_000_000)
    assert areas()[0].unsold_weight == 0


def test_an_exclusive_area_has_one_agent(grocery):
    holder(make_member(), is_exclusive=True)
    with pytest.raises(services.AreaTaken):
        holder(make_member())
    with pytest.raises(services.AreaTaken):
        services.apply_for_area(
            member=make_member(),
            grade=Grade.DISTRICT,
            code=TIANHE,
            licence_company="某某公司",
            licence_number=licence(),
            now=NOW,
        )
    assert Contract.objects.count() == 1


def test_sales_ask_for_areas_only_where_a_mode_pays_them(grocery):
    holder(make_member())
    with CaptureQueriesContext(connection) as seen:
        assert modes.areas_of_sale(pins={"distribution": "1"}, district_code=TIANHE, now=NOW) == ()
    assert counted(seen) == []
    for pins in ({"regional": "1"}, {"gift_pack@gift_pack": "1"}):
        assert len(modes.areas_of_sale(pins=pins, district_code=TIANHE, now=NOW)) == 1


def test_areas_of_another_mall_are_not_seen(grocery, beauty):
    from saas.tenants.malls.activation import in_mall

    with in_mall(grocery):
        holder(make_member())
        assert len(areas()) == 1
    with in_mall(beauty):
        assert areas() == ()
