"""Operators inside a mall: asked with a reason, given by the vendor, for some hours, every act told to the vendor."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.identity import services as identity
from saas.identity.models import User
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from saas.kernel.ids import new_ulid
from saas.kernel.states import check_transition
from saas.messaging.bus import services as bus
from saas.support.models import SupportAct, SupportGrant
from saas.support.rules import GRANT_TRANSITIONS, HOURS, GrantState
from saas.tenants.vendors.models import Place, Vendor

REVOKED = "support.revoked"
CHANGED = "support.changed"


class BadRequest(InvalidInput):
    """No reason, or hours that are not offered."""

    code = "bad_support_request"
    message = _("Say why, and choose for how many hours.")


class NoAccess(DomainError):
    """The vendor has not given it, took it back, or its time is over."""

    code = "no_support_access"
    http_status = 403
    message = _("The vendor has not given you access to this mall, or its time is over.")


def ask(*, place: Place, reason: str, hours: int, operator: User, now: dt.datetime) -> SupportGrant:
    """An operator asks to enter a mall. Raises BadRequest."""
    if not reason.strip():
        raise BadRequest(field="reason")
    if hours not in HOURS:
        raise BadRequest(field="hours")
    with transaction.atomic():
        row = SupportGrant.objects.create(
            ulid=new_ulid(),
            vendor=place.vendor,
            mall=place.mall,
            operator=operator.public_id,
            operator_name=str(operator)[:60],
            reason=reason.strip()[:300],
            hours=hours,
            asked_at=now,
        )
        audit.record(f"user:{operator.public_id}", "support.asked", target=f"mall:{place.mall}", reason=row.reason)
    return row


def decide(*, ulid: str, vendor: Vendor, given: bool, actor: str, now: dt.datetime) -> SupportGrant:
    """The vendor gives leave, from now for the hours asked, or refuses. Raises NotFound, IllegalTransition."""
    with transaction.atomic():
        row = _locked(ulid, vendor)
        wanted = GrantState.GIVEN if given else GrantState.REFUSED
        check_transition(GRANT_TRANSITIONS, GrantState(row.state), wanted)
        row.state, row.decided_at, row.decided_by = wanted, now, actor
        row.until = now + dt.timedelta(hours=row.hours) if given else None
        row.save()
        audit.record(actor, f"support.{wanted}", target=f"mall:{row.mall}", grant=row.ulid, operator=row.operator)
        if given:
            _tell_mall(row.mall, now=now)
    return row


def revoke(*, ulid: str, vendor: Vendor, actor: str, now: dt.datetime) -> SupportGrant:
    """The vendor takes it back; whoever is inside is signed out. Raises NotFound, IllegalTransition."""
    with transaction.atomic():
        row = _locked(ulid, vendor)
        _revoke(row, actor=actor, now=now)
    return row


def end_from_mall(*, grant: str, mall: str, actor: str, now: dt.datetime) -> None:
    """An owner ended it in the mall's back office, where it is over already; one that ended before stays as it is.

    Raises NotFound.
    """
    with transaction.atomic():
        row = SupportGrant.objects.select_for_update().filter(ulid=grant, mall=mall).first()
        if row is None:
            raise NotFound
        if row.state == GrantState.GIVEN:
            _revoke(row, actor=actor, now=now)


def _revoke(row: SupportGrant, *, actor: str, now: dt.datetime) -> None:
    was_given = row.state == GrantState.GIVEN
    check_transition(GRANT_TRANSITIONS, GrantState(row.state), GrantState.REVOKED)
    row.state, row.ended_at = GrantState.REVOKED, now
    row.save()
    audit.record(actor, "support.revoked", target=f"mall:{row.mall}", grant=row.ulid, operator=row.operator)
    place = Place.objects.select_related("cell").filter(mall=row.mall).first()
    if was_given and place is not None:
        fact = {"operator": row.operator, "grant": row.ulid, "mall": row.mall}
        bus.publish(REVOKED, fact, key=row.ulid, destination=place.cell.cell_id, mall=row.mall)
        _tell_mall(row.mall, now=now)


def _tell_mall(mall: str, *, now: dt.datetime) -> None:
    """Tell the mall's cell who may be inside: its staff sees a banner. The place is locked, so versions count up."""
    place = Place.objects.select_for_update(of=("self",)).select_related("cell").filter(mall=mall).first()
    if place is None:
        return
    decided = SupportGrant.objects.filter(mall=mall).exclude(until=None)
    version = decided.count() + decided.exclude(ended_at=None).count()
    held = [
        {
            "grant": row.ulid,
            "operator": row.operator,
            "name": row.operator_name,
            "reason": row.reason,
            "until": row.until.isoformat() if row.until else "",
        }
        for row in decided.filter(state=GrantState.GIVEN, until__gt=now).order_by("pk")
    ]
    fact = {"mall": mall, "value": held, "version": version}
    bus.publish(CHANGED, fact, key=f"{mall}:{version}", destination=place.cell.cell_id, mall=mall)


def enter(*, mall: str, operator: User, now: dt.datetime) -> str:
    """A token with which the operator enters the mall once, within two minutes. Raises NoAccess."""
    row = current(mall=mall, operator=operator.public_id, now=now)
    if row is None or row.until is None:
        raise NoAccess
    return identity.mint_support_pass(
        mall_ulid=mall, grant=row.ulid, operator=operator, reason=row.reason, until=row.until, now=now
    )


def current(*, mall: str, operator: str, now: dt.datetime) -> SupportGrant | None:
    """The leave an operator has for a mall now."""
    held = SupportGrant.objects.filter(mall=mall, operator=operator, state=GrantState.GIVEN, until__gt=now)
    return held.order_by("-until").first()


def note_act(
    *, grant: str, mall: str, what: str, status: int, at: dt.datetime, did: Sequence[Sequence[str]] = ()
) -> None:
    """Write down what a cell tells of an operator inside. An unknown grant, or another mall's, is not written."""
    row = SupportGrant.objects.filter(ulid=grant, mall=mall).first()
    if row is None:
        raise NotFound
    SupportAct.objects.create(grant=row, what=what[:200], status=status, at=at, did=[list(one) for one in did])


def _locked(ulid: str, vendor: Vendor) -> SupportGrant:
    row = SupportGrant.objects.select_for_update().filter(ulid=ulid, vendor=vendor).first()
    if row is None:
        raise NotFound
    return row
