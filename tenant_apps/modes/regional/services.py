"""Writes of areas and contracts: opened, asked for, agreed, signed, ended, handed on. Each is in the audit trail."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from saas.kernel.ids import new_ulid
from saas.kernel.money import format_yuan
from saas.kernel.states import check_transition
from saas.messaging.bus import services as bus
from tenant_apps.members.models import Member
from tenant_apps.modes.contract import Grade
from tenant_apps.modes.regional import selectors
from tenant_apps.modes.regional.contracts import (
    CONTRACT_VERSION,
    DIGITS,
    MANY_OWNERS,
    MAX_MONTHS,
    MAX_OWNERS,
    MUNICIPALITIES,
    NAMED,
    OPEN,
    TRANSITIONS,
    ContractState,
    Source,
    add_months,
    is_code,
    is_licence_number,
    overlap,
)
from tenant_apps.modes.regional.models import Area, Contract


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


class AreaClosed(DomainError):
    """The mall takes no applications for this area."""

    code = "area_closed"
    message = _("No applications are taken for this area at the moment.")  # type: ignore[assignment]


class AgentTwice(DomainError):
    """The member has an open contract or application for this area."""

    code = "agent_twice"
    message = _("This person already has an application or a contract for this area.")  # type: ignore[assignment]


class SharesAboveWhole(InvalidInput):
    """The invested amounts of an area would come to more than the area stands for."""

    code = "shares_above_whole"
    message = _("The shares would exceed 100 %: {free} of {total} are still free.")


class TooManyOwners(DomainError):
    """MODES 14 #17: an area never has more than 200 holders."""

    code = "too_many_owners"
    message = _("An area has at most 200 agents (rule 17 of the legal guard-rails).")  # type: ignore[assignment]


class ManyOwnersUnread(DomainError):
    """MODES 14 #17: above ten holders somebody has to have read the caution."""

    code = "many_owners_unread"
    message = _(  # type: ignore[assignment]
        "This area would have more than 10 agents. Shares of one area for many people are close to a public offer (rule 17 of the legal guard-rails): confirm that counsel has looked at it."
    )


class LicenceInvalid(InvalidInput):
    """The number is no unified social credit code."""

    code = "licence_invalid"
    message = _("A business licence number has 18 characters, the last of which checks the others. Please compare it.")


class LicenceUnverified(InvalidInput):
    """MODES 14 #16, #17: only holders of a checked business licence become agents."""

    code = "licence_unverified"
    message = _("An agent needs a business licence that you have checked (rules 16 and 17 of the legal guard-rails).")


class ContractNotAccepted(InvalidInput):
    """The words that were accepted are not the words in force."""

    code = "contract_not_accepted"
    message = _("Please read and accept the contract as it is shown now.")


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
    shown, codes = _checked_area(grade, code, name.strip(), covers)
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
    why = _reason(reason)
    with transaction.atomic():
        area = _locked_area(area_ulid)
        held, owners = selectors.held_amount(area, now=now)
        if total_amount and held > total_amount:
            raise SharesAboveWhole(field="total_amount", free=_yuan(0), total=_yuan(total_amount))
        if is_exclusive and owners > 1:
            raise AreaTaken(field="is_exclusive")
        before = [area.total_amount, area.is_exclusive, area.takes_applications]
        area.total_amount, area.is_exclusive = total_amount, is_exclusive
        area.takes_applications = takes_applications
        area.save(update_fields=["total_amount", "is_exclusive", "takes_applications"])
        after = [total_amount, is_exclusive, takes_applications]
        audit.record(actor, "area.changed", target=f"area:{area.ulid}", reason=why, before=before, after=after)
    return area


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
    company, number = _licence(licence_company, licence_number)
    who = actor or f"member:{member.ulid}"
    with transaction.atomic():
        area = _area_of_applicant(grade, code, who, now)
        if not area.takes_applications:
            raise AreaClosed(field="code")
        if not selectors.area_states([area], now=now)[0].is_free:
            raise AreaTaken(field="code")
        contract = _new_contract(
            area,
            member,
            now,
            licence_company=company,
            licence_number=number,
            remark=remark.strip()[:300],
        )
        audit.record(who, "contract.applied", target=f"contract:{contract.ulid}", area=area.ulid)
    return contract


def request_agency(
    *, member: Member, grade: Grade, code: str, invested_amount: int, months: int, order: str, now: dt.datetime
) -> Contract | None:
    """The application that a gift pack grants at completion (MODES 6); None where the order has made one already.

    What was paid for the pack is the weight. The member gives his licence afterwards; the staff approves. Raises
    UnknownArea, NoCityGrade.
    """
    document = f"order:{order}"
    with transaction.atomic():
        area = _area_of_applicant(grade, code, "system", now)
        if Contract.objects.filter(source_document=document).exists():
            return None
        if Contract.objects.filter(area=area, member=member, state__in=sorted(OPEN)).exists():
            audit.record("system", "contract.not_needed", target=f"member:{member.ulid}", area=area.ulid, order=order)
            return None
        contract = _new_contract(
            area,
            member,
            now,
            source=Source.GIFT_PACK,
            source_document=document,
            invested_amount=invested_amount,
            months=_months(months),
        )
        audit.record("system", "contract.applied", target=f"contract:{contract.ulid}", area=area.ulid, order=order)
    return contract


def supply_licence(
    *, contract_ulid: str, member: Member, licence_company: str, licence_number: str, now: dt.datetime
) -> Contract:
    """An applicant adds or corrects his licence before the contract runs; a check already made has to be made again.

    Raises NotFound, IllegalTransition, LicenceInvalid, InvalidInput.
    """
    company, number = _licence(licence_company, licence_number)
    with transaction.atomic():
        contract = _locked(contract_ulid, member_ulid=member.ulid)
        if contract.state != ContractState.APPLIED:
            check_transition(TRANSITIONS, ContractState(contract.state), ContractState.APPLIED)
        contract.licence_company, contract.licence_number, contract.licence_checked_by = company, number, ""
        contract.save(update_fields=["licence_company", "licence_number", "licence_checked_by"])
        audit.record(f"member:{member.ulid}", "contract.licence_given", target=f"contract:{contract.ulid}")
    return contract


def approve_contract(
    *,
    contract_ulid: str,
    invested_amount: int,
    months: int,
    licence_checked: bool,
    actor: str,
    now: dt.datetime,
    reason: str,
    accept_cautions: bool = False,
) -> Contract:
    """Agree to an application under these terms; the agent signs next. `invested_amount` (fen) is his weight.

    Raises NotFound, IllegalTransition, LicenceUnverified, LicenceInvalid, SharesAboveWhole, AreaTaken, TooManyOwners,
    ManyOwnersUnread, InvalidInput (invested_amount, months, reason).
    """
    why = _reason(reason)
    with transaction.atomic():
        contract = _locked(contract_ulid)
        area = _locked_area(contract.area.ulid)
        check_transition(TRANSITIONS, ContractState(contract.state), ContractState.APPROVED)
        if not licence_checked or not contract.licence_number:
            raise LicenceUnverified(field="licence_checked")
        _check_share(area, invested_amount, now, accept_cautions=accept_cautions, without=contract)
        contract.state = ContractState.APPROVED
        contract.invested_amount, contract.months = invested_amount, _months(months)
        contract.licence_checked_by, contract.decided_by, contract.decided_at = actor, actor, now
        contract.reason = why
        contract.save()
        audit.record(
            actor,
            "contract.approved",
            target=f"contract:{contract.ulid}",
            reason=why,
            area=area.ulid,
            invested_amount=invested_amount,
            months=months,
        )
    return contract


def refuse_contract(*, contract_ulid: str, reason: str, actor: str, now: dt.datetime) -> Contract:
    """Decline an application, or take an offer back before it is signed. Raises NotFound, IllegalTransition, InvalidInput."""
    why = _reason(reason)
    with transaction.atomic():
        contract = _locked(contract_ulid)
        check_transition(TRANSITIONS, ContractState(contract.state), ContractState.REFUSED)
        contract.state, contract.reason = ContractState.REFUSED, why
        contract.decided_by, contract.decided_at = actor, now
        contract.save()
        audit.record(actor, "contract.refused", target=f"contract:{contract.ulid}", reason=why)
    return contract


def text_digest(text: str) -> str:
    """What stands for a contract's words: their SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()


def accept_contract(
    *, contract_ulid: str, member: Member, text: str, accepted_digest: str, now: dt.datetime
) -> Contract:
    """The agent signs what the mall agreed to; his term begins now. `text` is the contract as it is shown now.

    Raises NotFound, IllegalTransition, ContractNotAccepted.
    """
    digest = text_digest(text)
    if accepted_digest != digest:
        raise ContractNotAccepted(field="accept")
    with transaction.atomic():
        contract = _locked(contract_ulid, member_ulid=member.ulid)
        check_transition(TRANSITIONS, ContractState(contract.state), ContractState.ACTIVE)
        contract.text_version, contract.text_digest = CONTRACT_VERSION, digest
        _begin(contract, now)
        audit.record(
            f"member:{member.ulid}",
            "contract.accepted",
            target=f"contract:{contract.ulid}",
            version=CONTRACT_VERSION,
            digest=digest,
        )
    return contract


def add_holder(
    *,
    area_ulid: str,
    member: Member,
    invested_amount: int,
    months: int,
    licence_company: str,
    licence_number: str,
    licence_checked: bool,
    paper_number: str,
    actor: str,
    now: dt.datetime,
    reason: str,
    accept_cautions: bool = False,
) -> Contract:
    """An agent whose contract was signed on paper; his term begins now. Raises what approving raises, and AgentTwice."""
    why = _reason(reason)
    company, number = _licence(licence_company, licence_number)
    if not licence_checked:
        raise LicenceUnverified(field="licence_checked")
    if not paper_number.strip():
        raise InvalidInput(str(_("Give the number of the contract that was signed.")), field="paper_number")
    with transaction.atomic():
        area = _locked_area(area_ulid)
        _check_share(area, invested_amount, now, accept_cautions=accept_cautions)
        contract = _new_contract(
            area,
            member,
            now,
            state=ContractState.APPROVED,
            source=Source.STAFF,
            invested_amount=invested_amount,
            months=_months(months),
            licence_company=company,
            licence_number=number,
            licence_checked_by=actor,
            paper_number=paper_number.strip()[:40],
            decided_by=actor,
            decided_at=now,
            reason=why,
        )
        _begin(contract, now)
        audit.record(
            actor,
            "contract.added",
            target=f"contract:{contract.ulid}",
            reason=why,
            area=area.ulid,
            member=member.ulid,
            invested_amount=invested_amount,
        )
    return contract


def end_contract(*, contract_ulid: str, reason: str, actor: str, now: dt.datetime) -> Contract:
    """End a contract: orders paid from now on no longer know the agent. Raises NotFound, IllegalTransition, InvalidInput."""
    why = _reason(reason)
    with transaction.atomic():
        contract = _locked(contract_ulid)
        _end(contract, why, actor, now)
    return contract


def transfer_contract(
    *,
    contract_ulid: str,
    member: Member,
    licence_company: str,
    licence_number: str,
    licence_checked: bool,
    paper_number: str,
    reason: str,
    actor: str,
    now: dt.datetime,
) -> Contract:
    """Hand a running contract on to another person under the same terms, for what is left of its term.

    The one before ends now; orders paid before stay his. Raises NotFound, IllegalTransition, AgentTwice,
    LicenceInvalid, LicenceUnverified, InvalidInput.
    """
    why = _reason(reason)
    company, number = _licence(licence_company, licence_number)
    if not licence_checked:
        raise LicenceUnverified(field="licence_checked")
    if not paper_number.strip():
        raise InvalidInput(str(_("Give the number of the contract that was signed.")), field="paper_number")
    with transaction.atomic():
        before = _locked(contract_ulid)
        check_transition(TRANSITIONS, ContractState(before.state), ContractState.ENDED)
        if before.until_at is None or before.until_at <= now:
            raise InvalidInput(str(_("The term of this contract is over.")), field="contract")
        _end(before, why, actor, now)
        contract = _new_contract(
            before.area,
            member,
            now,
            state=ContractState.APPROVED,
            source=Source.TRANSFER,
            source_document=f"contract:{before.ulid}",
            invested_amount=before.invested_amount,
            months=before.months,
            licence_company=company,
            licence_number=number,
            licence_checked_by=actor,
            paper_number=paper_number.strip()[:40],
            decided_by=actor,
            decided_at=now,
            reason=why,
        )
        _begin(contract, now, until=before.until_at)
        audit.record(
            actor,
            "contract.transferred",
            target=f"contract:{contract.ulid}",
            reason=why,
            before=before.ulid,
            member=member.ulid,
        )
    return contract


def end_if_over(*, contract_ulid: str, now: dt.datetime) -> bool:
    """The term has run out: write it down; whether this ended the contract."""
    with transaction.atomic():
        contract = _locked(contract_ulid)
        if contract.state != ContractState.ACTIVE or contract.until_at is None or contract.until_at > now:
            return False
        _end(contract, "term_over", "system", now)
    return True


def _begin(contract: Contract, now: dt.datetime, *, until: dt.datetime | None = None) -> None:
    contract.state, contract.accepted_at, contract.from_at = ContractState.ACTIVE, now, now
    contract.until_at = until or add_months(now, contract.months)
    contract.save()
    bus.publish("regional.contract_due", {"contract": contract.ulid}, key=contract.ulid, available_at=contract.until_at)


def _end(contract: Contract, why: str, actor: str, now: dt.datetime) -> None:
    check_transition(TRANSITIONS, ContractState(contract.state), ContractState.ENDED)
    contract.state, contract.ended_at, contract.reason = ContractState.ENDED, now, why
    contract.save(update_fields=["state", "ended_at", "reason"])
    audit.record(actor, "contract.ended", target=f"contract:{contract.ulid}", reason=why)


def _new_contract(area: Area, member: Member, now: dt.datetime, **values: Any) -> Contract:
    if member.closed_at is not None:
        raise NotFound
    contract = Contract(ulid=new_ulid(), area=area, member=member, applied_at=now, **values)
    try:
        with transaction.atomic():
            contract.save(force_insert=True)
    except IntegrityError:
        raise AgentTwice(field="member") from None
    return contract


def _checked_area(grade: Grade, code: str, name: str, covers: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
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


def _check_share(
    area: Area, invested_amount: int, now: dt.datetime, *, accept_cautions: bool, without: Contract | None = None
) -> None:
    """Whether one more agent with this weight fits into a locked area."""
    if not 0 < invested_amount <= 10**12:
        raise InvalidInput(str(_("The invested amount is more than nothing.")), field="invested_amount")
    held, owners = selectors.held_amount(area, now=now, without=without)
    if area.is_exclusive and owners:
        raise AreaTaken
    if area.total_amount and held + invested_amount > area.total_amount:
        free = max(0, area.total_amount - held)
        raise SharesAboveWhole(field="invested_amount", free=_yuan(free), total=_yuan(area.total_amount))
    if owners >= MAX_OWNERS:
        raise TooManyOwners
    if owners >= MANY_OWNERS and not accept_cautions:
        raise ManyOwnersUnread(field="accept_cautions")


def _area_of_applicant(grade: Grade, code: str, actor: str, now: dt.datetime) -> Area:
    """The area an applicant names, locked; streets, custom areas and regions only where the mall has entered them."""
    area = Area.objects.select_for_update().filter(grade=grade, code=code).first()
    if area is not None:
        return area
    if grade in NAMED or grade is Grade.STREET:
        raise UnknownArea(field="code", code=code)
    made = open_area(grade=grade, code=code, actor=actor, now=now)
    return _locked_area(made.ulid)


def _licence(company: str, number: str) -> tuple[str, str]:
    company, number = company.strip(), number.strip().upper()
    if not 2 <= len(company) <= 80:
        raise InvalidInput(str(_("Give the name of the company on the business licence.")), field="licence_company")
    if not is_licence_number(number):
        raise LicenceInvalid(field="licence_number")
    return company, number


def _months(months: int) -> int:
    if not 1 <= months <= MAX_MONTHS:
        raise InvalidInput(str(_("A contract runs from 1 to 60 months.")), field="months")
    return months


def _reason(reason: str) -> str:
    if not reason.strip():
        raise InvalidInput(str(_("Please give a reason.")), field="reason")
    return reason.strip()[:300]


def _yuan(fen: int) -> str:
    return f"¥{format_yuan(fen)}"


def _locked(ulid: str, *, member_ulid: str = "") -> Contract:
    rows = Contract.objects.select_for_update(of=("self",)).select_related("area", "member")
    contract = rows.filter(ulid=ulid).first()
    if contract is None or (member_ulid and contract.member.ulid != member_ulid):
        raise NotFound
    return contract


def _locked_area(ulid: str) -> Area:
    area = Area.objects.select_for_update().filter(ulid=ulid).first()
    if area is None:
        raise NotFound
    return area


def _lock_areas() -> None:
    """One new area at a time in this mall: two named areas must not both claim a code."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || '/areas', 0))")
