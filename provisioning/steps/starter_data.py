"""What a mall holds before its vendor has done anything: the plan's limits, its name, its owner as first staff."""

from django.db import transaction

from provisioning.steps.context import Context, Owner
from saas.identity import audit
from saas.identity.models import User
from saas.tenants.malls import services as malls
from saas.tenants.malls.activation import in_mall


class OwnerWithoutAddress(RuntimeError):
    """The order names neither a phone nor an e-mail address for the owner."""


def ensure(context: Context) -> str:
    """Copy the entitlements, then fill the mall in one transaction; what is there already is left alone."""
    mall = context.registered()
    malls.copy_entitlements(mall, context.entitlements, version=context.entitlements_version)
    with in_mall(mall), transaction.atomic():
        owner, made = _ensure_owner(context.owner)
        if made:
            audit.record("provisioning", "staff.owner_added", target=f"user:{owner.public_id}", run=context.run)
    return f"{len(context.entitlements)} entitlements; owner {'added' if made else 'was there already'}"


def remove(context: Context) -> str:
    """Forget the entitlements; the mall's own rows go with its schema."""
    mall = context.found()
    if mall is None:
        return "mall was not registered"
    malls.remove_entitlements(mall)
    return "entitlements removed"


def _ensure_owner(owner: Owner) -> tuple[User, bool]:
    if owner.phone:
        found = User.objects.filter(phone=owner.phone).first()
    elif owner.email:
        found = User.objects.filter(email=owner.email).first()
    else:
        raise OwnerWithoutAddress
    if found is not None:
        return found, False
    user = User.objects.create_user(
        phone=owner.phone or None,
        phone_verified=bool(owner.phone),
        email=owner.email,
        name=owner.name,
        is_staff=True,
        is_superuser=True,
    )
    return user, True
