"""The demo: two malls made by the real pipeline and filled with believable goods, members and orders."""

import json
import os
import shutil
import webbrowser
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from saas.runtime.call import call
from saas.runtime.processes import Ports, is_importable

OPERATOR = ("operator@mallwright.demo", "operator-demo-1")
PASSWORD = "mallwright-demo-1"
STATE_FILE = "demo.json"
# Seeds run inside each mall in this order, if the installation has them: `seed(*, kind, owner, password, now, tell)`.
SEED_MODULES = ("saas.runtime.demo_seed", "saas.runtime.demo_sellers")


@dataclass(frozen=True)
class DemoMall:
    """One of the demo's malls: `kind` tells the seeds which goods to put in."""

    kind: str
    name: str
    subdomain: str
    company: str
    owner: str


MALLS = (
    DemoMall("grocery", "青禾鲜选", "qinghe", "青禾优选(杭州)农业科技有限公司", "13800000001"),
    DemoMall("beauty", "芍药之颜", "shaoyao", "芍药之颜(上海)化妆品有限公司", "13800000002"),
)


def provision_and_seed(home: Path, ports: Ports, console: Console) -> list[dict[str, Any]]:
    """Make what is missing of the demo; what is there already is left alone. Facts of each mall."""
    state = _read(home)
    if not state.get("operator"):
        email, password = OPERATOR
        if not call("control", "saas.runtime.inside_control.has_operator", home, email=email):
            call(
                "control",
                "saas.runtime.inside_control.add_operator",
                home,
                email=email,
                password=password,
                name="Operator",
            )
        state["operator"] = email
        _write(home, state)
    for mall in MALLS:
        if not state.get(mall.kind, {}).get("seeded"):
            state[mall.kind] = _make(home, ports, mall, console)
            _write(home, state)
    return [
        {
            **state[mall.kind],
            "preview": call("cell", "saas.runtime.inside_cell.preview_token", home, mall=state[mall.kind]["mall"]),
        }
        for mall in MALLS
    ]


def _make(home: Path, ports: Ports, mall: DemoMall, console: Console) -> dict[str, Any]:
    with console.status(f"{mall.name}: provisioning") as status:
        tell: Callable[[str], None] = lambda line: status.update(f"{mall.name}: {line}")  # noqa: E731
        run = call(
            "control",
            "saas.runtime.inside_control.open_mall",
            home,
            extra=ports.addresses(),
            progress=tell,
            key=f"demo:{mall.kind}",
            name=mall.name,
            subdomain=mall.subdomain,
            owner=mall.owner,
            password=PASSWORD,
            company=mall.company,
        )
        if run["state"] != "succeeded":
            raise RuntimeError(f"{mall.name}: the run {run['run']} {run['state']}: {run['log']}")
        console.print(f"[green]✓[/] {mall.name}: mall ready in {run['seconds']:.1f} s")
        call(
            "cell",
            "saas.runtime.inside_cell.set_password",
            home,
            mall=run["mall"],
            owner=mall.owner,
            password=PASSWORD,
        )
        facts: dict[str, Any] = {**run, "name": mall.name, "kind": mall.kind, "logins": []}
        for module in SEED_MODULES:
            if is_importable(module):
                answer = call(
                    "cell",
                    "saas.runtime.inside_cell.seed_mall",
                    home,
                    extra=ports.addresses(),
                    progress=tell,
                    mall=run["mall"],
                    seed=f"{module}.seed",
                    kind=mall.kind,
                    owner=mall.owner,
                    password=PASSWORD,
                )
                facts["logins"] += (answer or {}).get("logins", [])
                console.print(f"[green]✓[/] {mall.name}: {module.split('.')[-1]} filled")
    return {**facts, "seeded": True}


def show(malls: list[dict[str, Any]], ports: Ports, console: Console) -> None:
    """Print the addresses and who can sign in where; open the first storefront on a machine with a screen."""
    control = f"http://localhost:{ports.control}"
    console.print("\n[bold]Mallwright demo[/]")
    _line(console, "platform", f"{control}/")
    _line(console, "console of the operators", f"{control}/console/", *OPERATOR)
    for mall, demo in zip(malls, MALLS, strict=True):
        origin = f"http://{mall['host']}:{ports.cell}"
        console.print(f"[bold]{mall['name']}[/]")
        _line(console, "storefront", f"{origin}/?preview={mall['preview']}")
        _line(console, "backoffice", f"{origin}/backoffice/", demo.owner, PASSWORD)
        _line(console, "the vendor's account", f"{control}/account/", demo.owner, PASSWORD)
        for login in mall["logins"]:
            _line(console, str(login.get("what", "member")), f"{origin}/auth/login/", login["login"], login["password"])
    console.print(
        "The malls rehearse: a browser that opened the storefront's link sees them, strangers read “opening soon”.\n"
        "Codes sent by SMS or e-mail are shown in the mailbox page, at /_mailbox on each site. Ctrl-C stops everything."
    )
    if os.environ.get("DISPLAY") and console.is_terminal and shutil.which("xdg-open"):
        webbrowser.open(f"http://{malls[0]['host']}:{ports.cell}/?preview={malls[0]['preview']}")


def _line(console: Console, what: str, address: str, *login: str) -> None:
    console.print(f"  {what:<36}{address:<44}{'  /  '.join(login)}", soft_wrap=True)


def _read(home: Path) -> dict[str, Any]:
    try:
        return dict(json.loads((home / STATE_FILE).read_text()))
    except (OSError, ValueError):
        return {}


def _write(home: Path, state: dict[str, Any]) -> None:
    (home / STATE_FILE).write_text(json.dumps(state, ensure_ascii=False, indent=1))
