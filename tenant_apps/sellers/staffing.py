"""Who works in a shop beside its owner: roles, and one entry of a shop's list of people. Pure; the list is Seller.staff."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

MAX_STAFF = 50


class ShopRole(StrEnum):
    """What somebody may do in a shop. The owner has every role, and OWNER, which nobody else can be given."""

    OWNER = "owner"
    GOODS = "goods"
    ORDERS = "orders"
    MONEY = "money"
    SERVICE = "service"


GRANTABLE = (ShopRole.GOODS, ShopRole.ORDERS, ShopRole.SERVICE, ShopRole.MONEY)

Entry = Mapping[str, Any]  # {"ulid", "name", "roles", "since"} and "member" (joined) or "phone" (invited)


def clean_roles(given: Iterable[str]) -> tuple[ShopRole, ...]:
    """The roles among these words, in the order in which they are shown; words that are none are left out."""
    wanted = set(given)
    return tuple(role for role in GRANTABLE if role.value in wanted)


def roles_of(staff: Iterable[Entry], member: str) -> frozenset[ShopRole]:
    """The roles of a member (ULID) who has joined; empty: he does not work there."""
    found = next((one for one in staff if member and one.get("member") == member), None)
    return frozenset(clean_roles(found["roles"])) if found else frozenset()


def entry_of(staff: Iterable[Entry], ulid: str) -> Entry | None:
    """The entry of this ULID, or None."""
    return next((one for one in staff if ulid and one["ulid"] == ulid), None)
