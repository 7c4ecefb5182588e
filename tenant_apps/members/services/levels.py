"""The level that prices depend on: written by whoever sells it, read by everybody."""

import datetime as dt

from django.db import transaction

from saas.kernel.errors import NotFound
from tenant_apps.members.models import Member


def lock_member(*, member_ulid: str) -> Member:
    """The member, locked until the transaction ends: one change of his standing at a time. Raises NotFound."""
    member = Member.objects.select_for_update().filter(ulid=member_ulid).first()
    if member is None:
        raise NotFound
    return member


def note_coupons(*, member: Member) -> None:
    """Remember that the member has taken a coupon: from then on checkout asks for his."""
    if not member.has_coupons:
        member.has_coupons = True
        member.save(update_fields=["has_coupons"])


def set_level(*, member_ulid: str, level: str, until: dt.datetime | None) -> None:
    """Give a member a level until an instant (None: without end). The caller writes the audit row. Raises NotFound."""
    with transaction.atomic():
        if not Member.objects.filter(ulid=member_ulid).update(level=level, level_until=until):
            raise NotFound
