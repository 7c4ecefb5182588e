"""Addresses and the divisions of China."""

import dataclasses

import pytest

from saas.kernel.errors import InvalidInput, NotFound
from tenant_apps.members import divisions, selectors, services
from tenant_apps.members.divisions import UnknownDivision
from tenant_apps.members.models import Address
from tenant_apps.members.services.addresses import MAX_ADDRESSES, AddressInput, TooManyAddresses
from tests.factories.people import NOW, make_member

GOOD = AddressInput(
    name="王小明",
    phone="138 0000 1234",
    province_code="330000",
    city_code="330100",
    district_code="330106",
    detail="文三路 100 号 1 幢 101",
)


def test_divisions_lead_from_province_to_district():
    assert len(divisions.divisions()) == 34
    assert divisions.Division("330100", "杭州市") in divisions.divisions("330000")
    assert divisions.Division("330106", "西湖区") in divisions.divisions("330100")
    assert divisions.divisions("330106") == () and divisions.divisions("999999") == ()


def test_every_city_has_districts_and_every_province_cities():
    for province in divisions.divisions():
        cities = divisions.divisions(province.code)
        assert cities, province
        assert all(divisions.divisions(city.code) for city in cities)


@pytest.mark.parametrize(
    "codes", [("330000", "320100", "320102"), ("330000", "330100", "330200"), ("", "", ""), ("x", "y", "z")]
)
def test_triple_that_does_not_fit_is_refused(codes):
    with pytest.raises(UnknownDivision):
        divisions.place(*codes)


def test_first_address_is_the_default_and_names_are_kept(grocery):
    member = make_member()
    address = services.add_address(member=member, given=GOOD, now=NOW)
    assert (address.province, address.city, address.district) == ("浙江省", "杭州市", "西湖区")
    assert address.phone == "+8613800001234" and address.is_default
    second = services.add_address(member=member, given=dataclasses.replace(GOOD, is_default=True), now=NOW)
    assert selectors.default_address(member) == second
    assert Address.objects.filter(member=member, is_default=True).count() == 1
    services.remove_address(member=member, ulid=second.ulid)
    assert selectors.default_address(member).is_default


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", " "), ("detail", "x"), ("phone", "12345"), ("district_code", "330206"), ("phone", "010-88888888")],
)
def test_bad_address_is_refused_and_nothing_stored(grocery, field, value):
    member = make_member()
    with pytest.raises(InvalidInput) as error:
        services.add_address(member=member, given=dataclasses.replace(GOOD, **{field: value}), now=NOW)
    assert error.value.field == field
    assert not Address.objects.exists()


def test_address_of_another_member_is_not_found(grocery):
    address = services.add_address(member=make_member(), given=GOOD, now=NOW)
    stranger = make_member()
    for act in (
        lambda: services.change_address(member=stranger, ulid=address.ulid, given=GOOD),
        lambda: services.remove_address(member=stranger, ulid=address.ulid),
    ):
        with pytest.raises(NotFound):
            act()
    assert Address.objects.filter(ulid=address.ulid).exists()


def test_address_book_is_bounded(grocery):
    member = make_member()
    for _ in range(MAX_ADDRESSES):
        services.add_address(member=member, given=GOOD, now=NOW)
    with pytest.raises(TooManyAddresses):
        services.add_address(member=member, given=GOOD, now=NOW)
    assert Address.objects.filter(member=member).count() == MAX_ADDRESSES
