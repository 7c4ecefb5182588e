"""Users: made when a code proves a phone or an address, agreed, changed, erased."""

import datetime as dt

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from saas.identity import audit, limits
from saas.identity.models import SignInCode, User
from saas.kernel.errors import DomainError, InvalidInput


class ContactTaken(DomainError):
    """The phone or e-mail address belongs to another account. Said only to whoever has proved to own it."""

    code = "contact_taken"
    message = _("This number belongs to another account.")


class AgreementMissing(InvalidInput):
    """Terms and privacy notice must be agreed to."""

    code = "agreement_missing"
    message = _("Please agree to the terms and the privacy notice first.")


def find_user(target: str) -> User | None:
    """The user of a phone (E.164) or an e-mail address, active or not."""
    if target.startswith("+"):
        return User.objects.filter(phone=target).first()
    return User.objects.filter(email__iexact=target).first() if target else None


def enter_by_code(*, target: str, agreed: bool, ip: str, now: dt.datetime) -> tuple[User, bool]:
    """The user who has just proved to own `target`, and whether they are new here; agreements are recorded.

    Raises AgreementMissing, TooManyAttempts (new accounts by one address).
    """
    if not agreed:
        raise AgreementMissing(field="agree")
    with transaction.atomic():
        user = find_user(target)
        made = user is None
        if user is None:
            user = _create(target, ip, now)
        if target.startswith("+") and not user.phone_verified:
            User.objects.filter(pk=user.pk).update(phone_verified=True)
        record_agreements(user=user, source="sign-in", now=now)
    return user, made


def ensure_user(*, target: str, name: str, actor: str) -> User:
    """The user of a phone (E.164) or an e-mail address that an operator names; made, unverified, if there is none.

    The first code that reaches the address proves it (enter_by_code).
    """
    with transaction.atomic():
        user = find_user(target)
        if user is None:
            by_phone = target.startswith("+")
            user = User.objects.create_user(
                phone=target if by_phone else None, email="" if by_phone else target, name=name.strip()[:60]
            )
            audit.record(actor, "user.added", target=f"user:{user.public_id}")
    return user


def _create(target: str, ip: str, now: dt.datetime) -> User:
    limit = [limits.Limit("signup.ip", ip)]
    limits.check(limit, now=now)
    limits.record(limit, now=now)
    by_phone = target.startswith("+")
    try:
        with transaction.atomic():
            user = User.objects.create_user(
                phone=target if by_phone else None, email="" if by_phone else target, phone_verified=by_phone
            )
    except IntegrityError:  # the same person, at the same moment, in another tab
        found = find_user(target)
        if found is None:
            raise
        return found
    audit.record(f"user:{user.public_id}", "user.signed_up", target=f"user:{user.public_id}")
    return user


def record_agreements(*, user: User, source: str, now: dt.datetime) -> None:
    """Note that the user agreed to the present terms and privacy notice; nothing if they had already."""
    wanted = dict(settings.AGREEMENT_VERSIONS)
    if {name: (user.agreements or {}).get(name, {}).get("version") for name in wanted} == wanted:
        return
    user.agreements = {name: {"version": version, "at": now.isoformat()} for name, version in wanted.items()}
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(agreements=user.agreements)
        audit.record(
            f"user:{user.public_id}",
            "agreement.accepted",
            target=f"user:{user.public_id}",
            versions=wanted,
            source=source,
        )


def change_phone(*, user: User, phone: str, now: dt.datetime) -> None:
    """Give a user another phone, which a code has proved to be theirs. Raises ContactTaken."""
    with transaction.atomic():
        if User.objects.filter(phone=phone).exclude(pk=user.pk).exists():
            raise ContactTaken(field="phone")
        User.objects.filter(pk=user.pk).update(phone=phone, phone_verified=True)
        audit.record(f"user:{user.public_id}", "user.phone_changed", target=f"user:{user.public_id}")
    user.phone, user.phone_verified = phone, True


def erase_user(*, user: User, now: dt.datetime) -> None:
    """Close a user for good: phone, e-mail, name and password gone, every session ended, staff rights too."""
    with transaction.atomic():
        SignInCode.objects.filter(target__in=[one for one in (user.phone, user.email) if one]).delete()
        user.set_unusable_password()
        user.phone, user.phone_verified, user.email, user.name = None, False, "", ""
        user.is_active = user.is_staff = user.is_superuser = False
        user.save()
        user.groups.clear()
        audit.record(f"user:{user.public_id}", "user.erased", target=f"user:{user.public_id}")


def create_operator(*, email: str, password: str, name: str, now: dt.datetime) -> User:
    """An operator of the platform (control only), with every right there. Raises InvalidInput, ContactTaken."""
    if settings.ROLE != "control":
        raise RuntimeError("operators live in control")
    try:
        validate_email(email)
    except Exception as error:
        raise InvalidInput(str(_("Enter a valid e-mail address.")), field="email") from error
    if len(password) < 8:
        raise InvalidInput(str(_("A password has at least 8 characters.")), field="password")
    with transaction.atomic():
        if find_user(email) is not None:
            raise ContactTaken(str(_("This e-mail address belongs to another account.")), field="email")
        user = User.objects.create_user(email=email, password=password, name=name, is_staff=True, is_superuser=True)
        Group.objects.get_or_create(name="operator")[0].user_set.add(user)
        audit.record("system", "operator.created", target=f"user:{user.public_id}")
    return user
