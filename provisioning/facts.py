"""What the outside world says of a domain, as gateways tell it and rules judge it. Pure."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True)
class Answer:
    """What a resolver answered. `failed`: no answer worth the name (time-out, SERVFAIL), so nothing is known."""

    addresses: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()  # the CNAMEs on the way, normalised
    texts: tuple[str, ...] = ()
    failed: str = ""


class CertificateState(StrEnum):
    """How far a certificate is."""

    PENDING = "pending"
    ISSUED = "issued"
    FAILED = "failed"  # refused for good: it must be asked for anew
    UNKNOWN = "unknown"  # whoever makes it did not answer


@dataclass(frozen=True)
class Record:
    """A DNS record that the domain's owner must make."""

    name: str
    kind: str
    value: str


@dataclass(frozen=True)
class CertificateLook:
    """A certificate as its maker tells it. `reference`: the maker's name for it."""

    state: CertificateState
    reference: str = ""
    expires_at: dt.datetime | None = None
    records: tuple[Record, ...] = ()
    detail: str = ""
