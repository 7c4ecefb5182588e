"""Who asks: pages of the portal stand under members.access.member_required."""

from typing import cast

from django.http import HttpRequest

from tenant_apps.members.models import Member


def current(request: HttpRequest) -> Member:
    """The member behind a page under `member_required`."""
    return cast(Member, request.member)  # type: ignore[attr-defined]
