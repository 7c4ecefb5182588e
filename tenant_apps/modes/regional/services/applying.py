"""Asking for an area. The staff decides."""

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from saas.kernel.ids import new_ulid
from saas.kernel.states import check_transition
from tenant_apps.members.models import Member
from tenant_apps.modes.contract import Grade
from tenant_apps.modes.regional import selectors
from tenant_apps.modes.regional.contracts import (
    MAX_MONTHS,
    NAMED,
    TRANSITIONS,
    ContractState,
    is_licence_number,
)
from tenant_apps.modes.regional.models import Area, Contract
from tenant_apps.modes.regional.services.areas import AreaTaken, UnknownArea, locked_area, open_area


class AreaClosed(DomainError):
    """The mall takes no applications for this area."""

    code = "area_closed"
    message = _("No applications are taken for this area at the moment.")  # type: ignore[assignment]


class AgentTwice(DomainError):
    """The member has an open contract or application for this area."""

    code = "agent_twice"
    message = _("This person already has an application or a contract for this area.")  # type: ignore[assignment]


class LicenceInvalid(InvalidInput):
    """The number is no unified social credit code."""

    code = "licence_invalid"
    message = _("A business licence number has 18 characters, the last of which checks the others. Please compare it.")


def apply_for_area(
    *,
    member: Member,
    grade: Grade,
    code: str,
    now: dt.datetime,
    licence_company: str,
    licence_number: str,
    remark: str = "",
    actor: str = "",
) -> Contract:
    """A member asks to become an agent; the staff decides. An area the mall never entered is entered with the default terms.

    Raises UnknownArea, NoCityGrade, AreaClosed, AreaTaken, AgentTwice, LicenceInvalid, InvalidInput (licence_company).
    """
    company, number = checked_licence(licence_company, licence_number)
    who = actor or f"member:{member.ulid}"
    with transaction.atomic():
        area = area_of_applicant(grade, code, who, now)
        if not area.takes_applications:
            raise AreaClosed(field="code")
        if not selectors.area_states([area], now=now)[0].is_free:
            raise AreaTaken(field="code")
        contract = new_contract(
            area,
            member,
            now,
            licence_company=company,
            licence_number=number,
            remark=remark.strip()[:300],
        )
        audit.record(who, "contract.applied", target=f"contract:{contract.ulid}", area=area.ulid)
    return contract


def supply_licence(
    *, contract_ulid: str, member: Member, licence_company: str, licence_number: str, now: dt.datetime
) -> Contract:
    """An applicant adds or corrects his licence before the contract runs; a check already made has to be made again.

    Raises NotFound, IllegalTransition, LicenceInvalid, InvalidInput.
    """
    company, number = checked_licence(licence_company, licence_number)
    with transaction.atomic():
        contract = locked_contract(contract_ulid, member_ulid=member.ulid)
        if contract.state != ContractState.APPLIED:
            check_transition(TRANSITIONS, ContractState(contract.state), ContractState.APPLIED)
        contract.licence_company, contract.licence_number, contract.licence_checked_by = company, number, ""
        contract.save(update_fields=["licence_company", "licence_number", "licence_checked_by"])
        audit.record(f"member:{member.ulid}", "contract.licence_given", target=f"contract:{contract.ulid}")
    return contract


def new_contract(area: Area, member: Member, now: dt.datetime, **values: Any) -> Contract:
    if member.closed_at is not None:
        raise NotFound
    contract = Contract(ulid=new_ulid(), area=area, member=member, applied_at=now, **values)
    try:
        with transaction.atomic():
            contract.save(force_insert=True)
    except IntegrityError:
        raise AgentTwice(field="member") from None
    return contract


def area_of_applicant(grade: Grade, code: str, actor: str, now: dt.datetime) -> Area:
    """The area an applicant names, locked; streets, custom areas and regions only where the mall has entered them."""
    area = Area.objects.select_for_update().filter(grade=grade, code=code).first()
    if area is not None:
        return area
    if grade in NAMED or grade is Grade.STREET:
        raise UnknownArea(field="code", code=code)
    made = open_area(grade=grade, code=code, actor=actor, now=now)
    return locked_area(made.ulid)


def checked_licence(company: str, number: str) -> tuple[str, str]:
    company, number = company.strip(), number.strip().upper()
    if not 2 <= len(company) <= 80:
        raise InvalidInput(str(_("Give the name of the company on the business licence.")), field="licence_company")
    if not is_licence_number(number):
        raise LicenceInvalid(field="licence_number")
    return company, number


def checked_months(months: int) -> int:
    if not 1 <= months <= MAX_MONTHS:
        raise InvalidInput(str(_("A contract runs from 1 to 120 months.")), field="months")
    return months


def locked_contract(ulid: str, *, member_ulid: str = "") -> Contract:
    rows = Contract.objects.select_for_update(of=("self",)).select_related("area", "member")
    contract = rows.filter(ulid=ulid).first()
    if contract is None or (member_ulid and contract.member.ulid != member_ulid):
        raise NotFound
    return contract
