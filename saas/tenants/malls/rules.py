"""Mall states and what each allows. Pure."""

import re
from enum import StrEnum


class MallState(StrEnum):
    """Where a mall stands in its cell."""

    CREATING = "creating"
    ARRIVING = "arriving"  # its data is being copied here; another cell still serves it
    HELD = "held"  # restored or imported: people look at it, nothing in it runs by itself until it is opened
    REHEARSAL = "rehearsal"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    MOVING = "moving"
    MOVED = "moved"
    GONE = "gone"


class Capability(StrEnum):
    """One thing that a mall may or may not do in a state."""

    STOREFRONT = "storefront"
    NEW_ORDERS = "new_orders"
    BACKOFFICE = "backoffice"
    NOTICES = "notices"
    REFUNDS = "refunds"
    JOBS = "jobs"
    EXPORT = "export"
    WITHDRAWALS = "withdrawals"


_ALL = frozenset(Capability)
CAPABILITIES: dict[MallState, frozenset[Capability]] = {
    MallState.CREATING: frozenset(),
    MallState.ARRIVING: frozenset(),
    MallState.HELD: frozenset({Capability.BACKOFFICE, Capability.EXPORT}),
    MallState.REHEARSAL: _ALL,
    MallState.ACTIVE: _ALL,
    MallState.SUSPENDED: _ALL - {Capability.STOREFRONT, Capability.NEW_ORDERS, Capability.WITHDRAWALS},
    MallState.MOVING: frozenset({Capability.STOREFRONT}),
    MallState.MOVED: frozenset(),
    MallState.GONE: frozenset(),
}

TRANSITIONS: dict[MallState, frozenset[MallState]] = {
    MallState.CREATING: frozenset({MallState.REHEARSAL, MallState.HELD, MallState.GONE}),
    MallState.ARRIVING: frozenset({MallState.REHEARSAL, MallState.ACTIVE, MallState.SUSPENDED, MallState.GONE}),
    MallState.HELD: frozenset({MallState.REHEARSAL, MallState.ACTIVE, MallState.GONE}),
    MallState.REHEARSAL: frozenset({MallState.ACTIVE, MallState.SUSPENDED, MallState.MOVING, MallState.GONE}),
    MallState.ACTIVE: frozenset({MallState.SUSPENDED, MallState.MOVING}),
    MallState.SUSPENDED: frozenset({MallState.ACTIVE, MallState.REHEARSAL, MallState.MOVING, MallState.GONE}),
    MallState.MOVING: frozenset({MallState.REHEARSAL, MallState.ACTIVE, MallState.SUSPENDED, MallState.MOVED}),
    MallState.MOVED: frozenset({MallState.GONE}),
    MallState.GONE: frozenset(),
}
# Not this cell's to work on: made elsewhere now, not here yet, or no more.
LEFT = frozenset({MallState.ARRIVING, MallState.MOVED, MallState.GONE})


def may(state: str, capability: Capability) -> bool:
    """Whether a mall in `state` has `capability`."""
    return capability in CAPABILITIES[MallState(state)]


def fits(limit: object, *, used: int, amount: int) -> bool:
    """Whether `amount` more may be had of a feature. No limit (None) always fits; a switch (bool) must be on."""
    if isinstance(limit, bool):
        return limit
    return limit is None or (isinstance(limit, int) and used + amount <= limit)


_HOST = re.compile(r"^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")


def normalise_host(raw: str) -> str | None:
    """A Host header as the registry stores it: no port, no trailing dot, lower case, IDNA; None if it is no host name."""
    host = raw.strip().rsplit(":", 1)[0] if raw.count(":") == 1 else raw.strip()
    host = host.rstrip(".").lower()
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            return None
    return host if _HOST.match(host) else None
