"""Exports of other installations that wait to become malls here: taken in, looked into, made a mall of, thrown away.

They lie under `arrivals/` of the storage that control and cells share: brought by the browser, or put there by hand.
"""

import contextlib
import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing import selectors as billing
from provisioning.archives import bundles, findings, rules, shelves
from provisioning.archives.bundles import ArchiveRefused
from provisioning.archives.findings import Difference, Findings
from provisioning.orchestrator import selectors as runs
from provisioning.orchestrator import services as orchestrator
from provisioning.orchestrator.models import Run
from saas.identity import audit
from saas.identity.models import User
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from saas.kernel.ids import new_ulid
from saas.tenants.malls.storage import mall_storage
from saas.tenants.vendors import selectors as vendor_facts

UPLOAD_BYTES_MAX = 2_000_000_000  # what a browser may send; larger files are put into the storage by hand
_FOLDER = "arrivals/"
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}")


class ArrivalTooLarge(DomainError):
    """The browser sent more than it may."""

    code = "arrival_too_large"
    http_status = 422
    message = _("This file is larger than {size} GB. Put it into the folder arrivals/ of the storage instead.")


class ArrivalInUse(DomainError):
    """A run that is under way reads the file."""

    code = "arrival_in_use"
    message = _("A run that is under way reads this file. Please wait for its end.")


@dataclass(frozen=True)
class Arrival:
    """A file that waits: its plain name and its bytes."""

    name: str
    size: int


@dataclass(frozen=True)
class Looked:
    """What a file was found to be; `problem` keeps it from being made a mall, then the rest may be missing."""

    arrival: Arrival
    sha256: str
    found: Findings | None
    problem: str


def waiting() -> list[Arrival]:
    """The files that wait, by name. Those with a name of other signs are passed over: no page could ask for them."""
    found = [Arrival(_plain(name), size) for name, size in mall_storage().walk(_FOLDER) if name.endswith(".zip")]
    return [one for one in found if _PLAIN.fullmatch(one.name)]


def take_in(*, content: Iterable[bytes], size: int, actor: str, now: dt.datetime) -> str:
    """Put a file into the storage and read it through; its plain name. What is refused leaves nothing.

    Raises ArrivalTooLarge, ArchiveRefused.
    """
    if size > UPLOAD_BYTES_MAX:
        raise ArrivalTooLarge(size=UPLOAD_BYTES_MAX // 1_000_000_000, field="file")
    name = new_ulid()
    with shelves.writing(_stored(name)) as shelf:
        for block in content:
            shelf.write(block)
    try:
        with _there(name) as path:
            _read(path)
    except ArchiveRefused:
        shelves.delete(_stored(name))
        raise
    with transaction.atomic():
        audit.record(actor, "export.taken_in", target=f"export:{name}", sha256=shelf.sha256(), size=shelf.size)
    return name


def look_into(name: str) -> Looked:
    """Read a waiting file through. Raises NotFound. A file that cannot be used is told, not raised."""
    with _there(name) as path:
        arrival, sha256 = Arrival(name, path.stat().st_size), bundles.file_digest(path)
        try:
            found = _read(path)
        except ArchiveRefused as refused:
            return Looked(arrival, sha256, None, refused.text)
    return Looked(arrival, sha256, found, _problem(found))


def differences(*, found: Findings, plan_code: str) -> list[Difference]:
    """What a plan here gives the mall otherwise than it had. Raises NotFound."""
    ours = billing.plan_by_code(plan_code).features.model_dump(mode="json")  # as the file has it: a list, no tuple
    return findings.differences(found.entitlements, found.counts, ours)


def make_mall(
    *,
    arrival: str,
    owner: User,
    name: str,
    subdomain: str,
    plan_code: str,
    key: str,
    actor: str,
    now: dt.datetime,
) -> Run:
    """Have a held mall made of a waiting file by a run. The same `key` again returns the first run.

    Raises NotFound (file, plan), InvalidInput (file) and what orchestrator.import_mall raises: then nothing was made.
    """
    known = runs.run_by_key(key)
    if known is not None:
        return known
    looked = look_into(arrival)
    if looked.problem:
        raise InvalidInput(looked.problem, field="file")
    return orchestrator.import_mall(
        owner=owner, name=name, subdomain=subdomain, plan_code=plan_code, file=_stored(arrival), sha256=looked.sha256,
        key=key, actor=actor, now=now,
    )  # fmt: skip


def throw_away(*, arrival: str, actor: str, now: dt.datetime) -> None:
    """Delete a waiting file. Raises NotFound, ArrivalInUse."""
    if arrival not in {one.name for one in waiting()}:
        raise NotFound
    if runs.imports_under_way(_stored(arrival)):
        raise ArrivalInUse
    with transaction.atomic():
        audit.record(actor, "export.discarded", target=f"export:{arrival}")
    shelves.delete(_stored(arrival))


def note_run_ended(*, run: str, state: str) -> None:
    """The run of an import has ended well: its file has served. After a failure it stays, for the retry."""
    file = runs.run_view(run).run.order["import"]["file"]
    if state == "succeeded" and file.startswith(_FOLDER):
        shelves.delete(file)


def _read(path: Path) -> Findings:
    with bundles.opened(path, wanted=rules.EXPORT_FORMAT) as reader:
        reader.check()
        return findings.of_manifest(reader.manifest)


@contextlib.contextmanager
def _there(name: str) -> Iterator[Path]:
    try:
        with shelves.reading(_stored(name)) as path:
            yield path
    except FileNotFoundError:
        raise NotFound from None


def _problem(found: Findings) -> str:
    """Why a whole file cannot become a mall here: its book, or a release that no open cell has (none may have reported)."""
    if not found.book_balances:
        return ArchiveRefused("book_unsound").text
    versions = vendor_facts.versions_of_open_cells()
    if not versions or found.migrations in versions:
        return ""
    return ArchiveRefused("other_migrations", f"{found.migrations} ≠ {', '.join(sorted(versions))}").text


def _stored(name: str) -> str:
    if not _PLAIN.fullmatch(name):
        raise NotFound
    return f"{_FOLDER}{name}.zip"


def _plain(stored: str) -> str:
    return stored.removeprefix(_FOLDER).removesuffix(".zip")
