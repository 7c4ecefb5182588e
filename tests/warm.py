"""A process that has Django ready and forks for each command: a start costs a fork, not seconds of imports.

`Warm(environment).start(["-m", "module", …])` is as good as `python -m module …` in that environment: a process of its own in
a group of its own, with its own output, that nothing was connected in before; `-c` takes code. It can be killed like any.
The forking process itself, `python -m tests.warm`, ends with the socket to the tests.
"""

import atexit
import contextlib
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterable, Mapping, Sequence
from typing import IO, NoReturn

from saas.runtime.paths import PROJECT

_MESSAGE = 1_000_000  # bytes of the longest command


class Process:
    """A forked command, in the manner of subprocess.Popen."""

    def __init__(self, warm: "Warm", args: Sequence[str], pid: int, stdout: IO[str] | None) -> None:
        self.args, self.pid, self.stdout = list(args), pid, stdout
        self.returncode: int | None = None
        self._warm = warm

    def poll(self) -> int | None:
        """The exit code, or None while it runs."""
        self.returncode = self._warm.ended(self.pid)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """The exit code once it has ended. Raises subprocess.TimeoutExpired."""
        end = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            left = None if end is None else end - time.monotonic()
            if left is not None and left <= 0:
                raise subprocess.TimeoutExpired(self.args, timeout or 0)
            self._warm.listen(left)
        return code

    def terminate(self) -> None:
        """SIGTERM, if it still runs."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGTERM)


class Warm:
    """The forking process of an environment; it is begun with the first command. `modules` are imported before any fork."""

    def __init__(self, environment: Mapping[str, str], *, modules: Iterable[str] = ()) -> None:
        self._environment, self._modules = dict(environment), list(modules)
        self._socket: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._codes: dict[int, int] = {}
        self._begun: list[int] = []
        self._unread = b""

    def begin(self) -> None:
        """Start it without waiting until it is ready."""
        if self._process is None:
            self._socket, theirs = socket.socketpair()
            command = [sys.executable, "-m", "tests.warm", str(theirs.fileno()), *self._modules]
            self._process = subprocess.Popen(
                command, env=self._environment, cwd=PROJECT, pass_fds=[theirs.fileno()], start_new_session=True
            )
            theirs.close()

    def start(
        self, command: Sequence[str], *, out: int, err: int, without: Iterable[str] = (), stdout: IO[str] | None = None
    ) -> Process:
        """Fork `-m module …` or `-c code …` with the given output, its environment lacking the names of `without`."""
        self.begin()
        assert self._socket is not None
        told = json.dumps({"command": list(command), "without": list(without)}).encode()
        socket.send_fds(self._socket, [len(told).to_bytes(4, "big")], [out, err])
        self._socket.sendall(told)
        while not self._begun:
            self.listen(None)
        return Process(self, command, self._begun.pop(), stdout)

    def pipe(self, command: Sequence[str]) -> Process:
        """Fork a command whose output is read line by line from `stdout`."""
        reading, writing = os.pipe()
        try:
            return self.start(command, out=writing, err=2, stdout=os.fdopen(reading))
        finally:
            os.close(writing)

    def run(self, command: Sequence[str]) -> "subprocess.CompletedProcess[str]":
        """Fork a command and wait for its end; its output and errors are text."""
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
            code = self.start(command, out=out.fileno(), err=err.fileno()).wait()
            out.seek(0), err.seek(0)
            return subprocess.CompletedProcess(list(command), code, out.read(), err.read())

    def ended(self, pid: int) -> int | None:
        """The exit code of a fork, or None while it runs."""
        self.listen(0)
        return self._codes.get(pid)

    def listen(self, seconds: float | None) -> None:
        """Hear what the forking process tells, for as long at most. Raises RuntimeError when it is gone."""
        assert self._socket is not None
        if not select.select([self._socket], [], [], seconds)[0]:
            return
        data = self._socket.recv(65536)
        if not data:
            raise RuntimeError("the forking process is gone")
        *lines, self._unread = (self._unread + data).split(b"\n")
        for line in lines:
            what, pid, code = line.split()
            if what == b"begun":
                self._begun.append(int(pid))
            else:
                self._codes[int(pid)] = int(code)

    def close(self) -> None:
        """End the forking process; what it forked lives on."""
        if self._process is not None and self._socket is not None:
            self._socket.close()
            self._process.wait(timeout=60)
            self._process = self._socket = None


def main() -> None:
    """Prepare, then fork for each command until the socket closes."""
    control = socket.socket(fileno=int(sys.argv[1]))
    import django

    django.setup()
    for name in sys.argv[2:]:
        importlib.import_module(name)
    gc.freeze()
    woken, waker = os.pipe()
    for end in (woken, waker):
        os.set_blocking(end, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(waker)
    while True:
        ready = select.select([control, woken], [], [])[0]
        if woken in ready:
            os.read(woken, 4096)
            _report(control)
        if control in ready:
            head, descriptors, _, _ = socket.recv_fds(control, 4, 2)
            if not head:
                return
            told = json.loads(_exactly(control, int.from_bytes(head, "big")))
            if (pid := os.fork()) == 0:
                control.close()
                _become(told, descriptors)
            _lead(pid)
            for one in descriptors:
                os.close(one)
            control.sendall(f"begun {pid} 0\n".encode())


def _exactly(control: socket.socket, count: int) -> bytes:
    assert count < _MESSAGE
    data = b""
    while len(data) < count:
        data += control.recv(count - len(data))
    return data


def _report(control: socket.socket) -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        with contextlib.suppress(OSError):  # nobody listens any more
            control.sendall(f"ended {pid} {os.waitstatus_to_exitcode(status)}\n".encode())


def _lead(pid: int) -> None:
    """A fork leads a group of its own before anybody hears of it: a test may kill it with all that it starts."""
    with contextlib.suppress(OSError):
        os.setpgid(pid, pid)


def _become(told: Mapping[str, Sequence[str]], descriptors: Sequence[int]) -> NoReturn:
    """In the fork: be the command, to its end."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _lead(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (descriptors[0], 1), (descriptors[1], 2)):
        os.dup2(source, target)
    for one in (nothing, *descriptors):
        os.close(one)
    for name in told["without"]:
        os.environ.pop(name, None)
    how, what, *rest = told["command"]
    code = 1
    try:
        sys.argv = [what if how == "-m" else how, *rest]
        if how == "-m":
            runpy.run_module(what, run_name="__main__", alter_sys=True)
        else:
            exec(compile(what, "<string>", "exec"), {"__name__": "__main__"})
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(BaseException):
            atexit._run_exitfuncs()
        sys.stdout.flush(), sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
