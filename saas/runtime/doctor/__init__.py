"""`mall doctor`: looks at the machine, the servers and the data, and names what is wrong with its mend."""

from collections.abc import Callable, Iterator
from pathlib import Path

from saas.runtime.doctor import data, machine, servers
from saas.runtime.doctor.faults import FAULTS, Finding

Check = Callable[[Path], Iterator[Finding]]
# In order: a later one may need what an earlier one found in order.
MACHINE: tuple[Check, ...] = (
    machine.python_version,
    machine.installed_packages,
    machine.account,
    machine.home_folder,
    machine.socket_folder,
    machine.disk_and_memory,
    machine.ports,
    machine.browser_and_fonts,
    machine.paper,
    machine.secret_files,
    machine.generated_files,
)
SERVERS: tuple[Check, ...] = (servers.addresses, servers.postgres, servers.redis)
DATA: tuple[Check, ...] = (data.migrations, data.template, data.clock, data.bus, data.processes)


def examine(home: Path, say: Callable[[str], None]) -> list[Finding]:
    """Every finding, worst first. When the servers do not run, what lies in them is not looked at."""
    found: list[Finding] = []
    for check in MACHINE:
        say(check.__name__.replace("_", " "))
        found += check(home)
    if not any(finding.is_fatal for finding in found):
        for check in SERVERS:
            say(check.__name__.replace("_", " "))
            found += check(home)
        if not any(finding.is_fatal for finding in found):
            found += servers.with_servers(home, DATA, say)
    return sorted(found, key=lambda finding: not finding.is_fatal)


__all__ = ["FAULTS", "Finding", "examine"]
