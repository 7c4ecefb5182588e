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
from tests.journeys.conftest import Installation, own_environment, ready

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


def walk(installation: Installation, elsewhere: Installation, subdomain: str, *, beside: str = "lookback") -> None:
    """Export, dry run, import; backup, restore under another name, drill: orders, book and storefront are the same."""
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
    elsewhere.run(*asked, "--open")
    assert book(elsewhere, "movedin") == before
    assert shelf(elsewhere, "movedin") == shown
    with zipfile.ZipFile(file) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    ulid = malls(elsewhere)["movedin"][0]
    assert ulid != malls(installation)[subdomain][0] == manifest["mall"]["ulid"]
    assert "2 books, 0 unsound" in elsewhere.run("ledger", "check")
    file.unlink()
