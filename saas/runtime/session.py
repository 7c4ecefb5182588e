"""One run of an installation from a terminal: servers, preparation, tree, and work to do once everything answers."""

import fcntl
import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from saas.runtime import environment
from saas.runtime.call import end_calls
from saas.runtime.prepare import arrange, prepare
from saas.runtime.processes import Child, Ports, choose_ports, tree
from saas.runtime.servers import Servers
from saas.runtime.supervisor import AlreadyRunning, Supervisor

_RUN_FILE = "running.json"
_READY_SECONDS = 120
Work = Callable[[Ports], bool]  # returns whether the tree goes on running afterwards


class NotAnswering(RuntimeError):
    """A process of the tree did not answer in time."""


def running_ports(home: Path) -> Ports | None:
    """Where the installation of `home` listens, or None if it does not run."""
    file = home / _RUN_FILE
    if not file.exists():
        return None
    with file.open("r+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return Ports(**json.loads(handle.read()))
    return None


def run(home: Path, console: Console, *, wanted: dict[str, int], host: str, sandbox: bool, work: Work) -> int:
    """Bring the installation up and keep it up until Ctrl-C or a signal, or until `work` says that it is done.

    `work` runs in a thread of its own once the web processes answer. The exit code: 0, or 1 when something failed.
    """
    started = time.monotonic()
    home.mkdir(parents=True, exist_ok=True)
    with _only_one(home) as claim:
        servers = Servers(home)
        with console.status("starting PostgreSQL and Redis"):
            servers.join()
        kind = "external servers" if environment.is_external() else "PostgreSQL and Redis: running"
        console.print(f"[green]✓[/] {kind}")
        try:
            with console.status("preparing"):
                prepare(home, lambda line: console.print(f"[green]✓[/] {line}"))
            ports = choose_ports(host, wanted)
            arrange(home, ports)
            claim(ports)
            children = tree(home, ports, sandbox=sandbox)
        except BaseException:
            servers.leave()
            servers.stop_if_unused()
            raise
        supervisor = Supervisor(servers, children, say=lambda line: console.print(f"[yellow]![/] {line}"))
        failures: list[Exception] = []
        thread = threading.Thread(
            target=_attend, args=(supervisor, children, ports, console, started, work, failures), daemon=True
        )
        supervisor.run(each_turn=lambda: None if thread.is_alive() or thread.ident else thread.start())
        end_calls()
        console.print("[green]✓[/] everything stopped")
    return 1 if failures else 0


def wait_until_answering(port: int, *, host: str = "127.0.0.1", seconds: float = _READY_SECONDS) -> None:
    """Return once a server answers HTTP on `port`. Raises NotAnswering."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        connection = http.client.HTTPConnection(host, port, timeout=20)
        try:
            connection.request("GET", "/_health", headers={"Host": "localhost"})
            if connection.getresponse().status < 500:
                return
        except OSError:
            pass
        finally:
            connection.close()
        time.sleep(0.1)
    raise NotAnswering(f"nothing answers on port {port} after {seconds:.0f} s: see the logs folder, or `mall doctor`")


@contextmanager
def _only_one(home: Path) -> Iterator[Callable[[Ports], None]]:
    with (home / _RUN_FILE).open("a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(f"this installation is running already ({home})") from None

        def claim(ports: Ports) -> None:
            handle.truncate(0)
            handle.write(json.dumps(vars(ports)))
            handle.flush()

        yield claim
        handle.truncate(0)


def _attend(
    supervisor: Supervisor,
    children: list[Child],
    ports: Ports,
    console: Console,
    started: float,
    work: Work,
    failures: list[Exception],
) -> None:
    """Wait for the servers, then do the work; a failure of either stops the tree."""
    try:
        with console.status("waiting for the first answers"):
            for child in children:
                if child.port is not None:
                    wait_until_answering(child.port)
        console.print(f"[green]✓[/] {len(children)} processes up after {time.monotonic() - started:.1f} s")
        if not work(ports):
            supervisor.wanted_stop = True
    except Exception as error:  # the main thread must learn of it, whatever it is
        if not supervisor.wanted_stop:
            console.print(f"[red]✗[/] {escape(str(error))}")
            failures.append(error)
            supervisor.wanted_stop = True
