"""Text messages about a member's orders, where the mall has switched them on; in the mall he reads every step anyway."""

import datetime as dt
from collections.abc import Mapping

from saas.messaging.notices import services as notices
from tenant_apps.members.models import Member
from tenant_apps.modes import selectors as modes


def text_member(*, member: Member, kind: str, context: Mapping[str, str], key: str, now: dt.datetime) -> bool:
    """Queue a text message to a member with a phone; whether one was. The same key queues nothing new."""
    pinned = modes.current_settings(mode="orders", now=now)
    phone = member.user.phone
    if pinned is None or not pinned.values.order_texts or not phone or member.closed_at is not None:
        return False
    notices.send_notice(kind=kind, to_phone=phone, context=context, key=key)
    return True
