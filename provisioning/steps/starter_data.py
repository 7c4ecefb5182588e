"""What a mall holds before its vendor has done anything: the plan's limits, its name, its owner as first staff."""

import datetime as dt

from django.db import transaction

from provisioning.steps.context import Context, Owner
from saas.identity import audit, roles
from saas.identity.models import User
from saas.identity.services import staff, users
from saas.kernel.clock import real_now as now
from saas.kernel.crashpoint import crashpoint
from saas.tenants.malls import services as malls
from saas.tenants.malls.activation import in_mall
from tenant_apps.design import services as design
from tenant_apps.modes import selectors as mode_facts
from tenant_apps.modes import services as modes

_TERMS = "settlement"


class OwnerWithoutAddress(RuntimeError):
    """The order names neither a phone nor an e-mail address for the owner."""


def ensure(context: Context) -> str:
    """Copy the entitlements, then fill the mall in one transaction; what is there already is left alone."""
    mall = context.registered()
    malls.copy_entitlements(mall, context.entitlements, version=context.entitlements_version)
    instant = now()
    with in_mall(mall), transaction.atomic():
        roles.ensure_roles()
        design.ensure_branding(name=context.name, now=instant)
        published = _ensure_settings(instant, context.preset)
        owner, made = ensure_owner(context.owner)
        if made:
            audit.record("provisioning", "staff.owner_added", target=f"user:{owner.public_id}", run=context.run)
        crashpoint("provision.starter_data.filled")
    return f"{len(context.entitlements)} entitlements; settings {published or 'there already'}; owner {'added' if made else 'was there already'}"


def remove(context: Context) -> str:
    """Forget the entitlements; the mall's own rows go with its schema."""
    mall = context.found()
    if mall is None:
        return "mall was not registered"
    malls.remove_entitlements(mall)
    return "entitlements removed"


def _ensure_settings(instant: dt.datetime, preset: str) -> list[str]:
    """A first version of the settlement terms, so that no order is ever sold under terms nobody wrote down.

    And the set of settings chosen at signup, as far as the plan has its modes: a new mall has nothing on shelf that its
    payout could exceed, and the cautions are shown again whenever the vendor changes them.
    """
    if mode_facts.history(mode=_TERMS).exists():
        return []
    modes.publish_settings(actor="provisioning", mode=_TERMS, values={}, reason="opening of the mall", now=instant)
    if not preset:
        return [_TERMS]
    made = modes.apply_settings_set(
        actor="provisioning",
        settings=modes.settings_of_preset(preset),
        reason=f"chosen at signup: {preset}",
        now=instant,
        accept_cautions=True,
        only_planned=True,
    )
    return [_TERMS, *(f"{one.mode}@{one.zone}" if one.zone else one.mode for one in made)]


def ensure_owner(owner: Owner) -> tuple[User, bool]:
    """The mall's owner as a member of its staff; whether the person was made now. Raises OwnerWithoutAddress."""
    address = owner.phone or owner.email
    if not address:
        raise OwnerWithoutAddress
    found = users.find_user(address)
    user = found or User.objects.create_user(
        phone=owner.phone or None,
        phone_verified=bool(owner.phone),
        email=owner.email,
        name=owner.name,
        is_staff=True,
    )
    staff.ensure_owner(user)
    return user, found is None
