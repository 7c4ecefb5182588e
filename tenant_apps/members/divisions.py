"""省市区街道: divisions of China from the vendored data (data/divisions.json and streets.json say source and date)."""

import functools
import json
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from saas.kernel.errors import InvalidInput

_DATA = Path(__file__).parent / "data"
_STREET_DIGITS = 3  # of a street's code, after the six of its district


@dataclass(frozen=True)
class Division:
    """One province, city or district (six digits) or street (nine): code and Chinese name."""

    code: str
    name: str


@dataclass(frozen=True)
class Place:
    """A checked province, city and district."""

    province: Division
    city: Division
    district: Division


class UnknownDivision(InvalidInput):
    """The three codes do not name a province, a city in it and a district in that."""

    code = "unknown_division"
    message = _("Choose province, city and district from the lists.")


class UnknownStreet(InvalidInput):
    """The code is no street of the district."""

    code = "unknown_street"
    message = _("Choose the street from the list of its district, or leave it open.")


@functools.cache
def _levels() -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    data = json.loads((_DATA / "divisions.json").read_text(encoding="utf-8"))
    return data["provinces"], data["cities"], data["districts"]


@functools.cache
def divisions(parent_code: str = "") -> tuple[Division, ...]:
    """The provinces, or what lies directly below a province or a city; empty for an unknown code. Streets: `streets`."""
    provinces, cities, districts = _levels()
    if not parent_code:
        found = provinces
    elif parent_code in provinces:
        found = {code: name for code, name in cities.items() if code[:2] == parent_code[:2]}
    elif parent_code in cities:
        found = {code: name for code, name in districts.items() if code[:4] == parent_code[:4]}
    else:
        found = {}
    return tuple(Division(code, name) for code, name in found.items())


def place(province_code: str, city_code: str, district_code: str) -> Place:
    """The three divisions behind three codes. Raises UnknownDivision."""
    provinces, cities, districts = _levels()
    fits = (
        province_code in provinces
        and city_code in cities
        and district_code in districts
        and city_code[:2] == province_code[:2]
        and district_code[:4] == city_code[:4]
    )
    if not fits:
        raise UnknownDivision(field="district_code")
    return Place(
        Division(province_code, provinces[province_code]),
        Division(city_code, cities[city_code]),
        Division(district_code, districts[district_code]),
    )


def place_of_district(district_code: str) -> Place:
    """The province and city that a district lies in, by its own code. Raises UnknownDivision."""
    return place(f"{district_code[:2]}0000", f"{district_code[:4]}00", district_code)


@functools.cache
def _streets() -> dict[str, str]:
    found: dict[str, str] = json.loads((_DATA / "streets.json").read_text(encoding="utf-8"))["streets"]
    return found


def streets(district_code: str) -> tuple[Division, ...]:
    """The streets and towns of a district; empty where the data has none (development zones, a few direct districts)."""
    rows = _streets().get(district_code, "")
    return tuple(Division(district_code + row[:_STREET_DIGITS], row[_STREET_DIGITS:]) for row in rows.split("|") if row)


def street(district_code: str, street_code: str) -> Division:
    """One street of a district. Raises UnknownStreet."""
    found = next((one for one in streets(district_code) if one.code == street_code), None)
    if found is None:
        raise UnknownStreet(field="street_code")
    return found


def street_name(code: str) -> str:
    """What a street of nine digits is called; empty where the data does not have it."""
    return next((one.name for one in streets(code[:6]) if one.code == code), "")


def full_name(code: str) -> str:
    """`广东省广州市番禺区` for a code of 2, 4 or 6 digits; empty for one that the lists do not have."""
    provinces, cities, districts = _levels()
    chain = (provinces.get(f"{code[:2]}0000"), cities.get(f"{code[:4]}00"), districts.get(code))
    wanted = chain[: len(code) // 2] if len(code) in (2, 4, 6) else ()
    if not wanted or any(name is None for name in wanted):
        return ""
    return "".join(dict.fromkeys(name for name in wanted if name))


def search_districts(query: str, *, limit: int) -> list[tuple[str, str]]:
    """Districts whose full name holds every word of the query: (code, full name)."""
    words, found = query.split(), []
    for code in _levels()[2] if words else ():
        name = full_name(code)
        if all(word in name or word == code for word in words):
            found.append((code, name))
            if len(found) == limit:
                break
    return found
