"""Agencies that gift packs grant (MODES 6): the area a buyer may choose, the application at completion, its end with the pack."""

import datetime as dt

from django.db import connection, transaction

from saas.identity import audit
from tenant_apps.members.models import Member
from tenant_apps.modes.contract import Grade
from tenant_apps.modes.regional import selectors
from tenant_apps.modes.regional.contracts import OPEN, TRANSITIONS, ContractState, Source
from tenant_apps.modes.regional.models import Area, Contract
from tenant_apps.modes.regional.services.applying import (
    AgentTwice,
    AreaClosed,
    area_of_applicant,
    checked_months,
    new_contract,
)
from tenant_apps.modes.regional.services.areas import AreaTaken, SharesAboveWhole, checked_area, yuan
from tenant_apps.modes.regional.services.contracts import TooManyOwners, holders_limit, stop

FIELD = "agency"  # of the checkout form


def lock_agency(*, code: str) -> None:
    """One buyer at a time chooses an area: held until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || '/agency/' || %s, 0))", [code]
        )


def check_agency(
    *,
    member: Member,
    grade: Grade,
    code: str,
    invested_amount: int,
    now: dt.datetime,
    waiting: int = 0,
    waiting_amount: int = 0,
) -> None:
    """Whether a gift pack may be bought for an agency of this area; `waiting` packs of others (fen) were bought before.

    Raises UnknownArea, NoCityGrade, AreaClosed, AreaTaken, SharesAboveWhole, TooManyOwners, AgentTwice.
    """
    area = Area.objects.filter(grade=grade, code=code).first()
    if area is None:
        checked_area(grade, code, "", ())
    elif not area.takes_applications:
        raise AreaClosed(field=FIELD)
    held, owners = selectors.promised_amount(area, now=now) if area else (0, 0)
    held, owners = held + waiting_amount, owners + waiting
    if area and area.is_exclusive and owners:
        raise AreaTaken(field=FIELD)
    if area and area.total_amount and held + invested_amount > area.total_amount:
        free = max(0, area.total_amount - held)
        raise SharesAboveWhole(field=FIELD, free=yuan(free), total=yuan(area.total_amount))
    if owners >= (limit := holders_limit(now)):
        raise TooManyOwners(field=FIELD, limit=limit)
    if area and Contract.objects.filter(area=area, member=member, state__in=sorted(OPEN)).exists():
        raise AgentTwice(field=FIELD)


def request_agency(
    *,
    member: Member,
    grade: Grade,
    code: str,
    invested_amount: int,
    months: int,
    order: str,
    line: str,
    now: dt.datetime,
) -> Contract | None:
    """The application that a gift pack grants at completion (MODES 6); None where the order's line has made one already.

    What was paid for the pack is the weight. The member gives his licence afterwards; the staff approves. Raises
    UnknownArea, NoCityGrade.
    """
    with transaction.atomic():
        area = area_of_applicant(grade, code, "system", now)
        if Contract.objects.filter(source_document=document_of(order, line)).exists():
            return None
        known = Contract.objects.filter(area=area, member=member, state__in=sorted(OPEN)).exists()
        if known or member.closed_at is not None:
            audit.record("system", "contract.not_needed", target=f"member:{member.ulid}", area=area.ulid, order=order)
            return None
        contract = new_contract(
            area,
            member,
            now,
            source=Source.GIFT_PACK,
            source_document=document_of(order, line),
            invested_amount=invested_amount,
            months=checked_months(months),
        )
        audit.record("system", "contract.applied", target=f"contract:{contract.ulid}", area=area.ulid, order=order)
    return contract


def withdraw_agency(
    *, member: Member, grade: Grade, code: str, order: str, line: str, now: dt.datetime
) -> Contract | None:
    """The pack came back whole: its application is refused, its running contract ends; orders paid before keep their shares.

    Told before the application was made, it leaves a refused one, so that none is made later. None: nothing to do.
    """
    reason, document = "gift_pack_refunded", document_of(order, line)
    with transaction.atomic():
        area = area_of_applicant(grade, code, "system", now)
        contract = Contract.objects.select_for_update(of=("self",)).filter(source_document=document).first()
        if contract is None:
            if member.closed_at is not None:
                return None
            contract = new_contract(
                area,
                member,
                now,
                state=ContractState.REFUSED,
                source=Source.GIFT_PACK,
                source_document=document,
                decided_by="system",
                decided_at=now,
                reason=reason,
            )
        elif ContractState.REFUSED in TRANSITIONS[ContractState(contract.state)]:
            contract.state, contract.reason = ContractState.REFUSED, reason
            contract.decided_by, contract.decided_at = "system", now
            contract.save(update_fields=["state", "reason", "decided_by", "decided_at"])
            audit.record("system", "contract.refused", target=f"contract:{contract.ulid}", reason=reason, order=order)
        elif contract.state == ContractState.ACTIVE:
            stop(contract, reason, "system", now)
        else:
            return None
    return contract


def document_of(order: str, line: str) -> str:
    """Under which document a pack's contract stands: an order's line makes one."""
    return f"order:{order}:{line}"
