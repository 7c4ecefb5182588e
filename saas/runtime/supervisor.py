"""Keeps a tree of processes running: starts, restarts with backoff, writes their logs, stops them all.

Every child leads a process group of its own. A guardian process holds the other end of a pipe: if the supervisor dies
in whatever way, kill -9 included, the pipe closes and the guardian ends the groups and the embedded servers.
"""

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from saas.runtime.paths import PROJECT
from saas.runtime.processes import Child
from saas.runtime.servers import Servers

STOP_SECONDS = 20
_LOG_BYTES = 20_000_000
_HEALTHY_SECONDS = 30
_BACKOFF_SECONDS = (0.5, 1, 2, 5, 10, 20, 30)
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)  # loaded before any fork


class AlreadyRunning(RuntimeError):
    """Another supervisor runs over the same home."""


@dataclass
class _Slot:
    """A child's place in the tree and what became of its processes."""

    child: Child
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    restart_at: float = 0.0


class Supervisor:
    """One tree over one home. Use it from the main thread; `wanted_stop` may be set from anywhere."""

    def __init__(self, servers: Servers, children: Sequence[Child], *, say: Callable[[str], None] = print) -> None:
        self._servers = servers
        self._slots = [_Slot(child) for child in children]
        self._say = say
        self._logs = servers.home / "logs"
        self._guardian: subprocess.Popen[bytes] | None = None
        self._pipe: IO[bytes] | None = None
        self._next_look = 0.0
        self.wanted_stop = False

    def run(self, *, each_turn: Callable[[], None] = lambda: None) -> None:
        """Start everything and keep it running until a signal or `wanted_stop`; then stop everything."""
        self._logs.mkdir(parents=True, exist_ok=True)
        before = {number: signal.signal(number, self._on_signal) for number in _SIGNALS}
        try:
            self._start_guardian()
            while not self.wanted_stop:
                self._turn()
                each_turn()
                time.sleep(0.1)
        finally:
            try:
                self.stop()
            finally:
                for number, handler in before.items():
                    signal.signal(number, handler)

    def stop(self) -> None:
        """End every child with its group, then the embedded servers if nobody else uses them."""
        self.wanted_stop = True
        running = [slot.process for slot in self._slots if slot.process is not None]
        end_groups([process.pid for process in running], reap=running)
        self._servers.leave()
        if self._pipe is not None:
            self._pipe.close()
        if self._guardian is not None:
            self._guardian.wait()  # it stops the servers
            self._guardian = None

    def _on_signal(self, number: int, frame: object) -> None:
        self.wanted_stop = True

    def _turn(self) -> None:
        now = time.monotonic()
        for slot in self._slots:
            if slot.process is not None and slot.process.poll() is not None:
                self._bury(slot, now)
            if slot.process is None and now >= slot.restart_at and not self.wanted_stop:
                self._spawn(slot, now)
        if now >= self._next_look:
            self._next_look = now + 3
            self._look_around()

    def _look_around(self) -> None:
        if self._guardian is not None and self._guardian.poll() is not None:
            self._start_guardian()
        for name in self._servers.missing():
            self._say(f"{name} is gone; starting it again")
            try:
                self._servers.ensure_running()
            except Exception as error:  # whatever it is, the next look tries again
                self._say(f"{name} does not start: {error}")
        for slot in self._slots:
            rotate(self._logs / f"{slot.child.name}.log", _LOG_BYTES)

    def _spawn(self, slot: _Slot, now: float) -> None:
        path = self._logs / f"{slot.child.name}.log"
        parent = os.getpid()
        with path.open("ab") as log:
            slot.process = subprocess.Popen(
                slot.child.command,
                env=dict(slot.child.environment),
                cwd=PROJECT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=lambda: _die_with(parent),
            )
        slot.started = now
        self._tell("+", slot.process.pid)

    def _bury(self, slot: _Slot, now: float) -> None:
        assert slot.process is not None
        code, pid = slot.process.returncode, slot.process.pid
        end_groups([pid])  # grandchildren that outlived it
        self._tell("-", pid)
        slot.failures = 0 if now - slot.started > _HEALTHY_SECONDS else slot.failures + 1
        delay = _BACKOFF_SECONDS[min(slot.failures, len(_BACKOFF_SECONDS) - 1)]
        slot.process, slot.restart_at = None, now + delay
        self._say(f"{slot.child.name} ended with code {code}; again in {delay} s (logs/{slot.child.name}.log)")

    def _start_guardian(self) -> None:
        if self._pipe is not None:
            self._pipe.close()
        self._guardian = subprocess.Popen(
            [sys.executable, "-m", "saas.runtime.guardian", str(self._servers.home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=(self._logs / "guardian.log").open("ab"),
            cwd=PROJECT,
            start_new_session=True,
        )
        self._pipe = self._guardian.stdin
        for slot in self._slots:
            if slot.process is not None:
                self._tell("+", slot.process.pid)

    def _tell(self, sign: str, pid: int) -> None:
        assert self._pipe is not None
        try:
            self._pipe.write(f"{sign}{pid}\n".encode())
            self._pipe.flush()
        except OSError:
            self._say("the guardian process is gone; starting another")
            self._next_look = 0.0


def end_groups(pids: Sequence[int], *, reap: Sequence[subprocess.Popen[bytes]] = ()) -> None:
    """SIGTERM to each group's leader, which ends its own; SIGKILL to whole groups still there after STOP_SECONDS.

    A worker's pool would lose its tasks to a SIGTERM of its own, so only a group without a leader gets one.
    """
    for pid in pids:
        if _group_lives(pid):
            _signal(os.kill, pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    orphaned: set[int] = set()
    while True:
        for process in reap:
            process.poll()
        left = [pid for pid in pids if _group_lives(pid)]
        if not left:
            return
        for pid in left:
            if time.monotonic() > deadline:
                _signal(os.killpg, pid, signal.SIGKILL)
            elif pid not in orphaned and not _lives(pid):
                orphaned.add(pid)
                _signal(os.killpg, pid, signal.SIGTERM)
        time.sleep(0.05)


def rotate(path: Path, limit: int) -> None:
    """Move a log's text to `<name>.1` once it is longer than `limit` bytes; whoever writes it goes on in the same file."""
    if path.exists() and path.stat().st_size > limit:
        shutil.copyfile(path, path.with_name(path.name + ".1"))
        os.truncate(path, 0)


def _signal(send: Callable[[int, int], None], pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        send(pid, number)


def _lives(pid: int) -> bool:
    return _state_and_group(Path(f"/proc/{pid}"))[0] not in ("Z", "")


def _group_lives(group: int) -> bool:
    entries = (entry for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return any(
        state != "Z" and process_group == group for state, process_group in map(_state_and_group, entries) if state
    )


def _state_and_group(entry: Path) -> tuple[str, int]:
    """State letter and process group of a process; empty and 0 when it is gone."""
    try:
        state, _, group = (entry / "stat").read_text().rsplit(")", 1)[1].split()[:3]
    except (OSError, ValueError, IndexError):
        return "", 0
    return state, int(group)


def _die_with(parent: int) -> None:
    """In the child, before exec: get SIGTERM when the supervisor dies."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os._exit(1)
