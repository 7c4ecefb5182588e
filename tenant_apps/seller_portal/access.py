"""Who asks, and which shop he owns: pages of the portal stand under members.access.member_required."""

from typing import cast

from django.http import HttpRequest

from saas.kernel.errors import NotFound
from tenant_apps.members.models import Member
from tenant_apps.sellers import selectors
from tenant_apps.sellers.models import Seller


def current(request: HttpRequest) -> Member:
    """The member behind a page under `member_required`."""
    return cast(Member, request.member)  # type: ignore[attr-defined]


def own_shop(request: HttpRequest, ulid: str) -> Seller:
    """The member's own shop of this ULID. Raises NotFound, for another's too."""
    row = selectors.seller(ulid)
    if row.owner_id != current(request).pk:
        raise NotFound
    return row
