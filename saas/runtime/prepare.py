"""What must be true before the processes start: messages compiled, static files collected, databases migrated."""

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from saas.runtime import environment, messages
from saas.runtime.call import call
from saas.runtime.paths import PROJECT
from saas.runtime.processes import Ports

_PACKAGES = ("saas", "tenant_apps", "provisioning", "billing")
_STAMPS_FILE = "prepared.json"


class OwnerUrlMissing(RuntimeError):
    """The databases are external, have pending migrations, and no owner's URL was given to run them with."""


def prepare(home: Path, say: Callable[[str], None]) -> None:
    """Do what is needed, skip what a stamp says is done. Raises CallFailed, OwnerUrlMissing."""
    compiled = messages.compile_messages()
    say(f"messages: {compiled} catalogues compiled" if compiled else "messages: up to date")
    stamps = _read_stamps(home)
    jobs: list[tuple[str, str, Callable[[], object]]] = []
    tables = _digest(_migration_files())
    for role in ("control", "cell"):
        if environment.is_external() or stamps.get(f"tables.{role}") != tables:
            jobs.append((f"tables.{role}", tables, _migrator(role, home)))
    static = _digest(_static_files())
    for role in roles_without_static(home):
        jobs.append((f"static.{role}", static, _caller(role, "collect_static", home)))
    with ThreadPoolExecutor(max_workers=2) as pool:
        for name, stamp, done in [(name, stamp, pool.submit(job)) for name, stamp, job in jobs]:
            done.result()
            stamps[name] = stamp
            (home / _STAMPS_FILE).write_text(json.dumps(stamps, indent=1))
            say(f"{name.replace('.', ' of ')}: ready")


def roles_without_static(home: Path) -> list[str]:
    """The roles whose static files were never collected into `home`, or have changed since."""
    wanted, stamps = _digest(_static_files()), _read_stamps(home)
    return [
        role
        for role in ("control", "cell")
        if stamps.get(f"static.{role}") != wanted or not (home / "static" / role / "staticfiles.json").exists()
    ]


def arrange(home: Path, ports: Ports) -> None:
    """Enter this installation's cell and the price list in control's book, where its address changed or is new."""
    wanted = json.dumps(ports.addresses())
    stamps = _read_stamps(home)
    if environment.is_external() or stamps.get("arranged") != wanted:
        cell, origin = os.environ.get("CELL", "c1"), ports.addresses()["CELL_INTERNAL_ORIGIN"]
        call("control", "saas.runtime.inside_control.arrange", home, cell=cell, origin=origin)
        (home / _STAMPS_FILE).write_text(json.dumps({**stamps, "arranged": wanted}, indent=1))


def _caller(role: str, name: str, home: Path) -> Callable[[], object]:
    return lambda: call(role, f"saas.runtime.inside.{name}", home)


def _migrator(role: str, home: Path) -> Callable[[], object]:
    def run() -> None:
        values = environment.process_environment(role, home, owner=True)
        name = environment.OWNER[role]
        if name in values or f"{name}_FILE" in values:
            call(role, "saas.runtime.inside.migrate", home, migrating=True, with_template=role == "cell")
        elif pending := call(role, "saas.runtime.inside.pending_migrations", home):
            raise OwnerUrlMissing(f"{len(pending)} migrations wait in {role}: set {name} and start again")

    return run


def _read_stamps(home: Path) -> dict[str, str]:
    try:
        return dict(json.loads((home / _STAMPS_FILE).read_text()))
    except (OSError, ValueError):
        return {}


def _static_files() -> Iterator[Path]:
    yield PROJECT / "requirements.lock"
    for package in _PACKAGES:
        yield from sorted(path for path in (PROJECT / package).glob("**/static/**/*") if path.is_file())


def _migration_files() -> Iterator[Path]:
    yield PROJECT / "requirements.lock"
    for package in _PACKAGES:
        yield from sorted((PROJECT / package).glob("**/migrations/*.py"))
        yield from sorted((PROJECT / package).glob("**/apps.py"))  # names the guarded tables


def _digest(files: Iterator[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(str(file.relative_to(PROJECT)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:20]
