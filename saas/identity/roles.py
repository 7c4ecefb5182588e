"""What staff of a mall may do: six roles as groups, each the permissions of some apps."""

from enum import StrEnum

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.utils.translation import pgettext_lazy

from saas.identity.models import User


class Role(StrEnum):
    """A staff role; its value is the group's name."""

    OWNER = "owner"
    FINANCE = "finance"
    GOODS = "goods"
    ORDERS = "orders"
    AUDITOR = "auditor"
    COMPLIANCE = "compliance"


LABELS = {
    Role.OWNER: pgettext_lazy("staff role", "Owner"),
    Role.FINANCE: pgettext_lazy("staff role", "Finance"),
    Role.GOODS: pgettext_lazy("staff role", "Goods"),
    Role.ORDERS: pgettext_lazy("staff role", "Orders"),
    Role.AUDITOR: pgettext_lazy("staff role", "Auditor"),
    Role.COMPLIANCE: pgettext_lazy("staff role", "Compliance"),
}

_ALL_APPS = (
    *("identity", "ledger", "notices", "members", "catalog", "sellers", "modes", "payments"),
    *("orders", "settlement", "payouts", "design"),
)
_EVERY = ("view", "add", "change", "delete")
# Role → app label → what it may do there. A permission a model does not have is simply absent.
_GRANTS: dict[Role, dict[str, tuple[str, ...]]] = {
    Role.OWNER: dict.fromkeys(_ALL_APPS, _EVERY),
    Role.FINANCE: {
        **dict.fromkeys(("ledger", "settlement", "orders", "members", "modes"), ("view",)),
        "sellers": ("view", "add", "change"),
        **dict.fromkeys(("payouts", "payments"), ("view", "add", "change")),
    },
    Role.GOODS: {"catalog": _EVERY, "design": ("view",), "sellers": ("view",)},
    Role.ORDERS: {
        "orders": ("view", "add", "change"),
        **dict.fromkeys(("members", "payments", "catalog"), ("view",)),
    },
    Role.AUDITOR: dict.fromkeys(("ledger", "settlement", "modes"), ("view",)),
    Role.COMPLIANCE: dict.fromkeys(("members", "modes", "settlement"), ("view",)),
}


def ensure_roles() -> None:
    """Make the groups and give each its permissions, as of this version of the code. Repeatable."""
    with transaction.atomic():
        for role, grants in _GRANTS.items():
            group, _made = Group.objects.get_or_create(name=role.value)
            wanted = [
                permission
                for permission in Permission.objects.filter(content_type__app_label__in=grants).select_related(
                    "content_type"
                )
                if _granted(permission, grants[permission.content_type.app_label])
            ]
            group.permissions.set(wanted)


def _granted(permission: Permission, verbs: tuple[str, ...]) -> bool:
    verb = permission.codename.partition("_")[0]
    return verb in verbs or (verbs == _EVERY and verb not in _EVERY)


def roles_of(user: User) -> frozenset[Role]:
    """The staff roles of a user; empty for whoever is not active staff."""
    if not (user.is_active and user.is_staff):
        return frozenset()
    names = user.groups.values_list("name", flat=True)
    return frozenset(Role(name) for name in names if name in Role.__members__.values())


def has_role(user: User, *wanted: Role) -> bool:
    """Whether a user holds one of the roles; the owner holds them all."""
    held = roles_of(user)
    return Role.OWNER in held or bool(held & set(wanted))
