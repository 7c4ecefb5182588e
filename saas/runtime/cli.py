"""The `mall` command: every task of running an installation, from a terminal."""

import subprocess
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from saas.runtime import environment, paths, session
from saas.runtime.call import CallFailed, CallRefused
from saas.runtime.doctor import FAULTS, examine
from saas.runtime.postgres import PostgresFailed
from saas.runtime.prepare import OwnerUrlMissing
from saas.runtime.processes import Ports
from saas.runtime.redis import RedisFailed
from saas.runtime.servers import using_servers
from saas.runtime.supervisor import AlreadyRunning

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Mallwright: run, check and measure an installation."
)
console = Console(highlight=False)
EXPECTED = (
    AlreadyRunning,
    CallFailed,
    CallRefused,
    OwnerUrlMissing,
    PostgresFailed,
    RedisFailed,
    environment.PartlyExternal,
    paths.UnsafeFolder,
    session.NotAnswering,
    PermissionError,
)

HostOption = Annotated[str, typer.Option(help="The address to listen on.")]
PortOption = Annotated[int, typer.Option(help="The first port to try; the next free one is taken.")]


@app.command()
def up(
    host: HostOption = "127.0.0.1",
    control_port: PortOption = 8000,
    cell_port: PortOption = 8100,
    sandbox_port: PortOption = 8300,
    sandbox: Annotated[bool, typer.Option(help="Run the sandbox of the payment channels.")] = True,
) -> None:
    """Prepare and run the installation of MALL_HOME until Ctrl-C."""

    def show(ports: Ports) -> bool:
        print_addresses(ports)
        return True

    wanted = {"control": control_port, "cell": cell_port, "sandbox": sandbox_port}
    with readable_failures():
        code = session.run(paths.home(), console, wanted=wanted, host=host, sandbox=sandbox, work=show)
    raise typer.Exit(code)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def django(context: typer.Context, role: Annotated[str, typer.Argument(help="control, cell or relay")]) -> None:
    """Run a Django command in a role: `mall django cell shell`."""
    if role not in environment.ROLES:
        raise typer.BadParameter(f"{role!r} is none of {', '.join(environment.ROLES)}")
    with readable_failures(), using_servers(paths.home()):
        values = environment.process_environment(role, paths.home(), owner=True)
        code = subprocess.call([sys.executable, "-m", "django", *context.args], env=values, cwd=paths.PROJECT)
    raise typer.Exit(code)


@app.command()
def doctor() -> None:
    """Look for known faults of the machine, the servers and the data; name each with its mend."""
    home = paths.home()
    with readable_failures(), console.status("looking") as status:
        found = examine(home, lambda what: status.update(f"looking at {what}"))
    for finding in found:
        sign = "[red]✗[/]" if finding.is_fatal else "[yellow]![/]"
        console.print(f"{sign} [bold]{finding.code}[/]  {finding.fault.title}: {escape(finding.detail)}")
        console.print(f"    mend: {finding.fault.mend}")
    fatal = sum(finding.is_fatal for finding in found)
    console.print(
        f"{fatal} faults, {len(found) - fatal} warnings; {len(FAULTS)} are known. Folder: {home}. "
        "See docs/troubleshooting.md."
    )
    raise typer.Exit(1 if fatal else 0)


class readable_failures:
    """An expected failure becomes its own words and exit code 1; anything else keeps its traceback."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, EXPECTED):
            console.print(f"[red]✗[/] {escape(str(error))}")
            console.print("  `mall doctor` names the fault and its mend.")
            raise typer.Exit(1)


def print_addresses(ports: Ports) -> None:
    """Where the sites are."""
    console.print()
    console.print(f"  platform   [bold]http://localhost:{ports.control}/[/]")
    console.print(f"  malls      [bold]http://<subdomain>.localhost:{ports.cell}/[/]")
    console.print(f"  logs       {paths.home() / 'logs'}")
    console.print("  Ctrl-C stops everything.")
    console.print()
