"""Agents of areas, by the real services."""

import datetime as dt

from tenant_apps.members.models import Member
from tenant_apps.modes.contract import Grade
from tenant_apps.modes.regional import services
from tenant_apps.modes.regional.models import Contract
from tests.factories.people import NOW

STAFF = "user:clerk"


def licence(seed: int = 0) -> str:
    """A well-formed unified social credit code."""
    from tenant_apps.modes.regional.contracts import is_licence_number

    body = f"91440101MA59{seed:05d}"
    return next(body + sign for sign in "0123456789ABCDEFGHJKLMNPQRTUWXY" if is_licence_number(body + sign))


def holder(
    member: Member,
    grade: Grade = Grade.DISTRICT,
    code: str = "440106",
    *,
    invested: int = 100_000,
    months: int = 12,
    now: dt.datetime = NOW,
    **area: object,
) -> Contract:
    """An agent whose contract runs from `now`."""
    opened = services.open_area(grade=grade, code=code, actor=STAFF, now=now, **area)  # type: ignore[arg-type]
    return services.add_holder(
        area_ulid=opened.ulid,
        member=member,
        invested_amount=invested,
        months=months,
        licence_company="广州天河商贸有限公司",
        licence_number=licence(),
        licence_checked=True,
        paper_number="GD-2026-001",
        actor=STAFF,
        now=now,
        reason="signed on paper",
        accept_cautions=True,
    )
