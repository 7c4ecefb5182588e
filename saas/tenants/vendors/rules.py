"""Subdomains a vendor may ask for, states of a vendor and a place, texts to be accepted. Pure."""

import datetime as dt
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
    HELD = "held"  # restored or imported, not opened yet
    REMOVED = "removed"


PLACE_TRANSITIONS: dict[PlaceState, frozenset[PlaceState]] = {
    PlaceState.REQUESTED: frozenset({PlaceState.PROVISIONING, PlaceState.FAILED, PlaceState.REMOVED}),
    PlaceState.PROVISIONING: frozenset({PlaceState.REHEARSAL, PlaceState.HELD, PlaceState.FAILED, PlaceState.REMOVED}),
    PlaceState.FAILED: frozenset({PlaceState.PROVISIONING, PlaceState.REHEARSAL, PlaceState.REMOVED}),
    PlaceState.REHEARSAL: frozenset({PlaceState.LIVE, PlaceState.FAILED, PlaceState.REMOVED}),
    PlaceState.HELD: frozenset({PlaceState.REHEARSAL, PlaceState.LIVE, PlaceState.FAILED, PlaceState.REMOVED}),
    PlaceState.LIVE: frozenset({PlaceState.REMOVED}),  # by a deletion alone: a rollback refuses live malls
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


CEILING_MAX = 500  # malls a database: SCALE 3.11
SILENT_AFTER = dt.timedelta(minutes=3)  # a cell reports every minute
LAGGING_AFTER_SECONDS = 60
_CELL_ID = re.compile(r"[a-z][a-z0-9-]{0,30}[a-z0-9]")
_CELL_ID_TAKEN = frozenset({"local", "control", "relay", "public"})  # words of the bus and of roles
_ORIGIN = re.compile(r"https?://[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?")
_REGION = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?")
_SECRET_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./-]{1,118}[A-Za-z0-9]")


class CellState(StrEnum):
    """What the newest report of a cell says."""

    UNKNOWN = "unknown"  # it never reported
    SILENT = "silent"
    LAGGING = "lagging"
    WELL = "well"


def cell_state(reported_at: dt.datetime | None, outbox_lag_seconds: int, *, now: dt.datetime) -> CellState:
    """How a cell does, by its newest report."""
    if reported_at is None:
        return CellState.UNKNOWN
    if now - reported_at > SILENT_AFTER:
        return CellState.SILENT
    return CellState.LAGGING if outbox_lag_seconds > LAGGING_AFTER_SECONDS else CellState.WELL


def cell_faults(*, cell_id: str, origin: str, database: str, region: str, ceiling: int) -> list[str]:
    """The fields of a wanted cell that cannot be, by name."""
    wrong = {
        "cell_id": _CELL_ID.fullmatch(cell_id) is None or cell_id in _CELL_ID_TAKEN,
        "internal_origin": _ORIGIN.fullmatch(origin) is None,
        "database": _SECRET_NAME.fullmatch(database) is None,
        "region": bool(region) and _REGION.fullmatch(region) is None,
        "ceiling": not 1 <= ceiling <= CEILING_MAX,
    }
    return [name for name, is_wrong in wrong.items() if is_wrong]
