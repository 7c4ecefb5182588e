"""Reads about the people of shops: who works where with which roles, and who is invited."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from saas.kernel.errors import DomainError, NotFound
from tenant_apps.members.models import Member
from tenant_apps.sellers.models import Seller
from tenant_apps.sellers.rules import ENDED
from tenant_apps.sellers.staffing import GRANTABLE, Entry, ShopRole, roles_of


class RoleMissing(DomainError):
    """Somebody of the shop asks for a page that is not of his role."""

    code = "shop_role_missing"
    http_status = 403
    message = _("Your role in this shop does not include this page. Its owner can change that.")  # type: ignore[assignment]


def shops_of(member: Member, role: ShopRole | None = None) -> list[Seller]:
    """The shops that a member owns or works in, there with this role; without one: with any (one statement)."""
    return list(Seller.objects.filter(_works(member, role)).order_by("pk"))


def places_of(member: Member) -> list[bool]:
    """One entry a shop that a member owns (True), works in or is invited to (False); one statement."""
    wanted = _works(member, None)
    if member.user.phone and member.user.phone_verified:
        wanted |= Q(staff__contains=[{"phone": member.user.phone}])
    return [owner == member.pk for owner in Seller.objects.filter(wanted).values_list("owner_id", flat=True)]


def roles_in(row: Seller, member: Member) -> frozenset[ShopRole]:
    """What a member may do in a shop; empty: he is a stranger to it."""
    if row.owner_id == member.pk:
        return frozenset(ShopRole)
    return roles_of(row.staff, member.ulid)


def shop_of(member: Member, ulid: str, role: ShopRole | None = None) -> Seller:
    """The shop of this ULID if the member works there with this role (None: with any).

    Raises NotFound for a stranger, as for a shop that is not there; RoleMissing for one of its people.
    """
    row = Seller.objects.select_related("owner__user", "referrer").filter(ulid=ulid).first()
    roles = roles_in(row, member) if row else frozenset()
    if row is None or not roles:
        raise NotFound
    if role is not None and role not in roles:
        raise RoleMissing
    return row


def invitations(member: Member) -> list[tuple[Seller, Entry]]:
    """Shops that invite the member by the number that he has proved to own."""
    phone = member.user.phone if member.user.phone_verified else ""
    if not phone:
        return []
    rows = Seller.objects.filter(staff__contains=[{"phone": phone}]).exclude(state__in=sorted(ENDED)).order_by("pk")
    return [(row, one) for row in rows for one in row.staff if one.get("phone") == phone]


def staff_of(row: Seller) -> list[tuple[Entry, Member | None]]:
    """The people of a shop beside its owner, with the members of those who have joined (one statement)."""
    joined = [one["member"] for one in row.staff if one.get("member")]
    found = {one.ulid: one for one in Member.objects.select_related("user").filter(ulid__in=joined)} if joined else {}
    return [(one, found.get(one.get("member", ""))) for one in row.staff]


def _works(member: Member, role: ShopRole | None) -> Q:
    if role is not None and role not in GRANTABLE:
        return Q(owner=member)
    entry = {"member": member.ulid} if role is None else {"member": member.ulid, "roles": [role.value]}
    return Q(owner=member) | Q(staff__contains=[entry])
