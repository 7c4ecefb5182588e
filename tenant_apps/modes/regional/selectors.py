"""Reads of areas and contracts: who shares an address's orders now, and what the screens list."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from saas.kernel.errors import NotFound
from tenant_apps.members import divisions
from tenant_apps.modes.contract import AreaFacts, Grade, HolderFacts
from tenant_apps.modes.regional.contracts import DIGITS, HOLDING, NAMED, OPEN, ContractState, Source, codes_of_address
from tenant_apps.modes.regional.models import Area, Contract


@dataclass(frozen=True, kw_only=True)
class AreaState:
    """How much of an area is taken. Amounts in fen; `free_amount` is None where the area has no total."""

    grade: Grade
    code: str
    name: str
    ulid: str = ""
    total_amount: int = 0
    held_amount: int = 0
    owners: int = 0
    applications: int = 0
    is_exclusive: bool = False
    takes_applications: bool = True

    @property
    def free_amount(self) -> int | None:
        return max(0, self.total_amount - self.held_amount) if self.total_amount else None

    @property
    def is_free(self) -> bool:
        """Whether somebody may still apply."""
        taken = self.owners > 0 and (self.is_exclusive or self.free_amount == 0)
        return self.takes_applications and not taken


def areas_of_address(*, district_code: str, street_code: str = "", now: dt.datetime) -> tuple[AreaFacts, ...]:
    """The areas an address falls into, in the order in which grades are awarded, with the holders at `now`.

    Holders earliest first, one area a grade (the one opened first); an area that nobody holds is left out. What is not
    sold, and what members hold who have closed their account, is `unsold_weight`. One statement.
    """
    codes = codes_of_address(district_code, street_code)
    if not codes:
        return ()
    rows = (
        Contract.objects.filter(
            Q(state=ContractState.ACTIVE) | Q(state=ContractState.ENDED, ended_at__gt=now),  # ended since: held it then
            from_at__lte=now,
            until_at__gt=now,
            area__covers__has_any_keys=[*codes.values()],
        )
        .order_by("area_id", "from_at", "pk")
        .values_list(
            "area_id",
            "area__grade",
            "area__code",
            "area__total_amount",
            "member__ulid",
            "member__closed_at",
            "invested_amount",
        )
    )
    found: dict[Grade, tuple[int, str, int, list[HolderFacts], int]] = {}
    for area_id, grade, code, total, agent, closed_at, weight in rows:
        known = found.setdefault(Grade(grade), (area_id, code, total, [], 0))
        if known[0] != area_id:
            continue
        if closed_at is None:
            known[3].append(HolderFacts(agent, weight))
        found[Grade(grade)] = (*known[:4], known[4] + weight)
    return tuple(
        AreaFacts(
            grade=grade,
            code=code,
            holders=tuple(holders),
            unsold_weight=max(total, held) - sum(one.weight for one in holders),
        )
        for grade in Grade
        if grade in found
        for _, code, total, holders, held in (found[grade],)
        if holders
    )


def area_by_ulid(ulid: str) -> Area:
    """Raises NotFound."""
    area = Area.objects.filter(ulid=ulid).first()
    if area is None:
        raise NotFound
    return area


def contract_by_ulid(ulid: str, *, member_ulid: str = "") -> Contract:
    """A contract; with `member_ulid`, only that member's. Raises NotFound."""
    wanted = Q(ulid=ulid, member__ulid=member_ulid) if member_ulid else Q(ulid=ulid)
    found = Contract.objects.select_related("area", "member", "member__user").filter(wanted).first()
    if found is None:
        raise NotFound
    return found


def contracts_of_area(area: Area) -> QuerySet[Contract]:
    """Every contract of an area, holders earliest first."""
    return Contract.objects.filter(area=area).select_related("member", "member__user").order_by("from_at", "pk")


def contracts_of_member(member_ulid: str) -> QuerySet[Contract]:
    """A member's contracts, the newest first."""
    return Contract.objects.filter(member__ulid=member_ulid).select_related("area").order_by("-pk")


def applications() -> QuerySet[Contract]:
    """What waits for the staff, the oldest first."""
    return (
        Contract.objects.filter(state=ContractState.APPLIED)
        .select_related("area", "member", "member__user")
        .order_by("applied_at", "pk")
    )


def held_amount(area: Area, *, now: dt.datetime, without: Contract | None = None) -> tuple[int, int]:
    """What of an area is taken (fen) and by how many contracts: signed ones in their term, and agreed ones."""
    taken = Contract.objects.filter(_holding(now), area=area)
    if without is not None:
        taken = taken.exclude(pk=without.pk)
    sums = taken.aggregate(held=Sum("invested_amount", default=0), owners=Count("pk"))
    return sums["held"], sums["owners"]


def promised_amount(area: Area, *, now: dt.datetime) -> tuple[int, int]:
    """What of an area is taken (fen) and by how many, with the applications that gift packs have paid for."""
    paid_for = Q(state=ContractState.APPLIED, source=Source.GIFT_PACK)
    taken = Contract.objects.filter(_holding(now) | paid_for, area=area)
    sums = taken.aggregate(held=Sum("invested_amount", default=0), owners=Count("pk"))
    return sums["held"], sums["owners"]


def taken_codes(codes: Iterable[str], *, now: dt.datetime) -> set[str]:
    """Of these administrative codes, the areas where no agency is to be had: closed, exclusive and held, or all sold."""
    areas = list(Area.objects.filter(code__in=list(codes), grade__in=sorted(DIGITS)))
    return {state.code for state in area_states(areas, now=now) if not state.is_free} if areas else set()


def area_states(areas: Iterable[Area], *, now: dt.datetime) -> list[AreaState]:
    """How much of each area is taken, in the order given. One statement."""
    given = list(areas)
    sums: dict[int, Any] = {
        row["area_id"]: row
        for row in Contract.objects.filter(area__in=given, state__in=sorted(OPEN))
        .values("area_id")
        .annotate(
            held=Sum("invested_amount", filter=_holding(now), default=0),
            owners=Count("pk", filter=_holding(now)),
            applied=Count("pk", filter=Q(state=ContractState.APPLIED)),
        )
        .order_by()
    }
    return [
        AreaState(
            grade=Grade(area.grade),
            code=area.code,
            name=area.name,
            ulid=area.ulid,
            total_amount=area.total_amount,
            held_amount=sums.get(area.pk, {}).get("held", 0),
            owners=sums.get(area.pk, {}).get("owners", 0),
            applications=sums.get(area.pk, {}).get("applied", 0),
            is_exclusive=area.is_exclusive,
            takes_applications=area.takes_applications,
        )
        for area in given
    ]


def _holding(now: dt.datetime) -> Q:
    return Q(state__in=sorted(HOLDING)) & (Q(until_at=None) | Q(until_at__gt=now))


def area_state(*, grade: Grade, code: str, now: dt.datetime) -> AreaState:
    """One area as an applicant sees it; one that the mall never entered is free. Raises UnknownArea through `area_name`."""
    area = Area.objects.filter(grade=grade, code=code).first()
    if area is not None:
        return area_states([area], now=now)[0]
    return AreaState(grade=grade, code=code, name=area_name(grade, code))


def named_areas() -> Sequence[Area]:
    """Custom areas and regions, which no administrative list has."""
    return list(Area.objects.filter(grade__in=sorted(NAMED)).order_by("grade", "name"))


def areas_below(prefix: str) -> Sequence[Area]:
    """Entered areas whose code begins with `prefix`, of the four administrative grades."""
    grades = sorted(DIGITS)
    return list(Area.objects.filter(grade__in=grades, code__startswith=prefix).order_by("code"))


def area_name(grade: Grade, code: str) -> str:
    """What a province, city or district is called: from the list of divisions; empty for codes it does not have."""
    return divisions.full_name(code) if grade in DIGITS else code
