"""Subdomains a vendor may ask for, states of a vendor and a place, texts to be accepted. Pure."""

import re
from dataclasses import dataclass
from enum import StrEnum

SUBDOMAIN_MIN = 3
SUBDOMAIN_MAX = 32
_SUBDOMAIN = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")

RESERVED = frozenset(
    [
        "about",
        "abuse",
        "account",
        "accounts",
        "admin",
        "administrator",
        "agent",
        "api",
        "app",
        "apps",
        "assets",
        "auth",
        "autoconfig",
        "autodiscover",
        "backoffice",
        "billing",
        "blog",
        "cdn",
        "cell",
        "cells",
        "chat",
        "console",
        "contact",
        "control",
        "dashboard",
        "data",
        "demo",
        "dev",
        "developer",
        "developers",
        "dns",
        "docs",
        "domain",
        "download",
        "email",
        "enter",
        "file",
        "files",
        "ftp",
        "git",
        "gov",
        "health",
        "help",
        "home",
        "hostmaster",
        "image",
        "images",
        "imap",
        "img",
        "info",
        "internal",
        "invoice",
        "invoices",
        "jobs",
        "legal",
        "localhost",
        "login",
        "mail",
        "mall",
        "malls",
        "mallwright",
        "manage",
        "media",
        "metrics",
        "mobile",
        "monitor",
        "mx",
        "mysql",
        "new",
        "news",
        "notify",
        "ns",
        "ns1",
        "ns2",
        "ns3",
        "ns4",
        "official",
        "operator",
        "ops",
        "pay",
        "payment",
        "payments",
        "pop",
        "pop3",
        "portal",
        "postmaster",
        "pricing",
        "private",
        "prod",
        "production",
        "proxy",
        "public",
        "relay",
        "root",
        "sandbox",
        "secure",
        "security",
        "seller",
        "sellers",
        "server",
        "service",
        "services",
        "settings",
        "shop",
        "shops",
        "signin",
        "signup",
        "site",
        "smtp",
        "ssl",
        "staff",
        "staging",
        "static",
        "stats",
        "status",
        "storage",
        "store",
        "stores",
        "support",
        "sys",
        "system",
        "team",
        "test",
        "testing",
        "tls",
        "upload",
        "uploads",
        "vendor",
        "vendors",
        "vpn",
        "web",
        "webhook",
        "webhooks",
        "webmail",
        "website",
        "wechat",
        "weixin",
        "wiki",
        "wpad",
        "www",
        "www1",
        "www2",
        "alipay",
        "unionpay",
        "police",
        "gongan",
    ]
)


class SubdomainFault(StrEnum):
    """Why a wanted subdomain is refused by its form alone."""

    MALFORMED = "malformed"
    RESERVED = "reserved"


def normalise_subdomain(raw: str) -> str:
    """A subdomain as it is stored and compared: no spaces around, lower case."""
    return raw.strip().lower()


def subdomain_fault(subdomain: str) -> SubdomainFault | None:
    """What is wrong with a normalised subdomain, or None.

    3 to 32 of a–z, 0–9 and hyphen, no hyphen at an end, none doubled (`xn--` names are somebody else's alphabet),
    not digits alone, not a name the platform or the mail system needs.
    """
    well_formed = (
        SUBDOMAIN_MIN <= len(subdomain) <= SUBDOMAIN_MAX
        and _SUBDOMAIN.fullmatch(subdomain) is not None
        and "--" not in subdomain
        and not subdomain.isdigit()
    )
    if not well_formed:
        return SubdomainFault.MALFORMED
    return SubdomainFault.RESERVED if subdomain in RESERVED else None


class PlaceState(StrEnum):
    """What control knows of a mall; the cell's own row decides."""

    REQUESTED = "requested"
    PROVISIONING = "provisioning"
    FAILED = "failed"
    REHEARSAL = "rehearsal"
    LIVE = "live"
    REMOVED = "removed"


PLACE_TRANSITIONS: dict[PlaceState, frozenset[PlaceState]] = {
    PlaceState.REQUESTED: frozenset({PlaceState.PROVISIONING, PlaceState.FAILED, PlaceState.REMOVED}),
    PlaceState.PROVISIONING: frozenset({PlaceState.REHEARSAL, PlaceState.FAILED, PlaceState.REMOVED}),
    PlaceState.FAILED: frozenset({PlaceState.PROVISIONING, PlaceState.REHEARSAL, PlaceState.REMOVED}),
    PlaceState.REHEARSAL: frozenset({PlaceState.LIVE, PlaceState.FAILED, PlaceState.REMOVED}),
    PlaceState.LIVE: frozenset(),
    PlaceState.REMOVED: frozenset(),
}
COUNTS_AGAINST_CEILING = frozenset(PlaceState) - {PlaceState.REMOVED}


class AgreementKind(StrEnum):
    """A text that a vendor accepts at signup."""

    SERVICE = "service"
    DATA = "data"


@dataclass(frozen=True)
class AgreementVersion:
    """Which text of a kind is in force; its words are the template `vendors/agreements/<kind>-<version>.html`."""

    kind: AgreementKind
    version: str


CURRENT_AGREEMENTS: dict[AgreementKind, AgreementVersion] = {
    AgreementKind.SERVICE: AgreementVersion(AgreementKind.SERVICE, "2026-11"),
    AgreementKind.DATA: AgreementVersion(AgreementKind.DATA, "2026-11"),
}
