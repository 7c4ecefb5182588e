"""What the DNS says of a domain, and whether that means: it points here. Pure."""

import ipaddress
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from provisioning.facts import Answer


class Pointing(StrEnum):
    """Where a name points."""

    HERE = "here"
    NOWHERE = "nowhere"
    ELSEWHERE = "elsewhere"
    PRIVATE = "private"  # an address that is no place of the internet: never accepted, never spoken to
    UNKNOWN = "unknown"  # the DNS did not answer: tried again, held against nobody


@dataclass(frozen=True)
class PointingVerdict:
    """Where it points, with what it points to."""

    pointing: Pointing
    detail: str = ""


def is_public(address: str) -> bool:
    """Whether an address is one of the open internet (IPv4 in IPv6 is looked at as IPv4)."""
    try:
        found: ipaddress.IPv4Address | ipaddress.IPv6Address = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        found = found.ipv4_mapped or found.sixtofour or found
    return found.is_global and not found.is_multicast


def judge_pointing(answer: Answer, *, names: Collection[str], addresses: Collection[str]) -> PointingVerdict:
    """Whether every address of a domain is one of ours, or its CNAMEs lead over one of our `names`.

    A CNAME of ours counts even if the address behind it is not known here: the operators move it. But an address that
    is not public is refused whatever the names say.
    """
    private = sorted({one for one in answer.addresses if not is_public(one)})
    if private:
        return PointingVerdict(Pointing.PRIVATE, ", ".join(private))
    if answer.failed:
        return PointingVerdict(Pointing.UNKNOWN, answer.failed)
    if any(alias in names for alias in answer.aliases):
        return PointingVerdict(Pointing.HERE, answer.aliases[0])
    if not answer.addresses:
        return PointingVerdict(Pointing.NOWHERE, "")
    strange = sorted(set(answer.addresses) - set(addresses))
    if strange:
        return PointingVerdict(Pointing.ELSEWHERE, ", ".join(strange))
    return PointingVerdict(Pointing.HERE, ", ".join(sorted(answer.addresses)))


def proves(answer: Answer, wanted: str) -> bool:
    """Whether one of the TXT records is the proof."""
    return any(text.strip() == wanted for text in answer.texts)
