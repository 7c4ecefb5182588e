"""What runs: the processes of an installation, each with its command, role and environment (STACK 5 and 6)."""

import importlib.util
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from saas.runtime.environment import process_environment
from saas.runtime.paths import PROJECT, free_port

PREFERRED_PORTS = {"control": 8000, "cell": 8100, "sandbox": 8300}
SANDBOX_MODULE = "tenant_apps.payments.sandbox"
COURIER_SANDBOX_MODULE = "tenant_apps.courier.sandbox"
DELIVERER_MODULE = "saas.config.deliverer"
RELAY_MODULE = "saas.messaging.relay"


@dataclass(frozen=True)
class Child:
    """One process of the tree. `port` is where it answers, if it serves."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    port: int | None = None


@dataclass(frozen=True)
class Ports:
    """Where the servers of an installation listen."""

    host: str
    control: int
    cell: int
    sandbox: int
    courier: int = 0  # the courier service's sandbox

    def addresses(self) -> dict[str, str]:
        """The settings by which the roles know each other's addresses, where the caller has not set them."""
        return {
            "CONTROL_ORIGIN": f"http://localhost:{self.control}",
            "MALL_PORT": str(self.cell),
            "CELL_INTERNAL_ORIGIN": f"http://127.0.0.1:{self.cell}",
            "SANDBOX_ORIGIN": f"http://127.0.0.1:{self.sandbox}",
            "COURIER_SANDBOX_ORIGIN": f"http://127.0.0.1:{self.courier}",
        }


def choose_ports(host: str = "127.0.0.1", wanted: Mapping[str, int] | None = None) -> Ports:
    """The preferred ports, or the next free ones."""
    chosen: dict[str, int] = {}
    for name, preferred in {**PREFERRED_PORTS, **(wanted or {})}.items():
        chosen[name] = free_port(preferred, host=host, taken=frozenset(chosen.values()))
    chosen["courier"] = free_port(chosen["sandbox"] + 20, host="127.0.0.1", taken=frozenset(chosen.values()))
    return Ports(host=host, **chosen)


def is_importable(module: str) -> bool:
    """Whether a module can be run with `python -m`: a part that this installation does not have is left out."""
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def tree(home: Path, ports: Ports, *, sandbox: bool = True) -> list[Child]:
    """Every process of an installation, in the order in which they are started."""
    extra = {**ports.addresses(), "PYTHONUNBUFFERED": "1"}
    roles = {role: process_environment(role, home, extra) for role in ("control", "cell", "relay")}
    provisioning = process_environment("cell", home, extra, owner=True)
    children = [
        Child("web-control", _web(ports.host, ports.control, workers=1), roles["control"], ports.control),
        Child("web-cell", _web(ports.host, ports.cell, workers=2), roles["cell"], ports.cell),
        Child("worker-control", _worker("control", concurrency=1), roles["control"]),
        Child("worker-cell", _worker("cell", concurrency=2), provisioning),
        Child("deliverer", (sys.executable, "-m", DELIVERER_MODULE), roles["cell"]),
        Child("beat-control", _beat(home, "control"), roles["control"]),
        Child("beat-cell", _beat(home, "cell"), roles["cell"]),
    ]
    if is_importable(RELAY_MODULE):
        children.append(Child("relay", (sys.executable, "-m", RELAY_MODULE), roles["relay"]))
    if sandbox and is_importable(SANDBOX_MODULE):
        command = (sys.executable, "-m", SANDBOX_MODULE, "--port", str(ports.sandbox), "--home", str(home / "sandbox"))
        children.append(Child("sandbox", command, roles["cell"], ports.sandbox))
    if sandbox and ports.courier and is_importable(COURIER_SANDBOX_MODULE):
        serve = (sys.executable, "-m", COURIER_SANDBOX_MODULE, "--port", str(ports.courier))
        children.append(Child("courier-sandbox", serve, roles["cell"], ports.courier))
    return children


def _web(host: str, port: int, *, workers: int) -> tuple[str, ...]:
    return (
        sys.executable, "-m", "granian", "--interface", "wsgi",
        "--host", host, "--port", str(port), "--no-ws",
        "--workers", str(workers), "--blocking-threads", "4",
        "--respawn-failed-workers", "--workers-kill-timeout", "10",
        "--working-dir", str(PROJECT), "saas.config.wsgi:application",
    )  # fmt: skip


def _worker(name: str, *, concurrency: int) -> tuple[str, ...]:
    return (
        sys.executable, "-m", "celery", "-A", "saas.config.celery", "worker",
        "--pool", "prefork", "--concurrency", str(concurrency), "--hostname", f"{name}@%h",
        "--without-gossip", "--without-mingle", "--loglevel", "INFO",
    )  # fmt: skip


def _beat(home: Path, name: str) -> tuple[str, ...]:
    return (
        sys.executable, "-m", "celery", "-A", "saas.config.celery", "beat", "--pidfile", "",
        "--schedule", str(home / f"beat-{name}"), "--loglevel", "WARNING",
    )  # fmt: skip
