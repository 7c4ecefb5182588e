"""Areas, codes, terms and licence numbers: pure."""

import datetime as dt

import pytest

from tenant_apps.modes.contract import Grade
from tenant_apps.modes.regional import contracts


def test_an_address_falls_into_each_grade_by_the_prefix_of_its_code():
    assert contracts.codes_of_address("440115", "440115003") == {
        Grade.DISTRICT: "440115",
        Grade.PROVINCE: "44",
        Grade.CITY: "4401",
        Grade.STREET: "440115003",
    }


@pytest.mark.parametrize("code", ["110105", "120101", "310115", "500103"])
def test_a_municipality_has_no_city(code):
    assert set(contracts.codes_of_address(code)) == {Grade.DISTRICT, Grade.PROVINCE}


def test_a_street_of_another_district_is_not_taken():
    assert Grade.STREET not in contracts.codes_of_address("440115", "440106003")


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2026-11-22", 12, "2027-11-22"),
        ("2026-08-31", 6, "2027-02-28"),
        ("2027-08-31", 6, "2028-02-29"),
        ("2026-12-31", 1, "2027-01-31"),
    ],
)
def test_months_are_calendar_months(start, months, end):
    noon = dt.time(12, tzinfo=dt.UTC)
    began = dt.datetime.combine(dt.date.fromisoformat(start), noon)
    assert contracts.add_months(began, months) == dt.datetime.combine(dt.date.fromisoformat(end), noon)


def test_a_licence_number_is_checked_by_its_last_sign():
    assert contracts.is_licence_number("91350100M000100Y43")  # the example of GB 32100-2015
    assert not contracts.is_licence_number("91350100M000100Y44")
    assert not contracts.is_licence_number("91350100M000100Y4")
    assert not contracts.is_licence_number("91350100I000100Y43")


@pytest.mark.parametrize(
    ("some", "others", "shared"),
    [(["4401"], ["4403"], ""), (["4401"], ["440106"], "4401"), (["440106"], ["44"], "440106"), ([], ["44"], "")],
)
def test_areas_overlap_where_one_code_begins_with_the_other(some, others, shared):
    assert contracts.overlap(some, others) == shared
