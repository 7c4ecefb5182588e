"""Who works in a mall: the owner by hand-over from control, everybody else by invitation."""

import datetime as dt
import secrets
from collections.abc import Iterable

from django.contrib.auth.models import Group
from django.core.signing import BadSignature
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.identity.models import Invitation, UsedToken, User
from saas.identity.roles import Role, ensure_roles
from saas.identity.services.users import find_user
from saas.identity.tokens import TokenRefused, mall_signer, seal, unseal
from saas.kernel.errors import DomainError, InvalidInput
from saas.kernel.ids import new_ulid
from saas.messaging.notices import services as notices

INVITATION_HOURS = 72
HAND_OVER_SECONDS = 120


class LastOwner(DomainError):
    """A mall keeps at least one owner."""

    code = "last_owner"
    message = _("This is the last owner. Make somebody else an owner first.")


def invite_staff(
    *, actor: str, phone: str = "", email: str = "", roles: Iterable[Role], link: str, mall_name: str, now: dt.datetime
) -> Invitation:
    """Invite a person by SMS or e-mail; `link` is the address of the invitation page with `{token}` in it.

    Raises InvalidInput.
    """
    wanted = sorted({Role(role).value for role in roles})
    if bool(phone) == bool(email):
        raise InvalidInput(str(_("Give either a phone number or an e-mail address.")), field="phone")
    if not wanted:
        raise InvalidInput(str(_("Choose at least one role.")), field="roles")
    with transaction.atomic():
        invitation = Invitation.objects.create(
            ulid=new_ulid(),
            phone=phone,
            email=email,
            roles=wanted,
            invited_by=actor,
            created_at=now,
            expires_at=now + dt.timedelta(hours=INVITATION_HOURS),
        )
        token = mall_signer("invitation").sign(invitation.ulid)
        notices.send_notice(
            kind="staff_invitation",
            to_phone=phone,
            to_email=email,
            context={"mall": mall_name, "url": link.format(token=token), "hours": INVITATION_HOURS},
            key=f"invitation:{invitation.ulid}",
        )
        audit.record(actor, "staff.invited", target=f"invitation:{invitation.ulid}", roles=wanted)
    return invitation


def open_invitation(token: str, *, now: dt.datetime) -> Invitation:
    """The invitation behind a token, still open. Raises TokenRefused."""
    try:
        ulid = mall_signer("invitation").unsign(token, max_age=dt.timedelta(hours=INVITATION_HOURS))
    except BadSignature:
        raise TokenRefused from None
    found = Invitation.objects.filter(ulid=ulid, accepted_at=None, revoked_at=None, expires_at__gt=now).first()
    if found is None:
        raise TokenRefused
    return found


def accept_invitation(*, token: str, name: str, password: str, now: dt.datetime) -> User:
    """Make the invited person staff with the invitation's roles; the link works once. Raises TokenRefused, InvalidInput.

    Who holds the link has proved to own the phone or address. An account with a password keeps it.
    """
    invitation = open_invitation(token, now=now)
    name = name.strip()[:60]
    if not name:
        raise InvalidInput(str(_("Enter your name.")), field="name")
    with transaction.atomic():
        taken = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None).update(accepted_at=now)
        if not taken:
            raise TokenRefused
        user = find_user(invitation.phone or invitation.email)
        if user is None:
            user = User.objects.create_user(
                phone=invitation.phone or None, email=invitation.email, phone_verified=bool(invitation.phone)
            )
        if not user.is_active:
            raise TokenRefused
        if not user.has_usable_password():
            if len(password) < 8:
                raise InvalidInput(str(_("A password has at least 8 characters.")), field="password")
            user.set_password(password)
        user.name, user.is_staff = name, True
        user.save()
        _add_roles(user, invitation.roles)
        audit.record(
            f"user:{user.public_id}", "staff.joined", target=f"invitation:{invitation.ulid}", roles=invitation.roles
        )
    return user


def revoke_invitation(*, actor: str, ulid: str, now: dt.datetime) -> None:
    """Take back an invitation that has not been accepted."""
    with transaction.atomic():
        if Invitation.objects.filter(ulid=ulid, accepted_at=None, revoked_at=None).update(revoked_at=now):
            audit.record(actor, "staff.invitation_revoked", target=f"invitation:{ulid}")


def set_staff_roles(*, actor: str, user: User, roles: Iterable[Role], now: dt.datetime) -> None:
    """Give a staff user exactly these roles; none takes the right to the backoffice away. Raises LastOwner."""
    wanted = {Role(role).value for role in roles}
    with transaction.atomic():
        Group.objects.select_for_update().get(name=Role.OWNER.value)
        others = User.objects.filter(groups__name=Role.OWNER.value, is_active=True).exclude(pk=user.pk)
        if Role.OWNER.value not in wanted and not others.exists():
            raise LastOwner
        before = sorted(user.groups.values_list("name", flat=True))
        user.groups.set(Group.objects.filter(name__in=wanted))
        user.is_staff = bool(wanted)
        user.save(update_fields=["is_staff"])
        audit.record(actor, "staff.roles_changed", target=f"user:{user.public_id}", before=before, after=sorted(wanted))


def mint_hand_over(*, mall_ulid: str, user: User, now: dt.datetime) -> str:
    """In control: a token with which `user`, the mall's owner, enters its backoffice once, within two minutes."""
    with transaction.atomic():
        audit.record(f"user:{user.public_id}", "mall.entered", target=f"mall:{mall_ulid}")
    payload = {"nonce": secrets.token_urlsafe(24), "phone": user.phone or "", "email": user.email, "name": user.name}
    return seal("hand_over", mall_ulid, {**payload, "vendor_user": user.public_id})


def accept_hand_over(*, token: str, now: dt.datetime) -> User:
    """In the mall: the owner's staff user behind a hand-over token, made at the first; the token is then used up.

    Raises TokenRefused: forged, older than two minutes, for another mall, or used before.
    """
    payload = unseal("hand_over", token, max_age=HAND_OVER_SECONDS)
    with transaction.atomic():
        try:
            with transaction.atomic():
                UsedToken.objects.create(nonce=payload["nonce"], purpose="hand_over", used_at=now)
        except IntegrityError:
            raise TokenRefused from None
        user = find_user(payload["phone"]) or find_user(payload["email"])
        if user is None:
            user = User.objects.create_user(
                phone=payload["phone"] or None, email=payload["email"], phone_verified=bool(payload["phone"])
            )
        if not user.is_active:
            raise TokenRefused
        user.name, user.is_staff = user.name or payload["name"], True
        user.save()
        ensure_owner(user)
        audit.record(
            f"user:{user.public_id}",
            "owner.entered",
            target=f"user:{user.public_id}",
            vendor_user=payload["vendor_user"],
        )
    return user


def ensure_owner(user: User) -> None:
    """Make `user` an owner of the active mall, with the roles there in any case."""
    if not Group.objects.filter(name=Role.OWNER.value).exists():
        ensure_roles()
    _add_roles(user, [Role.OWNER.value])


def _add_roles(user: User, roles: Iterable[str]) -> None:
    if Group.objects.filter(name__in=list(Role)).count() < len(Role):
        ensure_roles()
    user.groups.add(*Group.objects.filter(name__in=list(roles)))
