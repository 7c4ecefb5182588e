"""A backup of a mall becomes a mall of another name. Nothing is ever restored into a mall that is there."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing import services as billing
from provisioning.orchestrator.models import Run
from provisioning.orchestrator.services import runs
from provisioning.rules import RunKind
from saas.identity import audit
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from saas.support import services as support
from saas.tenants.vendors import selectors as vendor_facts
from saas.tenants.vendors import services as vendors
from saas.tenants.vendors.models import Place
from saas.tenants.vendors.rules import PlaceState

ARRIVALS = (PlaceState.HELD, PlaceState.REHEARSAL)
NAME_LENGTH = 40


class RestoreIntoMall(InvalidInput):
    """The wanted name is that of a mall that exists."""

    code = "restore_into_mall"
    message = _(
        "“{subdomain}” is a mall that exists. A backup is restored beside it, under a name that nobody has: choose another."
    )


class NotRestorable(DomainError):
    """The mall was never made, so there is nothing of it to restore."""

    code = "not_restorable"
    message = _("There is no backup of a mall that was never made or was removed.")


class NotLive(DomainError):
    """Only a mall that has opened is cloned into a rehearsal: a rehearsal is one already."""

    code = "not_live"
    message = _("{name} is not live. Only a live mall is cloned into a rehearsal.")


def restore_mall(
    *,
    mall: str,
    name: str,
    subdomain: str,
    reason: str,
    key: str,
    actor: str,
    now: dt.datetime,
    backup: str = "",
    arrive: PlaceState = PlaceState.HELD,
    mask: str = "",
) -> Run:
    """Make a new mall, beside `mall` and in its cell, from a backup of it: `backup`, or one taken now.

    It arrives held (nothing runs in it until it is opened) or in rehearsal; `mask` names what is done to its people
    before anybody sees it (provisioning.steps.keep.masking.MASKS). Credentials of merchant accounts stay behind. The
    same `key` again returns the first run. Raises NotFound, NotRestorable, InvalidInput (name, reason, arrive),
    RestoreIntoMall, and what check_subdomain raises.
    """
    if not 1 <= len(name.strip()) <= NAME_LENGTH:
        raise InvalidInput(str(_("Please fill in this field.")), field="name")
    if not reason.strip():
        raise InvalidInput(str(_("Please give a reason.")), field="reason")
    if arrive not in ARRIVALS:
        raise InvalidInput(str(_("A restored mall arrives held or in rehearsal.")), field="arrive")
    with transaction.atomic():
        known = runs.run_of_key(key)
        if known is not None:
            return known
        source = vendor_facts.lock_place(mall)
        if source is None:
            raise NotFound
        if source.state not in (PlaceState.REHEARSAL, PlaceState.LIVE, PlaceState.HELD):
            raise NotRestorable
        _refuse_existing(subdomain)
        place = _open_beside(source, name.strip(), subdomain, actor, now)
        audit.record(
            actor, "mall.restore_asked", target=f"mall:{mall}", reason=reason.strip(), backup=backup, made=place.mall
        )
        owner = source.vendor.owner
        subscription = billing.start_subscription(
            vendor=source.vendor, mall=place.mall, plan_code=source.plan_code, actor=actor, now=now
        )
        order = {
            "host": vendor_facts.primary_host(place),
            "owner": {"phone": owner.phone or "", "email": owner.email, "name": owner.name},
            "entitlements": subscription.entitlements,
            "entitlements_version": subscription.entitlements_version,
            "restore": {"source": mall, "backup": backup, "arrive": arrive.value, "mask": mask},
        }
        run = runs.new_run(
            place=place, kind=RunKind.RESTORE, order=order, key=key, actor=actor, now=now, reason=reason.strip()
        )
        run.place = vendors.change_place_state(mall=place.mall, wanted=PlaceState.PROVISIONING, actor=actor, now=now)
    return run


def clone_into_rehearsal(
    *, mall: str, name: str, subdomain: str, reason: str, key: str, actor: str, now: dt.datetime
) -> Run:
    """A rehearsal beside a live mall with its rules, goods and orders, its people masked for good before anybody sees it.

    Raises NotLive, and what restore_mall raises.
    """
    place = vendor_facts.place_or_none(mall)
    if place is None:
        raise NotFound
    if place.state != PlaceState.LIVE:
        raise NotLive(name=place.name)
    return restore_mall(
        mall=mall,
        name=name,
        subdomain=subdomain,
        reason=reason,
        key=key,
        actor=actor,
        now=now,
        arrive=PlaceState.REHEARSAL,
        mask="people",
    )


def _refuse_existing(subdomain: str) -> None:
    wanted = subdomain.strip().lower()
    if vendor_facts.host_claimed(vendor_facts.host_of_subdomain(wanted)):
        raise RestoreIntoMall(field="subdomain", subdomain=wanted)


def _open_beside(source: Place, name: str, subdomain: str, actor: str, now: dt.datetime) -> Place:
    place = vendors.open_place(
        vendor=source.vendor,
        name=name,
        subdomain=subdomain,
        plan_code=source.plan_code,
        actor=actor,
        now=now,
        cell=source.cell,
    )
    support.open_checklist(mall=place.mall, now=now)
    return place
