"""Users and members for tests, by the real services."""

import datetime as dt
import itertools

from saas.identity import roles
from saas.identity.models import User
from tenant_apps.members import services
from tenant_apps.members.models import Member

NOW = dt.datetime(2026, 11, 22, 4, 0, tzinfo=dt.UTC)
_numbers = itertools.count(10_000_000)


def next_phone() -> str:
    """A mainland mobile number nobody else in this test run has."""
    return f"+86138{next(_numbers)}"


def make_user(*, name: str = "", **fields: object) -> User:
    """A user with a verified phone."""
    phone = fields.pop("phone", None) or next_phone()
    return User.objects.create_user(phone=phone, phone_verified=True, name=name, **fields)


def make_member(
    *, name: str = "", referrer: Member | None = None, promoter: bool = False, now: dt.datetime = NOW
) -> Member:
    """A member, come by the referrer's link; `promoter`: applied and approved."""
    code = referrer.share_code if referrer else ""
    member = services.ensure_member(user=make_user(name=name), referral_code=code, now=now)
    if promoter:
        services.apply_to_promote(member=member, approve_at_once=True, now=now)
    return member


def make_staff(*held: roles.Role, name: str = "Staff") -> User:
    """A staff user with the given roles (owner if none is named)."""
    roles.ensure_roles()
    user = make_user(name=name, is_staff=True)
    user.groups.set(roles.Group.objects.filter(name__in=[role.value for role in held or (roles.Role.OWNER,)]))
    return user
