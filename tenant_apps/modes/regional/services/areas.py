"""Areas: entered with their terms, changed. Two areas of one grade never share a place."""

import datetime as dt
from collections.abc import Sequence

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from saas.kernel.ids import new_ulid
from saas.kernel.money import format_yuan
from tenant_apps.modes.contract import Grade
from tenant_apps.modes.regional import selectors
from tenant_apps.modes.regional.contracts import (
    DIGITS,
    MUNICIPALITIES,
    NAMED,
    is_code,
    overlap,
)
from tenant_apps.modes.regional.models import Area


class UnknownArea(InvalidInput):
    """There is no such province, city, district or street, or it is of another grade."""

    code = "unknown_area"
    message = _("There is no area of this grade with the code {code}.")


class NoCityGrade(InvalidInput):
    """A municipality is a province and a city in one: its orders have no city agent (MODES 8)."""

    code = "no_city_grade"
    message = _("Beijing, Tianjin, Shanghai and Chongqing have no city grade: choose the province or a district.")


class AreasOverlap(InvalidInput):
    """Two areas of one grade would both claim an order."""

    code = "areas_overlap"
    message = _("The code {code} already belongs to “{name}” of the same grade.")


class AreaTaken(DomainError):
    """An exclusive area has its agent, or every part of the area is taken."""

    code = "area_taken"
    message = _("This area is already taken.")  # type: ignore[assignment]


class SharesAboveWhole(InvalidInput):
    """The invested amounts of an area would come to more than the area stands for."""

    code = "shares_above_whole"
    message = _("The shares would exceed 100 %: {free} of {total} are still free.")


def open_area(
    *,
    grade: Grade,
    code: str,
    actor: str,
    now: dt.datetime,
    name: str = "",
    covers: Sequence[str] = (),
    total_amount: int = 0,
    is_exclusive: bool = False,
    takes_applications: bool = True,
) -> Area:
    """Enter an area with its terms. `covers` are the codes of a custom area or region, `total_amount` fen.

    The same grade and code again gives the area that is there, unchanged.
    Raises UnknownArea, NoCityGrade, AreasOverlap, InvalidInput.
    """
    code, covers = code.strip(), tuple(dict.fromkeys(one.strip() for one in covers if one.strip()))
    shown, codes = checked_area(grade, code, name.strip(), covers)
    _check_total(total_amount)
    with transaction.atomic():
        _lock_areas()
        known = Area.objects.filter(grade=grade, code=code).first()
        if known is not None:
            return known
        _check_overlap(grade, codes)
        area = Area(
            ulid=new_ulid(),
            grade=grade,
            code=code,
            name=shown,
            covers=list(codes),
            total_amount=total_amount,
            is_exclusive=is_exclusive,
            takes_applications=takes_applications,
            created_at=now,
        )
        area.save(force_insert=True)
        audit.record(
            actor,
            "area.opened",
            target=f"area:{area.ulid}",
            grade=grade.value,
            code=code,
            covers=list(codes),
            total_amount=total_amount,
            is_exclusive=is_exclusive,
        )
    return area


def change_area(
    *,
    area_ulid: str,
    total_amount: int,
    is_exclusive: bool,
    takes_applications: bool,
    reason: str,
    actor: str,
    now: dt.datetime,
) -> Area:
    """New terms for an area; contracts that exist keep theirs. Raises NotFound, SharesAboveWhole, AreaTaken, InvalidInput."""
    _check_total(total_amount)
    why = checked_reason(reason)
    with transaction.atomic():
        area = locked_area(area_ulid)
        held, owners = selectors.held_amount(area, now=now)
        if total_amount and held > total_amount:
            raise SharesAboveWhole(field="total_amount", free=yuan(0), total=yuan(total_amount))
        if is_exclusive and owners > 1:
            raise AreaTaken(field="is_exclusive")
        before = [area.total_amount, area.is_exclusive, area.takes_applications]
        area.total_amount, area.is_exclusive = total_amount, is_exclusive
        area.takes_applications = takes_applications
        area.save(update_fields=["total_amount", "is_exclusive", "takes_applications"])
        after = [total_amount, is_exclusive, takes_applications]
        audit.record(actor, "area.changed", target=f"area:{area.ulid}", reason=why, before=before, after=after)
    return area


def checked_area(grade: Grade, code: str, name: str, covers: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The area's name and the codes that belong to it."""
    if grade in NAMED:
        if not 2 <= len(code) <= 40 or is_code(code):
            raise InvalidInput(str(_("A custom area or region is named in 2 to 40 characters.")), field="code")
        if not covers:
            raise InvalidInput(str(_("Say which codes the area covers.")), field="covers")
        for one in covers:
            if not _exists(one):
                raise UnknownArea(field="covers", code=one)
        if inside := next((one for one in covers if overlap([one], [other for other in covers if other != one])), ""):
            raise AreasOverlap(field="covers", code=inside, name=code)
        return name or code, covers
    if len(code) != DIGITS[grade] or not _exists(code):
        raise UnknownArea(field="code", code=code)
    if grade is Grade.CITY and code[:2] in MUNICIPALITIES:
        raise NoCityGrade(field="code")
    if grade is Grade.STREET:
        if not name:
            raise InvalidInput(str(_("Give the name of the street.")), field="name")
        return name, (code,)
    return name or selectors.area_name(grade, code), (code,)


def _exists(code: str) -> bool:
    """Whether a code is one of the lists; of a street only its district can be checked."""
    return is_code(code) and bool(selectors.area_name(Grade.DISTRICT, code[:6] if len(code) == 9 else code))


def _check_overlap(grade: Grade, codes: Sequence[str]) -> None:
    if grade not in NAMED:
        return  # the code itself is unique, and codes of one length cannot hold each other
    for other in Area.objects.filter(grade=grade):
        if shared := overlap(codes, other.covers):
            raise AreasOverlap(field="covers", code=shared, name=other.name)


def _check_total(total_amount: int) -> None:
    if not 0 <= total_amount <= 10**12:
        raise InvalidInput(str(_("The amount of an area is between 0 and 10 billion yuan.")), field="total_amount")


def checked_reason(reason: str) -> str:
    if not reason.strip():
        raise InvalidInput(str(_("Please give a reason.")), field="reason")
    return reason.strip()[:300]


def yuan(fen: int) -> str:
    return f"¥{format_yuan(fen)}"


def locked_area(ulid: str) -> Area:
    area = Area.objects.select_for_update().filter(ulid=ulid).first()
    if area is None:
        raise NotFound
    return area


def _lock_areas() -> None:
    """One new area at a time in this mall: two named areas must not both claim a code."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || '/areas', 0))")
