"""`mall backup | restore | restore-drill | export | import`: what leaves and enters an installation as files."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from saas.runtime import paths
from saas.runtime.call import CallRefused, call
from saas.runtime.servers import using_servers

_CELL, _CONTROL = "saas.runtime.inside_lifecycle_cell", "saas.runtime.inside_lifecycle_control"
ReasonOption = Annotated[str, typer.Option(help="Kept in the audit trail.")]


def add_commands(app: typer.Typer, console: Console, readable_failures: Any) -> None:
    """Add them to the `mall` command."""

    @app.command("backup")
    def backup(
        mall: Annotated[str, typer.Argument(help="ULID or subdomain; `all` for every mall of this cell.")],
        reason: ReasonOption = "from the terminal",
    ) -> None:
        """Back a mall up now: its schema, its registry facts, what waits in it and the list of its pictures."""
        with readable_failures(), using_servers(paths.home()), console.status("saving"):
            done = call("cell", f"{_CELL}.back_up", paths.home(), migrating=False, mall=mall, reason=reason)
        for one in done:
            console.print(
                f"[green]✓[/] {one['mall']}: backup {one['ulid']}, {one['size'] / 1e6:.1f} MB, {one['rows']} rows"
            )
            console.print(f"    {escape(one['name'])}  sha256 {one['sha256']}")

    @app.command("restore")
    def restore(
        file: Annotated[str, typer.Argument(help="A backup's ULID, or the path of a backup file.")],
        name: Annotated[str, typer.Option("--as", help="Subdomain of the mall that is made; nobody may have it.")],
        title: Annotated[str, typer.Option(help="Name of the new mall.")] = "",
        opening: Annotated[bool, typer.Option("--open", help="Open the mall at once instead of holding it.")] = False,
        reason: ReasonOption = "from the terminal",
    ) -> None:
        """Make a mall of another name from a backup, with the workers running. It never touches a mall that is there."""
        home = paths.home()
        with readable_failures(), using_servers(home), console.status("restoring") as status:
            source = call(
                "cell", f"{_CELL}.take_in_backup", home, file=str(Path(file).resolve()) if Path(file).exists() else file
            )
            run = call(
                "control", f"{_CONTROL}.restore", home, progress=lambda line: status.update(line),
                mall=source["mall"], backup=source["ulid"], subdomain=name, name=title or source["title"], reason=reason,
                opening=opening,
            )  # fmt: skip
        _show(console, run)

    @app.command("restore-drill")
    def restore_drill(mall: Annotated[str, typer.Argument(help="ULID or subdomain; `all` for every mall.")]) -> None:
        """Prove the newest backup: restore it beside its mall, compare every table, recompute the book, drop it."""
        with readable_failures(), using_servers(paths.home()), console.status("proving"):
            done = call("cell", f"{_CELL}.drill", paths.home(), mall=mall)
        for one in done:
            sign = "[green]✓[/]" if one["passed"] else "[red]✗[/]"
            console.print(f"{sign} {one['mall']}: {escape(str(one['report']))}")
        raise typer.Exit(0 if all(one["passed"] for one in done) else 1)

    @app.command("export")
    def export(
        mall: Annotated[str, typer.Argument(help="ULID or subdomain.")],
        target: Annotated[Path, typer.Argument(help="The file to write.")],
        reason: ReasonOption = "from the terminal",
    ) -> None:
        """Write everything of a mall into one file, with the workers running."""
        home = paths.home()
        with readable_failures(), using_servers(home), console.status("exporting") as status:
            run = call(
                "control",
                f"{_CONTROL}.export",
                home,
                progress=lambda line: status.update(line),
                mall=mall,
                reason=reason,
            )
            if run["state"] == "succeeded":
                call("cell", f"{_CELL}.hand_out", home, mall=run["mall"], run=run["run"], target=str(target.resolve()))
        _show(console, run)

    @app.command("import")
    def import_mall(
        file: Annotated[Path, typer.Argument(help="An export of another installation.")],
        subdomain: Annotated[str, typer.Option(help="Of the mall that is made.")],
        owner: Annotated[str, typer.Option(help="The owner's mobile number or e-mail address.")],
        title: Annotated[str, typer.Option(help="Name of the mall; the file's without it.")] = "",
        plan: Annotated[str, typer.Option(help="Plan code; the first of the price list without it.")] = "",
        dry_run: Annotated[
            bool, typer.Option("--dry-run", help="Only say what would be made and what differs.")
        ] = False,
        opening: Annotated[bool, typer.Option("--open", help="Open the mall at once instead of holding it.")] = False,
    ) -> None:
        """Make a mall of an export through the real pipeline, with the workers running. What is damaged or of another
        release is refused by name and leaves nothing."""
        home = paths.home()
        with readable_failures(), using_servers(home):
            found = call("cell", f"{_CELL}.look_into", home, file=str(file.resolve()))
            told = call(
                "control", f"{_CONTROL}.differences", home, subdomain=subdomain, plan=plan,
                entitlements=found["entitlements"], counts=found["counts"],
            )  # fmt: skip
            for line in [*found["lines"], *told["lines"]]:
                console.print(f"  {escape(line)}")
            if problems := [*found["problems"], *told["problems"]]:
                raise CallRefused("; ".join(problems))
            if dry_run:
                console.print("nothing was made")
                return
            with console.status("importing") as status:
                staged = call("cell", f"{_CELL}.stage", home, file=str(file.resolve()))
                run = call(
                    "control", f"{_CONTROL}.import_mall", home, progress=lambda line: status.update(line),
                    staged=staged, name=title or found["title"], subdomain=subdomain, owner=owner, plan=plan, opening=opening,
                )  # fmt: skip
                call("cell", f"{_CELL}.forget_arrival", home, file=staged["file"])
        _show(console, run)

    def _show(console: Console, run: dict[str, Any]) -> None:
        console.print(f"run {run['run']} {run['state']} after {run['seconds'] or 0:.1f} s {escape(run['log'])}")
        if run["state"] == "succeeded":
            console.print(f"[green]✓[/] {run['host']}")
        raise typer.Exit(0 if run["state"] == "succeeded" else 1)
