"""Where an installation keeps its own: data, sockets, logs. One folder, `MALL_HOME`. And which ports it takes."""

import fcntl
import hashlib
import os
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
SOCKET_PATH_BYTES = 107  # what Linux takes as the name of a Unix socket, without its closing zero


class UnsafeFolder(RuntimeError):
    """A folder for sockets exists already and belongs to somebody else."""


def home() -> Path:
    """`MALL_HOME`, else a folder of this checkout's own under the user's data directory (root: /var/lib)."""
    given = os.environ.get("MALL_HOME")
    if given:
        return Path(given).resolve()
    name = "mallwright-" + hashlib.sha256(str(PROJECT).encode()).hexdigest()[:8]
    if os.geteuid() == 0:
        return Path("/var/lib") / name
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / name


def demo_home() -> Path:
    """The demo's own folder, beside the installation's: deleting it loses nothing else."""
    if os.environ.get("MALL_HOME"):
        return home()
    return home().with_name(home().name + "-demo")


def socket_folder(wanted: Path, longest_name: str) -> Path:
    """`wanted`, or a short stand-in for it when a socket `longest_name` in it would have too long a path.

    The stand-in depends on `wanted` and the user alone, so every process finds the same one.
    """
    if len(os.fsencode(wanted / longest_name)) <= SOCKET_PATH_BYTES:
        return wanted
    base = Path("/run") if os.geteuid() == 0 and os.access("/run", os.W_OK) else Path("/tmp")
    return base / f"mallwright-{os.geteuid()}-{hashlib.sha256(os.fsencode(wanted)).hexdigest()[:12]}"


def private_folder(folder: Path, owner: int | None = None) -> None:
    """Make `folder` for its owner alone (0700; uid `owner`, else ours). Raises UnsafeFolder."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {os.geteuid(), owner}:
            raise UnsafeFolder(f"{folder} belongs to another account") from None
    if owner is not None and os.geteuid() == 0:
        os.chown(folder, owner, -1)
    folder.chmod(0o700)


@contextmanager
def exclusive(file: Path) -> Iterator[None]:
    """Hold a lock on `file` during the block; wait for whoever has it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def free_port(preferred: int, *, host: str = "127.0.0.1", taken: frozenset[int] = frozenset()) -> int:
    """`preferred`, or the next port above it that nobody listens on (and that is not in `taken`)."""
    for port in range(preferred, preferred + 200):
        if port not in taken and port_is_free(port, host):
            return port
    raise RuntimeError(f"no free port between {preferred} and {preferred + 199}")


def port_is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen on `port`."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
