"""The `mall` command: every task of running an installation, from a terminal."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from saas.runtime import bench as benches
from saas.runtime import cli_lifecycle, environment, paths, session
from saas.runtime import demo as demonstration
from saas.runtime.call import CallFailed, CallRefused, call
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
operator_app = typer.Typer(no_args_is_help=True, help="Operators of the platform.")
ledger_app = typer.Typer(no_args_is_help=True, help="The books of control and of every mall.")
app.add_typer(operator_app, name="operator")
app.add_typer(ledger_app, name="ledger")
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


@app.command()
def demo(
    host: HostOption = "127.0.0.1",
    control_port: PortOption = 8000,
    cell_port: PortOption = 8100,
    sandbox_port: PortOption = 8300,
    stop: Annotated[
        bool, typer.Option("--stop", help="Stop once the demo is made (to make it ahead of time).")
    ] = False,
) -> None:
    """Run the demo: two malls with goods, members and orders, in a folder of its own; made at the first start."""
    os.environ["MALL_HOME"] = str(paths.demo_home())
    home = paths.home()

    def make(ports: Ports) -> bool:
        malls = demonstration.provision_and_seed(home, ports, console)
        demonstration.show(malls, ports, console)
        return not stop

    wanted = {"control": control_port, "cell": cell_port, "sandbox": sandbox_port}
    with readable_failures():
        code = session.run(home, console, wanted=wanted, host=host, sandbox=True, work=make)
    raise typer.Exit(code)


@app.command("new-mall")
def new_mall(
    name: Annotated[str, typer.Option(prompt="Name of the mall")],
    subdomain: Annotated[str, typer.Option(prompt="Subdomain (3 to 32 of a-z, 0-9, -)")],
    owner: Annotated[str, typer.Option(prompt="Owner's mobile number or e-mail address")],
    plan: Annotated[str, typer.Option(help="Plan code; the first of the price list without it.")] = "",
) -> None:
    """Open a mall through the real pipeline. Without a running installation one is started for as long as it takes."""
    home = paths.home()

    def make(ports: Ports) -> bool:
        with console.status("provisioning") as status:
            run = call(
                "control",
                "saas.runtime.inside_control.open_mall",
                home,
                extra=ports.addresses(),
                progress=lambda line: status.update(line),
                key=f"mall:{subdomain}",
                name=name,
                subdomain=subdomain,
                owner=owner,
                plan=plan,
            )
        if run["state"] != "succeeded":
            raise CallRefused(f"the run {run['run']} {run['state']}: {run['log']}")
        console.print(f"[green]✓[/] {name}: http://{run['host']}:{ports.cell}/ ready in {run['seconds']:.1f} s")
        return False

    with readable_failures():
        ports = session.running_ports(home)
        if ports is not None:
            make(ports)
            raise typer.Exit(0)
        code = session.run(home, console, wanted={}, host="127.0.0.1", sandbox=False, work=make)
    raise typer.Exit(code)


@operator_app.command("add")
def operator_add(
    email: Annotated[str, typer.Option(prompt="E-mail address")],
    name: Annotated[str, typer.Option(prompt="Name")],
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)],
) -> None:
    """Add an operator of the platform: the first one has nobody who could invite them."""
    with readable_failures(), using_servers(paths.home()):
        call(
            "control",
            "saas.runtime.inside_control.add_operator",
            paths.home(),
            email=email,
            password=password,
            name=name,
        )
    console.print(f"[green]✓[/] {email} can sign in at /console/")


@ledger_app.command("check")
def ledger_check() -> None:
    """Recompute every book, control's and each mall's: sums must be zero, clearing accounts empty, nothing impossible."""
    home = paths.home()
    with readable_failures(), using_servers(home), console.status("recomputing"):
        books = [{"book": "control", **call("control", "saas.runtime.inside.book_state", home)}]
        books += call("cell", "saas.runtime.inside_cell.check_ledgers", home)
    unsound = 0
    table = Table("book", "accounts", "sum", "open clearing", "faults")
    for book in books:
        bad = any(book["sums"].values()) or book["faults"]
        unsound += bool(bad)
        sums = ", ".join(f"{asset} {amount}" for asset, amount in book["sums"].items()) or "empty"
        table.add_row(book["book"], str(book["accounts"]), sums, str(len(book["uncleared"])), str(len(book["faults"])))
    console.print(table)
    for book in books:
        for line in book["faults"] + book["uncleared"]:
            console.print(f"  {escape(book['book'])}: {escape(line)}")
    console.print(f"{len(books)} books, {unsound} unsound")
    raise typer.Exit(1 if unsound else 0)


@app.command()
def rollout(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say which malls are behind.")] = False,
    retry: Annotated[str, typer.Option(help="Take up the failed malls of this rollout (its ULID).")] = "",
    reason: Annotated[str, typer.Option(help="Kept in the record.")] = "from the terminal",
) -> None:
    """Bring every mall of this cell to the migrations of the code, in waves; goes on where it was interrupted."""
    home = paths.home()
    with readable_failures(), using_servers(home):
        function = "retry_rollout" if retry else "roll_out"
        data = {"rollout": retry} if retry else {"dry": dry_run, "reason": reason}
        found = call(
            "cell", f"saas.runtime.inside_cell.{function}", home, migrating=True, progress=console.print, **data
        )
    if dry_run:
        for name, version in found["malls"]:
            console.print(f"  {name}  {version or '(no version)'}")
        console.print(f"{len(found['malls'])} malls are behind {found['version']}")
        return
    console.print(
        f"rollout {found['rollout']} {found['state']}: {found['done']} done, {found['failed']} failed,"
        f" {found['pending']} left; {escape(str(found['methods']))}"
    )
    for name, error in found["errors"]:
        console.print(f"  {name}: {escape(error)}")
    raise typer.Exit(0 if found["state"] == "succeeded" else 1)


@app.command("move")
def move_mall(
    mall: Annotated[str, typer.Argument(help="ULID or subdomain.")],
    target: Annotated[str, typer.Argument(help="The cell it goes to.")],
    way: Annotated[
        str, typer.Option(help="dump (writes are refused meanwhile) or replication (only at the end).")
    ] = "dump",
    keep_days: Annotated[int, typer.Option(help="Days for which the old copy is kept.")] = 7,
    reason: Annotated[str, typer.Option(help="Kept in the audit trail.")] = "from the terminal",
) -> None:
    """Move a mall to another cell, with the workers of both cells and their relays running."""
    home = paths.home()
    with readable_failures(), using_servers(home), console.status("moving") as status:
        run = call(
            "control", "saas.runtime.inside_control.move_mall", home, progress=lambda line: status.update(line),
            mall=mall, target=target, way=way, keep_days=keep_days, reason=reason,
        )  # fmt: skip
    console.print(f"run {run['run']} {run['state']} after {run['seconds'] or 0:.1f} s {escape(run['log'])}")
    raise typer.Exit(0 if run["state"] == "succeeded" else 1)


@app.command()
def bench(
    names: Annotated[list[str] | None, typer.Argument(help="Which ones; all without it.")] = None,
    quick: Annotated[bool, typer.Option(help="A tenth of the work, to see that it runs.")] = False,
) -> None:
    """Measure, each figure beside a floor measured in the same run."""
    chosen = names or list(benches.BENCHES)
    if unknown := sorted(set(chosen) - set(benches.BENCHES)):
        raise typer.BadParameter(f"no bench {', '.join(unknown)}; there are {', '.join(benches.BENCHES)}")
    home = paths.home().with_name(paths.home().name + "-bench")
    os.environ["MALL_HOME"] = str(home)
    missed = 0
    with readable_failures():
        for name, figure in benches.run(benches.Bench(home, console, quick), chosen):
            sign = {True: "[green]✓[/]", False: "[red]✗[/]", None: " "}[figure.is_met]
            ratio = f"{figure.ratio:.2f} × " if figure.ratio is not None else ""
            beside = f"  ({ratio}{figure.floor})" if figure.floor else ""
            aim = f"  aim: {figure.aim}" if figure.aim else ""
            console.print(f"{sign} {name:<10} {figure.what}: [bold]{figure.value:.1f} {figure.unit}[/]{beside}{aim}")
            missed += figure.is_met is False
    raise typer.Exit(1 if missed else 0)


@app.command()
def scenario(file: Annotated[str, typer.Argument(help="A JSON file; `-` reads standard input.")]) -> None:
    """Run the money rules on the facts of a file and print one JSON object; no database is touched."""
    from saas.runtime import scenario as scenarios

    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
        answer = scenarios.run(text)
    except (scenarios.ScenarioRefused, OSError, UnicodeDecodeError) as refused:
        print(" ".join(str(refused).split()), file=sys.stderr)
        raise typer.Exit(2) from None
    print(json.dumps(answer, ensure_ascii=False))


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


cli_lifecycle.add_commands(app, console, readable_failures)
