"""The one question of every page of a shop, in the portal and in the storefront: may whoever asks work here?"""

from typing import cast

from django.http import HttpRequest

from tenant_apps.members.models import Member
from tenant_apps.sellers import people
from tenant_apps.sellers.models import Seller
from tenant_apps.sellers.staffing import ShopRole


def member_of_shop(request: HttpRequest, ulid: str, role: ShopRole | None = None) -> Seller:
    """The shop, if the member behind the page (members.access.member_required) has this role there; None: any.

    Raises NotFound for strangers, RoleMissing for people of the shop without the role.
    """
    return people.shop_of(cast(Member, request.member), ulid, role)  # type: ignore[attr-defined]
