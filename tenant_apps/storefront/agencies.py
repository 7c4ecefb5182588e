"""The area of the agency that a gift pack grants, as checkout asks for it: lists by grade, and what was chosen."""

import datetime as dt
from dataclasses import dataclass, field

from django.http import QueryDict

from tenant_apps.catalog.rules import GIFT_PACK
from tenant_apps.members import divisions as china
from tenant_apps.members.divisions import Division
from tenant_apps.modes.contract import Grade
from tenant_apps.modes.gift_pack import selectors as packs
from tenant_apps.modes.gift_pack.services import area_grade
from tenant_apps.modes.regional import selectors as regional
from tenant_apps.modes.regional.contracts import DIGITS, MUNICIPALITIES
from tenant_apps.orders.services import CheckoutQuote

PARTS = ("province", "city", "district")


@dataclass(frozen=True)
class Option:
    """A division to choose; a taken one cannot be."""

    code: str
    name: str
    taken: bool = False


@dataclass(frozen=True)
class Question:
    """What checkout asks for one pack: a list each for province, city, district, as far as its grade goes."""

    key: str
    title: str
    grade: str
    lists: list[tuple[str, str, list[Option]]] = field(default_factory=list)  # part, chosen, options


def questions(quote: CheckoutQuote, posted: QueryDict, now: dt.datetime) -> list[Question]:
    """One question a pack that grants an agency; orders without packs cost no statement."""
    lines = [line for line in quote.lines if line.offer.zone == GIFT_PACK]
    known = packs.packs_in_force([line.offer.sku_ulid for line in lines], at=now) if lines else {}
    found = []
    for line in lines:
        pack = known.get(line.offer.sku_ulid)
        if pack and pack.agency_grade:
            grade = Grade(pack.agency_grade)
            chosen = {part: posted.get(f"agency-{part}-{line.offer.key}", "") for part in PARTS}
            lists = [(part, chosen[part], options(grade, part, chosen, now)) for part in parts_of(grade)]
            found.append(Question(line.offer.key, line.offer.title, grade.value, lists))
    return found


def parts_of(grade: Grade) -> tuple[str, ...]:
    """The lists that a grade is chosen from; a municipality's districts stand in the list of cities."""
    return PARTS[: {Grade.PROVINCE: 1, Grade.CITY: 2}.get(grade, 3)]


def options(grade: Grade, part: str, chosen: dict[str, str], now: dt.datetime) -> list[Option]:
    """The divisions of one list, below what was chosen in the list before; the last list says what is taken."""
    above = {"province": "", "city": chosen["province"], "district": chosen["city"]}[part]
    rows: tuple[Division, ...] = china.divisions(above) if above or part == "province" else ()
    if grade is Grade.CITY and part == "city" and above[:2] in MUNICIPALITIES:
        rows = tuple(district for city in rows for district in china.divisions(city.code))
    if part != parts_of(grade)[-1]:
        return [Option(one.code, one.name) for one in rows]
    wanted = {one.code: code_of(grade, one.code) for one in rows}
    taken = regional.taken_codes(wanted.values(), now=now)
    return [Option(one.code, one.name, wanted[one.code] in taken) for one in rows]


def code_of(grade: Grade, division: str) -> str:
    """The area's code for a division's six digits: 2 of a province, 4 of a city, 6 of a district or of a municipality's."""
    return division[: DIGITS[area_grade(grade, division)]]


def chosen_code(posted: QueryDict, key: str) -> str:
    """The code of the area that was chosen for a pack; empty where the last list was left open."""
    asked = posted.get(f"agency-grade-{key}", "")
    if asked not in (Grade.PROVINCE, Grade.CITY, Grade.DISTRICT):
        return ""
    grade = Grade(asked)
    return code_of(grade, posted.get(f"agency-{parts_of(grade)[-1]}-{key}", "")[:6])
