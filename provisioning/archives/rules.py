"""Names, formats and manifests of what leaves a mall as a file: backups and exports. Pure."""

import datetime as dt
import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

BACKUP_FORMAT, EXPORT_FORMAT = "mallwright-backup", "mallwright-export"
FORMAT_VERSION = 1
MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
MANIFEST_BYTES_MAX = 8_000_000
DUMP, EVENTS = "schema.dump", "events.jsonl"
# What is of the moment and of one installation: sessions, codes, counters of attempts. It is in no file.
TRANSIENT = frozenset(
    {
        "django_session",
        "account_emailconfirmation",
        "identity_attempt",
        "identity_signincode",
        "identity_usedtoken",
    }
)
# Wrapped keys open nothing outside the installation and the mall that they were wrapped for.
KEYS = frozenset({"vault_datakey"})
SPEAKS_OUTSIDE = ("payment.", "notice.", "payout.", "refund.")  # a rehearsal must not ask channels about real payments
_SEALED = re.compile(r"_sealed$")
_MEMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?:/[A-Za-z0-9][A-Za-z0-9._-]*)*")
_HEX = re.compile(r"[0-9a-f]{64}")
_ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
_SCHEMA = re.compile(r"t_[a-z0-9_]{1,60}")


class BackupState(StrEnum):
    """Where a backup stands."""

    ASKED = "asked"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"
    DELETED = "deleted"


class ManifestFault(Exception):
    """What is wrong with a manifest; `code` names it for people."""

    def __init__(self, code: str, detail: str = "") -> None:
        self.code, self.detail = code, detail
        super().__init__(f"{code}: {detail}")


def is_sealed(column: str) -> bool:
    """Whether a column holds a sealed secret."""
    return _SEALED.search(column) is not None


def is_safe_member(name: str) -> bool:
    """Whether a file inside an archive may have this name: relative, plain characters, no `..`, no hidden part."""
    return len(name) <= 300 and _MEMBER.fullmatch(name) is not None


def canonical(manifest: Mapping[str, Any]) -> bytes:
    """The bytes of a manifest, always the same for the same content."""
    return json.dumps(manifest, ensure_ascii=False, sort_keys=True, indent=1).encode()


def sign(manifest: bytes, secret: str) -> str:
    """By which an installation knows its own backups again."""
    key = hmac.new(secret.encode(), b"mallwright.backup", hashlib.sha256).digest()
    return hmac.new(key, manifest, hashlib.sha256).hexdigest()


def read_manifest(content: bytes, *, wanted: str) -> dict[str, Any]:
    """A manifest of the wanted format, checked in form. Raises ManifestFault."""
    try:
        manifest = json.loads(content)
    except ValueError:
        raise ManifestFault("manifest_unreadable") from None
    if not isinstance(manifest, dict) or manifest.get("format") != wanted:
        raise ManifestFault("other_format", str(manifest.get("format") if isinstance(manifest, dict) else ""))
    if manifest.get("format_version") != FORMAT_VERSION:
        raise ManifestFault("other_version", str(manifest.get("format_version")))
    mall, files = manifest.get("mall"), manifest.get("files")
    if not isinstance(mall, dict) or not isinstance(files, dict) or not isinstance(manifest.get("tables"), dict):
        raise ManifestFault("manifest_incomplete")
    if not _ULID.fullmatch(str(mall.get("ulid"))) or not _SCHEMA.fullmatch(str(mall.get("schema"))):
        raise ManifestFault("manifest_incomplete", "mall")
    for name, facts in files.items():
        whole = isinstance(facts, dict) and isinstance(facts.get("bytes"), int) and facts["bytes"] >= 0
        if not is_safe_member(name) or not whole or not _HEX.fullmatch(str(facts.get("sha256"))):
            raise ManifestFault("member_refused", name[:80])
    return manifest


def kept(
    backups: Iterable[tuple[str, dt.datetime]], *, now: dt.datetime, daily: int, weekly: int, monthly: int
) -> set[str]:
    """Which of a mall's backups (name, taken at) stay: the newest of each of the last days, weeks and months, and the
    newest of all. The rest is deleted."""
    ordered = sorted(backups, key=lambda one: one[1], reverse=True)
    stay: set[str] = {ordered[0][0]} if ordered else set()
    for count, bucket in ((daily, _day), (weekly, _week), (monthly, _month)):
        seen: set[int] = set()
        for name, at in ordered:
            if at <= now and bucket(at) not in seen and len(seen) < count:
                seen.add(bucket(at))
                stay.add(name)
    return stay


def _day(at: dt.datetime) -> int:
    return at.date().toordinal()


def _week(at: dt.datetime) -> int:
    return at.date().toordinal() // 7


def _month(at: dt.datetime) -> int:
    return at.year * 12 + at.month
