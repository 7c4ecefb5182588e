"""What a step knows: the order of its run, and the mall's row once it exists."""

from dataclasses import dataclass, field
from typing import Any

from provisioning.rules import Way
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
class MovePlan:
    """From which cell to which. `source_database` and `target_database` name secrets, never addresses."""

    source: str
    target: str
    source_database: str
    target_database: str
    epoch: int  # of the mall where it stands when the move was ordered; the flip makes it one more
    way: Way

    @classmethod
    def from_order(cls, order: dict[str, Any]) -> "MovePlan":
        """Read the part `move` of an order."""
        move = order["move"]
        return cls(
            source=move["source"],
            target=move["target"],
            source_database=move["source_database"],
            target_database=move["target_database"],
            epoch=int(move["epoch"]),
            way=Way(move["way"]),
        )


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
    moving: MovePlan | None = None
    order: dict[str, Any] = field(default_factory=dict)  # whole, for what only one kind of run knows

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
            moving=MovePlan.from_order(order) if order.get("move") else None,
            order=order,
        )

    @property
    def move(self) -> MovePlan:
        """The plan of a move. Raises RuntimeError in another run."""
        if self.moving is None:
            raise RuntimeError(f"the order of run {self.run} is not one of a move")
        return self.moving

    def registered(self) -> Mall:
        """The mall's row in this cell. Raises NotFound before the schema step has made it."""
        return malls.mall_by_ulid(self.mall)

    def found(self) -> Mall | None:
        """The mall's row, or None: what is unmade may never have been made."""
        try:
            return self.registered()
        except NotFound:
            return None
