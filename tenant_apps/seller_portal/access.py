"""Who asks, and which shop of those he works in: pages of the portal stand under members.access.member_required."""

from typing import Any, cast

from django.http import HttpRequest
from django.urls import reverse

from tenant_apps.members.models import Member
from tenant_apps.sellers import people
from tenant_apps.sellers.access import member_of_shop
from tenant_apps.sellers.models import Seller
from tenant_apps.sellers.staffing import ShopRole

__all__ = ["actor_of", "address", "current", "frame", "member_of_shop", "owner_of_shop"]


def current(request: HttpRequest) -> Member:
    """The member behind a page under `member_required`."""
    return cast(Member, request.member)  # type: ignore[attr-defined]


def owner_of_shop(request: HttpRequest, ulid: str) -> Seller:
    """The member's own shop of this ULID. Raises NotFound, RoleMissing for people who only work there."""
    return member_of_shop(request, ulid, ShopRole.OWNER)


def actor_of(request: HttpRequest) -> str:
    """The actor of what this person does."""
    return f"member:{current(request).ulid}"


def address(name: str, ulid: str) -> str:
    """The address of a page of a shop."""
    return reverse(f"portal:{name}", args=[ulid])


def frame(request: HttpRequest, row: Seller, title: str, *, back: str = "") -> dict[str, Any]:
    """What every page of a shop shows around its own: the shop, the person's roles there, the way back."""
    return {
        "active_tab": "me",
        "page_title": title,
        "back": back or address("desk", row.ulid),
        "row": row,
        "roles": {role.value for role in people.roles_in(row, current(request))},
    }
