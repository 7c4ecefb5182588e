"""Checks of the machine and the files, which need no server."""

import contextlib
import os
import pwd
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from ctypes.util import find_library
from importlib import metadata
from pathlib import Path

from saas.runtime import messages, paths, postgres, prepare
from saas.runtime.doctor.faults import Finding
from saas.runtime.processes import PREFERRED_PORTS
from saas.runtime.session import running_ports

_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^ ;\\]+)(?:\s*;\s*([^\\]+))?")
_CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
DISK_BYTES = 1_500_000_000
MEMORY_BYTES = 2_000_000_000


def python_version(home: Path) -> Iterator[Finding]:
    """3.11 or 3.12."""
    if not (3, 11) <= sys.version_info[:2] < (3, 13):
        yield Finding("python-version", f"{sys.version.split()[0]} at {sys.executable}")


def installed_packages(home: Path) -> Iterator[Finding]:
    """The environment holds exactly what the lock pins."""
    missing, other = [], []
    for line in (paths.PROJECT / "requirements.lock").read_text().splitlines():
        pin = _PIN.match(line)
        if pin is None or pin[3]:  # a marker: not for every machine
            continue
        try:
            if metadata.version(pin[1]) != pin[2]:
                other.append(f"{pin[1]} {metadata.version(pin[1])}, not {pin[2]}")
        except metadata.PackageNotFoundError:
            missing.append(pin[1])
    if missing:
        yield Finding("packages-missing", ", ".join(missing[:8]))
    if other:
        yield Finding("packages-drifted", ", ".join(other[:8]))


def account(home: Path) -> Iterator[Finding]:
    """The user that runs this can run PostgreSQL."""
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        yield Finding("account-nameless", f"user id {os.geteuid()}")
    if os.geteuid() == 0 and not shutil.which("setpriv"):
        yield Finding("setpriv-missing", "setpriv is not on the path")


def home_folder(home: Path) -> Iterator[Finding]:
    """The installation's folder, or the place where it will be made, can be written and entered."""
    existing = next(folder for folder in (home, *home.parents) if folder.exists())
    if not os.access(existing, os.W_OK | os.X_OK):
        yield Finding("home-unwritable", str(existing))
    if os.geteuid() == 0:
        for folder in (existing, *existing.parents):
            if not folder.stat().st_mode & 0o001:
                yield Finding("home-closed", str(folder))


def socket_folder(home: Path) -> Iterator[Finding]:
    """A short stand-in folder for sockets, where one is needed, is ours."""
    for folder in (postgres.Postgres(home).socket, paths.socket_folder(home / "redis", "redis.sock")):
        if folder.exists() and folder.stat().st_uid not in _own_ids():
            yield Finding("socket-folder", str(folder))


def _own_ids() -> set[int]:
    ids = {os.geteuid()}
    if os.geteuid() == 0:
        with contextlib.suppress(KeyError):
            ids.add(pwd.getpwnam(postgres.ACCOUNT).pw_uid)
    return ids


def disk_and_memory(home: Path) -> Iterator[Finding]:
    """Enough of both to run the demo."""
    existing = next(folder for folder in (home, *home.parents) if folder.exists())
    free = shutil.disk_usage(existing).free
    if free < DISK_BYTES:
        yield Finding("disk-full", f"{free // 1_000_000} MB free at {existing}")
    memory = re.search(r"MemAvailable:\s+(\d+) kB", Path("/proc/meminfo").read_text())
    if memory and int(memory[1]) * 1024 < MEMORY_BYTES and running_ports(home) is None:
        yield Finding("memory-low", f"{int(memory[1]) // 1024} MB free")


def ports(home: Path) -> Iterator[Finding]:
    """The preferred ports are free, unless we hold them."""
    if running_ports(home) is not None:
        return
    for name, port in PREFERRED_PORTS.items():
        if not paths.port_is_free(port):
            yield Finding("port-taken", f"{port} ({name})")


def browser_and_fonts(home: Path) -> Iterator[Finding]:
    """What the browser tests need."""
    if not any(shutil.which(name) for name in _CHROMIUM):
        yield Finding("chromium-missing", "none of " + ", ".join(_CHROMIUM))
    if not shutil.which("fc-list"):
        yield Finding("fonts-missing", "fontconfig is not installed either")
    elif not subprocess.run(["fc-list", ":lang=zh"], capture_output=True, text=True).stdout.strip():
        yield Finding("fonts-missing", "fc-list knows no font for zh")


def paper(home: Path) -> Iterator[Finding]:
    """What PDF needs of the system."""
    missing = [name for name in ("pango-1.0", "pangoft2-1.0") if not find_library(name)]
    if missing:
        yield Finding("pango-missing", ", ".join(missing))


def secret_files(home: Path) -> Iterator[Finding]:
    """The signing key and the keyring are for their owner alone."""
    for name in (home / "secret-key", Path(os.environ.get("KEYRING_FILE", home / "keyring.json"))):
        if name.exists() and name.stat().st_mode & 0o077:
            yield Finding("secret-readable", f"{name} has mode {name.stat().st_mode & 0o777:o}")


def generated_files(home: Path) -> Iterator[Finding]:
    """Compiled translations and collected static files are as new as their sources."""
    stale = [
        source
        for source in messages.catalogues()
        if not source.with_suffix(".mo").exists() or source.with_suffix(".mo").stat().st_mtime < source.stat().st_mtime
    ]
    if stale:
        yield Finding("messages-stale", f"{len(stale)} catalogues, such as {stale[0].relative_to(paths.PROJECT)}")
    if home.exists() and (roles := prepare.roles_without_static(home)):
        yield Finding("static-missing", f"of {' and '.join(roles)}")
