"""Who works for the platform, and what each role may do in the console (control). Every role is a group; the owner is a superuser."""

import datetime as dt
from collections.abc import Iterable
from enum import StrEnum

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from saas.identity import audit
from saas.identity.models import User
from saas.kernel.errors import DomainError, InvalidInput


class OperatorRole(StrEnum):
    """A role of the platform's own people."""

    OWNER = "owner"
    FINANCE = "finance"
    SUPPORT = "support"
    DEPLOYMENT = "deployment"
    VIEWER = "viewer"


LABELS = {
    OperatorRole.OWNER: pgettext_lazy("operator role", "Owner"),
    OperatorRole.FINANCE: pgettext_lazy("operator role", "Finance"),
    OperatorRole.SUPPORT: pgettext_lazy("operator role", "Support"),
    OperatorRole.DEPLOYMENT: pgettext_lazy("operator role", "Deployment"),
    OperatorRole.VIEWER: pgettext_lazy("operator role", "Viewer"),
}
DUTIES = {
    OperatorRole.OWNER: _("Everything, with operators, approvals of modes and platform settings"),
    OperatorRole.FINANCE: _("Plans, subscriptions, invoices, transfers, the book"),
    OperatorRole.SUPPORT: _("Questions, verification, announcements, checklists, access to malls"),
    OperatorRole.DEPLOYMENT: _("Malls, runs, cells, servers, rollouts, events"),
    OperatorRole.VIEWER: _("Looks at everything but operators; changes nothing"),
}
_PREFIX = "operator."


class LastOwner(DomainError):
    """Somebody must be left who may do everything."""

    code = "last_platform_owner"
    http_status = 409
    message = _("This is the last owner of the platform: make somebody else owner first.")


class NoOperator(InvalidInput):
    """Not an e-mail address, or no role was chosen."""

    code = "bad_operator"
    message = _("An operator needs an e-mail address and at least one role.")


def roles_of(user: User) -> frozenset[OperatorRole]:
    """The roles of an operator; empty for whoever is none. A superuser is owner."""
    if not (user.is_active and user.is_staff):
        return frozenset()
    if user.is_superuser:
        return frozenset({OperatorRole.OWNER})
    names = user.groups.filter(name__startswith=_PREFIX).values_list("name", flat=True)
    known = {name.removeprefix(_PREFIX) for name in names}
    return frozenset(OperatorRole(name) for name in known if name in list(OperatorRole))


def operators() -> list[tuple[User, frozenset[OperatorRole]]]:
    """Everybody who may enter the console, oldest first."""
    rows = User.objects.filter(is_staff=True, is_active=True).order_by("pk").prefetch_related("groups")
    return [(user, roles_of(user)) for user in rows]


def add_operator(*, email: str, name: str, roles: Iterable[OperatorRole], actor: str, now: dt.datetime) -> User:
    """Let somebody into the console; signs in by a code to this address. Raises NoOperator."""
    wanted, address = frozenset(roles), email.strip().lower()
    try:
        validate_email(address)
    except ValidationError:
        raise NoOperator(field="email") from None
    if not wanted:
        raise NoOperator(field="roles")
    with transaction.atomic():
        user = User.objects.filter(email__iexact=address).first()
        if user is None:
            user = User.objects.create_user(email=address, name=name.strip()[:60])
        audit.record(actor, "operator.created", target=f"user:{user.public_id}")
        set_operator_roles(user=user, roles=wanted, actor=actor, now=now)
    return user


def set_operator_roles(*, user: User, roles: Iterable[OperatorRole], actor: str, now: dt.datetime) -> None:
    """Give an operator exactly these roles; none takes the right to the console away. Raises LastOwner."""
    wanted = frozenset(roles)
    with transaction.atomic():
        owners = list(
            User.objects.select_for_update().filter(is_superuser=True, is_staff=True, is_active=True).order_by("pk")
        )
        before = sorted(roles_of(user))
        if OperatorRole.OWNER not in wanted and owners == [user]:
            raise LastOwner
        user.is_superuser, user.is_staff = OperatorRole.OWNER in wanted, bool(wanted)
        user.save(update_fields=["is_superuser", "is_staff"])
        user.groups.remove(*user.groups.filter(name__startswith=_PREFIX))
        for role in wanted - {OperatorRole.OWNER}:
            user.groups.add(Group.objects.get_or_create(name=f"{_PREFIX}{role}")[0])
        audit.record(
            actor, "operator.roles_changed", target=f"user:{user.public_id}", before=before, after=sorted(wanted)
        )
