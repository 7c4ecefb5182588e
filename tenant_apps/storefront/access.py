"""Who asks: pages under members.access.member_required have a member; the cart also serves people who did not sign in."""

from typing import cast

from django.conf import settings
from django.http import HttpRequest

from tenant_apps.members.models import Member


def current(request: HttpRequest) -> Member:
    """The member behind a page under `member_required`."""
    return cast(Member, request.member)  # type: ignore[attr-defined]


def member_of(request: HttpRequest) -> Member | None:
    """The member who asks, or None. Without a session cookie the database is not asked."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return None
    return current(request) or None
