"""The forms of a store as its owner and staff fill them in, and what pages say of its hours. The screens mount it."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from saas.kernel.clock import CHINA
from saas.kernel.errors import InvalidInput
from saas.kernel.money import parse_yuan
from tenant_apps.counter.rules import franchise, hours
from tenant_apps.counter.rules.franchise import Franchise, Gap
from tenant_apps.counter.rules.hours import Door, Opening
from tenant_apps.counter.selectors.stores import Facts
from tenant_apps.counter.services.stores import StoreDraft, StoreFactsInvalid
from tenant_apps.sellers.models import Seller
from tenant_apps.sellers.services import Handover

WEEKDAYS = (
    gettext_lazy("Monday"), gettext_lazy("Tuesday"), gettext_lazy("Wednesday"), gettext_lazy("Thursday"),
    gettext_lazy("Friday"), gettext_lazy("Saturday"), gettext_lazy("Sunday"),
)  # fmt: skip
FIELDS = ("intro", "closings", "services", *(f"day{day}" for day in range(7)))
FRANCHISE_FIELDS = ("applies", "disclosed_on", "contract_on", "filing_number", "recruiting_text")
_GAPS: dict[Gap, str | Promise] = {
    Gap.DISCLOSURE_MISSING: gettext_lazy("No disclosure file has been handed over yet: it has to be, 30 days ahead."),
    Gap.CONTRACT_TOO_EARLY: gettext_lazy("The contract may be signed from {day} on: 30 days after the disclosure."),
    Gap.FILING_MISSING: gettext_lazy("The filing number of the franchise is missing."),
    Gap.EARNINGS_NAMED: gettext_lazy("The recruiting text speaks of earnings: {found}. Take that out."),
}
_DOORS: dict[Door, str | Promise] = {
    Door.OPEN: pgettext_lazy("store", "Open until {time}"),
    Door.CLOSED: pgettext_lazy("store", "Closed, opens {time}"),
    Door.UNKNOWN: pgettext_lazy("store", "Hours not stated"),
}


@dataclass(frozen=True)
class DayField:
    """One weekday of the form."""

    name: str
    label: str | Promise
    value: str


def initial(facts: Facts) -> dict[str, str]:
    """The form as it is stored."""
    days = {f"day{day}": hours.show_day(spans) for day, spans in enumerate(facts.week)}
    return {
        "intro": facts.intro,
        "closings": hours.show_closings(facts.closings),
        "services": "\n".join(facts.services),
        **days,
    }


def typed(posted: QueryDict, names: tuple[str, ...] = FIELDS) -> dict[str, str]:
    """What was typed, to be shown again."""
    return {name: posted.get(name, "")[:4_000] for name in names}


def day_fields(values: dict[str, str]) -> list[DayField]:
    """The seven fields of the week, Monday first."""
    return [DayField(f"day{day}", WEEKDAYS[day], values.get(f"day{day}", "")) for day in range(7)]


def draft_of(values: dict[str, str]) -> StoreDraft:
    """The typed form as a draft. Raises StoreFactsInvalid naming the field."""
    week = []
    for day in range(7):
        try:
            week.append(hours.parse_day(values[f"day{day}"]))
        except hours.HoursFault as fault:
            text = _("“{text}” is no opening time: give up to three such as 09:00-12:00, 13:30-21:00, without overlap.")
            raise StoreFactsInvalid(text, field=f"day{day}", text=fault.at) from None
    try:
        closings = hours.parse_closings(values["closings"])
    except hours.HoursFault as fault:
        text = _("“{text}” is no closed day: give one a line, such as 2027-02-05 2027-02-12 Spring Festival.")
        raise StoreFactsInvalid(text, field="closings", text=fault.at) from None
    return StoreDraft(
        intro=values["intro"], week=tuple(week), closings=closings, services=values["services"].splitlines()
    )


def franchise_initial(checklist: Franchise) -> dict[str, str]:
    """The checklist as its form shows it."""
    return {"applies": "1" if checklist.applies else "", **(franchise.to_json(checklist) or {})}


def franchise_of(values: dict[str, str]) -> Franchise:
    """The typed checklist. Raises InvalidInput naming the field."""
    return Franchise(
        applies=values["applies"] == "1",
        disclosed_on=_day(values, "disclosed_on"),
        contract_on=_day(values, "contract_on"),
        filing_number=values["filing_number"].strip(),
        recruiting_text=values["recruiting_text"].strip(),
    )


def gap_texts(checklist: Franchise) -> list[str]:
    """What the checklist still misses, in words."""
    day = franchise.earliest_contract(checklist.disclosed_on) if checklist.disclosed_on else ""
    found = ", ".join(franchise.earnings_named(checklist.recruiting_text)[:5])
    return [str(_GAPS[gap]).format(day=day, found=found) for gap in franchise.gaps(checklist)]


def door_text(opening: Opening, now: dt.datetime) -> str:
    """`Open until 21:00`, `Open round the clock`, `Closed, opens 12-24 09:00`."""
    if opening.until is None and opening.door is not Door.UNKNOWN:
        return pgettext("store", "Open round the clock") if opening.is_open else pgettext("store", "Closed")
    time = ""
    if opening.until is not None:
        same_day = opening.until.date() == now.astimezone(CHINA).date()
        soon = opening.is_open and opening.until - now < dt.timedelta(days=1)
        time = opening.until.strftime("%H:%M" if same_day or soon else "%m-%d %H:%M")
    return str(_DOORS[opening.door]).format(time=time)


def handover_of(posted: QueryDict, row: Seller) -> Handover:
    """A store's place and delivery terms as its owner typed them. Raises InvalidInput naming the field."""
    return Handover(
        place_text=posted.get("place_text", ""),
        place_phone=posted.get("place_phone", "").strip(),
        latitude_e6=_degrees(posted, "latitude"),
        longitude_e6=_degrees(posted, "longitude"),
        offers_pickup=posted.get("offers_pickup") == "1",
        offers_delivery=posted.get("offers_delivery") == "1",
        delivery_radius_meters=_whole(posted, "radius", row.delivery_radius_meters),
        delivery_minimum_amount=fen(posted.get("minimum", ""), "minimum"),
        delivery_fee_amount=fen(posted.get("fee", ""), "fee"),
    )


def fen(text: str, field: str) -> int:
    """Yuan as typed, in fen; nothing typed is zero. Raises InvalidInput."""
    try:
        return parse_yuan(text) if text.strip() else 0
    except ValueError:
        raise InvalidInput(_("Give an amount in yuan, such as 12 or 12.50."), field=field) from None


def _degrees(posted: QueryDict, name: str) -> int | None:
    text = posted.get(name, "").strip()
    try:
        return round(float(text) * 1_000_000) if text else None
    except (ValueError, OverflowError):
        raise InvalidInput(_("Latitude and longitude are degrees, such as 23.129110."), field=name) from None


def _whole(posted: QueryDict, name: str, default: int) -> int:
    text = posted.get(name, "").strip()
    if not text:
        return default
    if not (text.isdecimal() and len(text) <= 6):
        raise InvalidInput(_("The radius is a whole number of metres."), field=name)
    return int(text)


def _day(values: dict[str, Any], name: str) -> dt.date | None:
    text = values[name].strip()
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise InvalidInput(_("This is no day."), field=name) from None
