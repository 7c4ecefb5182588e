"""Taking a mall along: its export into a second installation, and a backup of it beside it, agree with it to the fen."""

import functools
import json
import re
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg

from saas.runtime.paths import PROJECT
from saas.runtime.postgres import Postgres
from tests.journeys.conftest import Installation, Person, own_environment, ready

OPERATOR, PASSWORD = "ops-elsewhere@example.test", "rice-Terrace-71"
_ORDERS = 'SELECT ulid, state, total_amount FROM "{0}".orders_order ORDER BY ulid'
_BALANCE = (
    'SELECT a.code, a.asset, sum(p.amount) FROM "{0}".ledger_posting p'
    ' JOIN "{0}".ledger_account a ON a.id = p.account_id GROUP BY 1, 2 ORDER BY 1, 2'
)
_PREVIEW = "from saas.runtime import call, paths; print(call.call('cell', 'saas.runtime.inside_cell.preview_token', paths.home(), mall={!r}))"


@dataclass(frozen=True)
class Book:
    """What must be the same on both sides."""

    orders: list[tuple[Any, ...]]
    balance: list[tuple[Any, ...]]


def malls(installation: Installation) -> dict[str, tuple[str, str, str]]:
    """ULID, schema and state of each mall of an installation, by subdomain; read from the tables themselves."""
    with psycopg.connect(Postgres(installation.home).url("cell_c1", "mallwright_owner")) as connection:
        rows = connection.execute(
            "SELECT d.domain, m.ulid, m.schema_name, m.state FROM malls_mall m JOIN malls_domain d ON d.tenant_id = m.id"
        ).fetchall()
    return {domain.partition(".")[0]: (ulid, schema, state) for domain, ulid, schema, state in rows}


def book(installation: Installation, subdomain: str) -> Book:
    """Orders and the trial balance, account by account."""
    schema = malls(installation)[subdomain][1]
    with psycopg.connect(Postgres(installation.home).url("cell_c1", "mallwright_owner")) as connection:
        orders = connection.execute(_ORDERS.format(schema)).fetchall()
        return Book(orders, connection.execute(_BALANCE.format(schema)).fetchall())


def preview_token(installation: Installation, subdomain: str) -> str:
    """What the address of a mall in rehearsal has to carry once, for a browser to be let in."""
    return _preview_token(installation.home, malls(installation)[subdomain][0])


@functools.cache
def _preview_token(home: Path, mall: str) -> str:
    asked = [sys.executable, "-c", _PREVIEW.format(mall)]
    environment = own_environment(home)
    return subprocess.run(
        asked, env=environment, cwd=PROJECT, capture_output=True, text=True, check=True
    ).stdout.strip()


def shelf(installation: Installation, subdomain: str) -> list[tuple[str, int, str]]:
    """What the storefront shows to somebody with the preview link: each product's address, answer and title."""
    token = preview_token(installation, subdomain)
    host = f"{subdomain}.localhost:{installation.cell}"
    with httpx.Client(base_url=f"http://127.0.0.1:{installation.cell}", headers={"Host": host}) as client:
        home = client.get("/", params={"preview": token})
        assert home.status_code == 200, home.text[:300]
        cookie = {"Cookie": f"preview={home.cookies['preview']}"}
        seen = []
        for address in sorted(set(re.findall(r'href="(/p/[^"?]+)"', home.text))):
            page = client.get(address, headers=cookie)
            seen.append((address, page.status_code, re.search(r"<h1[^>]*>([^<]+)", page.text).group(1).strip()))
    return seen


def sign_in(elsewhere: Installation, operator: Person) -> None:
    """The second installation's first operator comes to the page of imports."""
    elsewhere.run("operator", "add", "--email", OPERATOR, "--name", "平台运营", "--password", PASSWORD)
    page = operator.page
    page.goto(elsewhere.site("/console/imports/"))
    page.fill("[name=login]", OPERATOR)
    page.fill("[name=password]", PASSWORD)
    page.locator("form:has([name=password]) button[type=submit]").first.click()
    page.wait_for_url("**/console/imports/")


def bring_through_the_console(elsewhere: Installation, operator: Person, file: Path, subdomain: str) -> str:
    """The operators' page: bring the file, read what it holds, have the mall made by the worker, open it; its ULID."""
    sign_in(elsewhere, operator)
    page = operator.page
    operator.see("imports")
    page.set_input_files("[name=file]", file)
    page.locator("form[enctype] button").click()
    page.wait_for_selector("[name=subdomain]")
    assert page.locator(".state.failed").count() == 0
    operator.see("import-file")
    page.fill("[name=subdomain]", subdomain)
    page.fill("[name=target]", "13900000001")
    page.locator("form:has([name=subdomain]) button[type=submit]").click()
    page.wait_for_url("**/console/runs/*/")
    operator.see("import-run")
    page.wait_for_selector("section:first-of-type .state.succeeded", timeout=180_000)  # each second the page asks again
    operator.see("import-done")
    steps = page.locator("table tbody tr > td:nth-child(2) .state")
    assert steps.count() == 6
    assert steps.count() == page.locator("table tbody tr > td:nth-child(2) .state.success").count()
    ulid = page.locator("dd a[href*='/console/malls/']").get_attribute("href").strip("/").rpartition("/")[2]
    assert malls(elsewhere)[subdomain][2] == "held"
    page.goto(elsewhere.site("/console/imports/"))
    assert page.locator("a[href*='/console/imports/0']").count() == 0  # the file has served
    page.goto(elsewhere.site(f"/console/malls/{ulid}/lifecycle/"))
    page.fill("form[action$='/open'] [name=reason]", "配置已核对")
    page.locator("form[action$='/open'] button").click()
    for _ in range(120):  # until the fact has arrived in the mall's cell
        if malls(elsewhere)[subdomain][2] != "held":
            break
        page.wait_for_timeout(500)
    assert malls(elsewhere)[subdomain][2] in ("rehearsal", "active")
    assert operator.errors == []
    return ulid


def walk(
    installation: Installation,
    elsewhere: Installation,
    operator: Person,
    subdomain: str,
    *,
    beside: str = "lookback",
) -> None:
    """Export, dry run, import through the console; backup, restore under another name, drill: orders, book and storefront are the same."""
    file = Path(f"{installation.home}-export.zip")
    before, shown = book(installation, subdomain), shelf(installation, subdomain)
    assert before.orders
    assert sum(amount for _, _, amount in before.balance) == 0
    assert {status for _, status, _ in shown} == {200}

    installation.run("export", subdomain, str(file))  # while the second installation starts
    saved = installation.run("backup", subdomain)
    backup = re.search(r"backup ([0-9A-Z]{26})", saved).group(1)
    assert "✓" in installation.run("restore-drill", subdomain)
    installation.run("restore", backup, "--as", beside, "--open")
    assert book(installation, beside) == before
    assert shelf(installation, beside) == shown
    assert book(installation, subdomain) == before

    ready(elsewhere)
    assert malls(elsewhere) == {}
    asked = ("import", str(file), "--subdomain", "movedin", "--owner", "13900000001")
    told = elsewhere.run(*asked, "--dry-run")
    assert "nothing was made" in told
    assert "stays behind" in told
    assert malls(elsewhere) == {}
    made = bring_through_the_console(elsewhere, operator, file, "movedin")
    assert book(elsewhere, "movedin") == before
    assert shelf(elsewhere, "movedin") == shown
    with zipfile.ZipFile(file) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    ulid = malls(elsewhere)["movedin"][0]
    assert ulid == made
    assert ulid != malls(installation)[subdomain][0] == manifest["mall"]["ulid"]
    assert "2 books, 0 unsound" in elsewhere.run("ledger", "check")
    file.unlink()
