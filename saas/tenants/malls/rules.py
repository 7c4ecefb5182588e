"""Mall states and what each allows. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from saas.kernel import hosts


class MallState(StrEnum):
    """Where a mall stands in its cell."""

    CREATING = "creating"
    ARRIVING = "arriving"  # its data is being copied here; another cell still serves it
    HELD = "held"  # restored or imported: people look at it, nothing in it runs by itself until it is opened
    REHEARSAL = "rehearsal"
    RESETTING = "resetting"  # a public demo changes places with its seed: seconds
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
    MallState.RESETTING: frozenset(),
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
    MallState.REHEARSAL: frozenset(
        {MallState.ACTIVE, MallState.SUSPENDED, MallState.MOVING, MallState.RESETTING, MallState.GONE}
    ),
    MallState.RESETTING: frozenset({MallState.REHEARSAL}),
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


def normalise_host(raw: str) -> str | None:
    """A Host header as the registry stores it (saas.kernel.hosts); None if it is no host name."""
    return hosts.normalise(raw)


OWN_HOSTS = "hosts"  # the entitlement under which a cell keeps what control told of a mall's own hosts


@dataclass(frozen=True)
class OwnHosts:
    """The hosts of its own under which a mall answers, besides its platform host."""

    hosts: frozenset[str] = frozenset()
    certified: frozenset[str] = frozenset()  # may have a certificate now
    primary: str = ""  # one of `hosts`, or "" for the platform host
    platform: tuple[str, ...] = ()  # its hosts of the platform where it has several; links carry the first
    sends_platform: bool = False  # shoppers of the platform host are sent to the primary, too

    @classmethod
    def from_fact(cls, value: Mapping[str, Any]) -> "OwnHosts":
        """As control writes it."""
        return cls(
            hosts=frozenset(value.get("hosts", ())),
            certified=frozenset(value.get("certified", ())),
            primary=str(value.get("primary", "")),
            platform=tuple(value.get("platform", ())),
            sends_platform=bool(value.get("sends_platform", False)),
        )


def sent_to(host: str, own: OwnHosts) -> str:
    """Where shoppers who come by `host` are sent; "" where they are served."""
    if not own.primary or host == own.primary:
        return ""
    return own.primary if host in own.hosts or own.sends_platform else ""


def may_have_certificate(host: str, own: OwnHosts) -> bool:
    """Whether a certificate may be made for a host of the mall: an own one only while control says so."""
    return host not in own.hosts or host in own.certified
