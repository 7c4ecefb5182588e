"""A member's own account: name, export of own data, closing (FEATURES M1, R4)."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from saas.identity import audit
from saas.identity import services as identity
from saas.kernel.errors import InvalidInput
from saas.messaging.bus import services as bus
from tenant_apps.members import selectors
from tenant_apps.members.models import Address, Member


def update_profile(*, member: Member, name: str) -> None:
    """Change the name shown to others. Raises InvalidInput."""
    name = name.strip()
    if not 1 <= len(name) <= 20:
        raise InvalidInput(gettext("A name has 1 to 20 characters."), field="name")
    with transaction.atomic():
        Member.objects.filter(pk=member.pk).update(name=name)
    member.name = name


def export_data(*, member: Member, now: dt.datetime) -> dict[str, Any]:
    """Everything this package keeps about a member, as plain data; others' data appears masked or not at all."""
    user = member.user
    referrer = member.referrer
    with transaction.atomic():
        audit.record(f"member:{member.ulid}", "member.exported", target=f"member:{member.ulid}")
    return {
        "exported_at": now.isoformat(),
        "member": {
            "id": member.ulid,
            "name": member.name,
            "phone": user.phone or "",
            "email": user.email,
            "level": member.level,
            "share_code": member.share_code,
            "promoter": member.promoter_state,
            "joined_at": member.joined_at.isoformat(),
            "referrer_share_code": referrer.share_code if referrer else "",
            "agreements": user.agreements,
        },
        "addresses": [
            {"name": a.name, "phone": a.phone, "address": str(a), "default": a.is_default}
            for a in selectors.addresses(member)
        ],
        "referees": {str(depth): count for depth, count in selectors.team_counts(member.pk).items()},
    }


def close_account(*, member: Member, now: dt.datetime) -> None:
    """Close the account at the member's own wish: no sign-in, no earning, name, phone and addresses erased.

    The row stays, masked, for the books and for the chain of those referred.
    """
    with transaction.atomic():
        locked = Member.objects.select_for_update().get(pk=member.pk)
        if locked.closed_at is not None:
            return
        Address.objects.filter(member=locked).delete()
        Member.objects.filter(pk=locked.pk).update(name="", avatar="", closed_at=now)
        identity.erase_user(user=member.user, now=now)
        audit.record(f"member:{member.ulid}", "member.closed", target=f"member:{member.ulid}")
        bus.publish("member.closed", {"member": member.ulid}, key=f"member:{member.ulid}:closed")
    member.closed_at, member.name = now, ""
