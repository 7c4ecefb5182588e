"""Checks of what lies in the databases, and of the processes that work on it."""

import time
from collections.abc import Iterator
from pathlib import Path

from saas.runtime import session
from saas.runtime.call import call
from saas.runtime.doctor.faults import Finding

ROLES = ("control", "cell")
CLOCK_SECONDS = 2
LATE_SECONDS = 60
_EARLIEST = 1_767_225_600  # 2026-01-01: before that this code did not exist


def migrations(home: Path) -> Iterator[Finding]:
    """Both public schemas are up to date."""
    for role in ROLES:
        if pending := call(role, "saas.runtime.inside.pending_migrations", home):
            yield Finding("migrations-pending", f"{len(pending)} in {role}: {', '.join(pending[:4])}")


def template(home: Path) -> Iterator[Finding]:
    """The mall template is built, and every mall was made from it."""
    if not call("cell", "saas.runtime.inside.template_is_built", home):
        yield Finding("template-stale", "no template for the migrations of this code")
    if behind := call("cell", "saas.runtime.inside.malls_behind", home):
        yield Finding("malls-behind", ", ".join(behind[:8]))


def clock(home: Path) -> Iterator[Finding]:
    """Our clock and the database's agree and are believable."""
    if time.time() < _EARLIEST:
        yield Finding("clock-apart", f"this machine believes it is {time.ctime()}")
    for role in ROLES:
        before = time.time()
        there = call(role, "saas.runtime.inside.database_clock", home)
        apart = max(before - there, there - time.time(), 0)
        if apart > CLOCK_SECONDS:
            yield Finding("clock-apart", f"the database of {role} is {apart:.0f} s away")


def bus(home: Path) -> Iterator[Finding]:
    """No event is late or given up. Late matters only while the workers run."""
    for role in ROLES:
        if call(role, "saas.runtime.inside.pending_migrations", home):
            continue
        state = call(role, "saas.runtime.inside.bus_state", home)
        if state["failed"]:
            yield Finding("events-stuck", f"{state['failed']} in {role}: {', '.join(state['errors'])}")
        if session.running_ports(home) and state["oldest_seconds"] > LATE_SECONDS:
            yield Finding("events-late", f"{state['waiting']} in {role}, the oldest {state['oldest_seconds']:.0f} s")


def processes(home: Path) -> Iterator[Finding]:
    """While the installation runs: each web process and each worker answers."""
    ports = session.running_ports(home)
    if ports is None:
        return
    for role in ROLES:
        try:
            session.wait_until_answering(getattr(ports, role), seconds=5)
        except session.NotAnswering:
            yield Finding("web-silent", f"{role} on port {getattr(ports, role)} (logs/web-{role}.log)")
        if not call(role, "saas.runtime.inside.worker_answers", home):
            yield Finding("worker-silent", f"{role} (logs/worker-{role}.log)")
