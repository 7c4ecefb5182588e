"""Archives as zip files: written as a stream with a digest of every member, and read with distrust.

Read: only members that the manifest names, of the size and digest that it says; no other names, no links, no bombs.
"""

import contextlib
import hashlib
import hmac
import stat
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from provisioning.archives import rules
from provisioning.archives.rules import ManifestFault
from provisioning.archives.shelves import Shelf, blocks
from saas.kernel.errors import DomainError

_RATIO_MAX = 400  # of a member's own size to what it takes in the file; rows of one kind pack well
_RATIO_FREE = 10_000_000  # bytes below which no ratio is looked at


class ArchiveRefused(DomainError):
    """The file is not what it says it is; `what` is a stable word, the text names the member."""

    code = "archive_refused"
    http_status = 422
    message = _("This file cannot be used: {what}.")

    def __init__(self, what: str, detail: str = "") -> None:
        self.what, self.detail = what, detail
        text = _WORDS.get(what, what)
        super().__init__(what=f"{text} ({detail})" if detail else text, field="file")

    @property
    def english(self) -> str:
        """The text for logs, whatever language the process speaks."""
        with override("en"):
            return ArchiveRefused(self.what, self.detail).text


_WORDS: dict[str, Any] = {
    "not_an_archive": _("it is no archive, or it is damaged"),
    "manifest_missing": _("it has no manifest"),
    "manifest_unreadable": _("its manifest cannot be read"),
    "manifest_incomplete": _("its manifest is not complete"),
    "other_format": _("it is a file of another kind"),
    "other_version": _("it has another format version"),
    "other_migrations": _("it was made by another release"),
    "member_refused": _("it holds a file that is not allowed"),
    "member_unknown": _("it holds a file that its manifest does not name"),
    "member_missing": _("a file that its manifest names is missing"),
    "member_twice": _("it holds a file twice"),
    "member_differs": _("a file differs from its digest"),
    "member_grows": _("a file unpacks to far more than it may"),
    "signature_wrong": _("it was not made by this installation, or was changed"),
    "tables_unknown": _("it names tables that do not exist here"),
    "rows_differ": _("rows differ from their digest"),
    "book_unsound": _("its book does not balance"),
}


class Writer:
    """A zip file on a shelf; `files` collects size and digest of each member for the manifest."""

    def __init__(self, shelf: Shelf) -> None:
        self._zip = zipfile.ZipFile(shelf, "w", zipfile.ZIP_DEFLATED, allowZip64=True, compresslevel=6)  # type: ignore[call-overload]
        self.files: dict[str, dict[str, Any]] = {}

    @contextlib.contextmanager
    def member(self, name: str, *, packed: bool = True) -> Iterator["Member"]:
        """A member to be written; `packed` False for what is compressed already."""
        if not rules.is_safe_member(name):
            raise ValueError(f"not a name of a member: {name!r}")
        info = zipfile.ZipInfo(name)
        info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        info.external_attr = 0o600 << 16
        with self._zip.open(info, "w", force_zip64=True) as file:
            made = Member(file)
            yield made
        self.files[name] = {"bytes": made.size, "sha256": made.digest.hexdigest()}

    def add(self, name: str, content: Iterable[bytes], *, packed: bool = True) -> None:
        """A member of these blocks."""
        with self.member(name, packed=packed) as member:
            for block in content:
                member.write(block)

    def close(self) -> None:
        """The directory at the end."""
        self._zip.close()


class Member:
    """A member being written, counted and digested."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self.digest, self.size = file, hashlib.sha256(), 0

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        self.size += len(data)
        return self._file.write(data)


class Reader:
    """A zip file whose manifest was read and whose directory agrees with it."""

    def __init__(self, file: zipfile.ZipFile, manifest: dict[str, Any]) -> None:
        self._zip, self.manifest = file, manifest

    def blocks(self, name: str) -> Iterator[bytes]:
        """The content of a member; raises ArchiveRefused at its end if it is not what the manifest says."""
        facts = self.manifest["files"].get(name)
        if facts is None:
            raise ArchiveRefused("member_unknown", name)
        digest, size = hashlib.sha256(), 0
        try:
            with self._zip.open(name) as file:
                for block in blocks(file):
                    digest.update(block)
                    size += len(block)
                    if size > facts["bytes"]:
                        raise ArchiveRefused("member_differs", name)
                    yield block
        except (zipfile.BadZipFile, OSError, EOFError, zlib.error) as error:
            raise ArchiveRefused("not_an_archive", f"{name}: {error}") from None
        if size != facts["bytes"] or digest.hexdigest() != facts["sha256"]:
            raise ArchiveRefused("member_differs", name)

    def lines(self, name: str) -> Iterator[bytes]:
        """A member's lines without their ends."""
        rest = b""
        for block in self.blocks(name):
            *whole, rest = (rest + block).split(b"\n")
            yield from whole
        if rest:
            yield rest

    def check(self) -> None:
        """Read every member once. Raises ArchiveRefused."""
        for name in self.manifest["files"]:
            for _block in self.blocks(name):
                pass


@contextlib.contextmanager
def opened(path: Path, *, wanted: str, secret: str = "") -> Iterator[Reader]:
    """An archive of the wanted format; with `secret` only one that this installation signed. Raises ArchiveRefused."""
    try:
        file = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError):
        raise ArchiveRefused("not_an_archive") from None
    with file:
        members = _directory(file)
        content = _small(file, members, rules.MANIFEST)
        if secret:
            signature = _small(file, members, rules.SIGNATURE).decode(errors="replace").strip()
            if not _same(signature, rules.sign(content, secret)):
                raise ArchiveRefused("signature_wrong")
        try:
            manifest = rules.read_manifest(content, wanted=wanted)
        except ManifestFault as fault:
            raise ArchiveRefused(fault.code, fault.detail) from None
        named = set(manifest["files"]) | {rules.MANIFEST, rules.SIGNATURE}
        if unknown := sorted(set(members) - named):
            raise ArchiveRefused("member_unknown", unknown[0])
        if missing := sorted(set(manifest["files"]) - set(members)):
            raise ArchiveRefused("member_missing", missing[0])
        for name, facts in manifest["files"].items():
            info = members[name]
            if info.file_size != facts["bytes"]:
                raise ArchiveRefused("member_differs", name)
            if info.file_size > _RATIO_FREE and info.file_size > _RATIO_MAX * max(info.compress_size, 1):
                raise ArchiveRefused("member_grows", name)
        yield Reader(file, manifest)


def _directory(file: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    members: dict[str, zipfile.ZipInfo] = {}
    for info in file.infolist():
        kind = stat.S_IFMT(info.external_attr >> 16)
        if not rules.is_safe_member(info.filename) or info.is_dir() or kind not in (0, stat.S_IFREG):
            raise ArchiveRefused("member_refused", repr(info.filename[:80]))
        if info.filename in members:
            raise ArchiveRefused("member_twice", info.filename)
        if info.flag_bits & 0x1 or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ArchiveRefused("member_refused", info.filename)
        members[info.filename] = info
    return members


def _small(file: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], name: str) -> bytes:
    info = members.get(name)
    if info is None:
        raise ArchiveRefused("manifest_missing")
    if info.file_size > rules.MANIFEST_BYTES_MAX:
        raise ArchiveRefused("member_grows", name)
    try:
        with file.open(info) as member:
            return member.read(rules.MANIFEST_BYTES_MAX)
    except (zipfile.BadZipFile, OSError, EOFError, zlib.error):
        raise ArchiveRefused("not_an_archive", name) from None


def _same(left: str, right: str) -> bool:
    return hmac.compare_digest(left.encode(), right.encode())


def file_digest(path: Path) -> str:
    """SHA-256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for block in blocks(file):
            digest.update(block)
    return digest.hexdigest()
