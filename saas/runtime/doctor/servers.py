"""Checks of the servers, embedded or the caller's own."""

from collections.abc import Callable, Iterator
from pathlib import Path

from saas.runtime import environment
from saas.runtime.call import CallFailed, call
from saas.runtime.doctor.faults import Finding
from saas.runtime.postgres import Postgres, PostgresFailed
from saas.runtime.redis import Redis, RedisFailed
from saas.runtime.servers import Servers, using_servers

POSTGRES_MAJOR = "18"


def addresses(home: Path) -> Iterator[Finding]:
    """All of the servers' URLs are set, or none; with them, the owners'."""
    try:
        external = environment.is_external()
    except environment.PartlyExternal as error:
        yield Finding("urls-partial", str(error))
        return
    if external:
        values = environment.process_environment("control", home, owner=True)
        values |= environment.process_environment("cell", home, owner=True)
        missing = [name for name in environment.OWNER.values() if not (values.get(name) or values.get(f"{name}_FILE"))]
        if missing:
            yield Finding("owner-url-missing", ", ".join(missing))


def postgres(home: Path) -> Iterator[Finding]:
    """The server starts and answers."""
    server = Postgres(home)
    if _is_external():
        return
    version = server.data / "PG_VERSION"
    try:
        if version.exists() and version.read_text().strip() != POSTGRES_MAJOR:
            yield Finding("postgres-version", f"{version.read_text().strip()} in {server.data}, not {POSTGRES_MAJOR}")
            return
        was_running = server.running()
        server.start()
        if not was_running:
            Servers(home).stop_if_unused()
    except (PostgresFailed, OSError) as error:
        yield Finding("postgres-down", f"{error} (log: {server.log})")


def redis(home: Path) -> Iterator[Finding]:
    """The server starts and answers."""
    server = Redis(home)
    if _is_external():
        return
    try:
        was_running = server.answers()
        server.start()
        if not was_running:
            server.stop()
    except (RedisFailed, OSError) as error:
        yield Finding("redis-down", f"{error} (log: {server.log})")


def with_servers(
    home: Path, checks: tuple[Callable[[Path], Iterator[Finding]], ...], say: Callable[[str], None]
) -> list[Finding]:
    """The findings of checks that need the servers to run; what makes them fail is a finding too."""
    found: list[Finding] = []
    with using_servers(home):
        for role in environment.OWNER:
            try:
                call(role, "saas.runtime.inside.database_clock", home)
            except CallFailed as error:
                return [Finding("postgres-down", str(error).strip().splitlines()[-1])]
        for check in checks:
            say(check.__name__.replace("_", " "))
            found += check(home)
    return found


def _is_external() -> bool:
    try:
        return environment.is_external()
    except environment.PartlyExternal:
        return True
