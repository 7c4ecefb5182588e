"""What a step knows: the order of its run, and the mall's row once it exists."""

from dataclasses import dataclass
from typing import Any

from saas.kernel.errors import NotFound
from saas.tenants.malls import selectors as malls
from saas.tenants.malls.models import Mall


@dataclass(frozen=True)
class Owner:
    """The person who becomes the mall's first member of staff."""

    name: str
    phone: str
    email: str


@dataclass(frozen=True)
class Context:
    """An order, read once. Steps take everything from here and hand nothing to each other."""

    run: str
    mall: str
    schema: str
    name: str
    host: str
    owner: Owner
    entitlements: dict[str, Any]
    entitlements_version: int
    preset: str = ""

    @classmethod
    def from_order(cls, order: dict[str, Any]) -> "Context":
        """Read the payload of `provision.requested` or `provision.rollback_requested`."""
        owner = order.get("owner") or {}
        return cls(
            run=order["run"],
            mall=order["mall"],
            schema=order["schema"],
            name=order["name"],
            host=order.get("host", ""),
            owner=Owner(name=owner.get("name", ""), phone=owner.get("phone", ""), email=owner.get("email", "")),
            entitlements=order.get("entitlements") or {},
            entitlements_version=int(order.get("entitlements_version", 1)),
            preset=order.get("preset", ""),
        )

    def registered(self) -> Mall:
        """The mall's row in this cell. Raises NotFound before the schema step has made it."""
        return malls.mall_by_ulid(self.mall)

    def found(self) -> Mall | None:
        """The mall's row, or None: what is unmade may never have been made."""
        try:
            return self.registered()
        except NotFound:
            return None
