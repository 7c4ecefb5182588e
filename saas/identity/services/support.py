"""Operators of the platform inside a mall: a pass that works once, a staff account that ends with its time."""

import datetime as dt
import secrets

from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction

from saas.identity import audit
from saas.identity.models import UsedToken, User
from saas.identity.roles import Role, ensure_roles
from saas.identity.tokens import TokenRefused, seal, unseal

PASS_SECONDS = 120
# Enough to look and to help with goods and orders; money, staff and rules stay with the mall.
SUPPORT_ROLES = (Role.GOODS, Role.ORDERS, Role.AUDITOR)
SESSION_KEY = "support"


def mint_support_pass(
    *, mall_ulid: str, grant: str, operator: User, reason: str, until: dt.datetime, now: dt.datetime
) -> str:
    """In control: a token with which an operator enters a mall once, within two minutes."""
    with transaction.atomic():
        audit.record(f"user:{operator.public_id}", "support.entered", target=f"mall:{mall_ulid}", reason=reason)
    payload = {
        "nonce": secrets.token_urlsafe(24),
        "grant": grant,
        "operator": operator.public_id,
        "name": str(operator)[:40],
        "reason": reason,
        "until": until.isoformat(),
    }
    return seal("support", mall_ulid, payload)


def accept_support_pass(*, token: str, now: dt.datetime) -> tuple[User, dict[str, str]]:
    """In the mall: the operator's account and what the session keeps of the leave. Raises TokenRefused."""
    payload = unseal("support", token, max_age=PASS_SECONDS)
    if dt.datetime.fromisoformat(payload["until"]) <= now:
        raise TokenRefused
    with transaction.atomic():
        if UsedToken.objects.filter(nonce=_ended(payload["grant"])).exists():
            raise TokenRefused
        try:
            with transaction.atomic():
                UsedToken.objects.create(nonce=payload["nonce"], purpose="support", used_at=now)
        except IntegrityError:
            raise TokenRefused from None
        user = User.objects.filter(public_id=payload["operator"]).first()
        if user is None:
            user = User.objects.create_user(public_id=payload["operator"], name=payload["name"])
        user.is_staff = user.is_active = True
        user.save(update_fields=["is_staff", "is_active"])
        ensure_roles()
        user.groups.set(Group.objects.filter(name__in=[role.value for role in SUPPORT_ROLES]))
        audit.record(f"user:{user.public_id}", "support.entered", reason=payload["reason"], grant=payload["grant"])
    kept = {name: payload[name] for name in ("grant", "name", "reason", "until")}
    return user, kept


def end_support(*, operator: str, now: dt.datetime, actor: str = "system", grant: str = "") -> None:
    """In the mall: whoever is inside with the operator's account is signed out with the next request.

    With `grant` no pass of that leave opens the door again, whatever control knows yet.
    """
    with transaction.atomic():
        if grant:
            UsedToken.objects.get_or_create(nonce=_ended(grant), defaults={"purpose": "support_ended", "used_at": now})
        ended = User.objects.filter(public_id=operator).update(is_active=False, is_staff=False)
        if ended or grant:
            audit.record(actor, "support.ended", target=f"user:{operator}", grant=grant)


def _ended(grant: str) -> str:
    return f"ended:{grant}"
