"""The sandbox's memory: one SQLite file, one connection, one lock."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS merchant (mchid TEXT PRIMARY KEY, name TEXT, appid TEXT, app_secret TEXT, serial TEXT,
  public_key TEXT, api_key TEXT, mode TEXT, key_id INTEGER);
CREATE TABLE IF NOT EXISTS platform_key (id INTEGER PRIMARY KEY, serial TEXT UNIQUE, public_key_id TEXT,
  private_key BLOB, public_key TEXT, certificate TEXT);
CREATE TABLE IF NOT EXISTS payment (mchid TEXT, number TEXT, appid TEXT, kind TEXT, content TEXT, total INTEGER,
  currency TEXT, description TEXT, openid TEXT, notify_url TEXT, expires REAL, state TEXT DEFAULT 'NOTPAY',
  transaction_id TEXT DEFAULT '', paid_at REAL, token TEXT UNIQUE, prepay_id TEXT UNIQUE, PRIMARY KEY (mchid, number));
CREATE TABLE IF NOT EXISTS refund (mchid TEXT, number TEXT, payment_number TEXT, content TEXT, amount INTEGER,
  total INTEGER, notify_url TEXT, state TEXT, refund_id TEXT, due REAL, done_at REAL, PRIMARY KEY (mchid, number));
CREATE TABLE IF NOT EXISTS notice (id TEXT PRIMARY KEY, mchid TEXT, number TEXT, url TEXT, event TEXT, content TEXT,
  attempts INTEGER DEFAULT 0, due REAL, acknowledged INTEGER DEFAULT 0, last_status INTEGER, spoil TEXT DEFAULT '');
CREATE INDEX IF NOT EXISTS notice_due ON notice (acknowledged, due);
CREATE TABLE IF NOT EXISTS fault (mchid TEXT, name TEXT, remaining INTEGER, argument REAL, PRIMARY KEY (mchid, name));
CREATE TABLE IF NOT EXISTS login_code (code TEXT PRIMARY KEY, appid TEXT, openid TEXT);
"""


class Store:
    """Rows as dicts; every access under the one lock."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.lock = threading.RLock()
        self._database = sqlite3.connect(folder / "sandbox.sqlite3", check_same_thread=False, isolation_level=None)
        self._database.row_factory = sqlite3.Row
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=OFF")
        self._database.executescript(_SCHEMA)

    def rows(self, query: str, *values: object) -> list[dict[str, Any]]:
        """All rows of a query."""
        with self.lock:
            return [dict(row) for row in self._database.execute(query, values).fetchall()]

    def row(self, query: str, *values: object) -> dict[str, Any] | None:
        """The first row of a query."""
        found = self.rows(query, *values)
        return found[0] if found else None

    def run(self, statement: str, *values: object) -> int:
        """Execute; how many rows were touched."""
        with self.lock:
            return self._database.execute(statement, values).rowcount

    def add(self, table: str, **values: object) -> None:
        """Insert one row; `table` and names come from this package alone."""
        names, marks = ", ".join(values), ", ".join("?" for _ in values)
        self.run(f"INSERT INTO {table} ({names}) VALUES ({marks})", *values.values())  # noqa: S608

    @contextmanager
    def together(self) -> Iterator[None]:
        """Whole or not at all."""
        with self.lock:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._database.execute("ROLLBACK")
                raise
            self._database.execute("COMMIT")

    def take_fault(self, mchid: str, name: str) -> float | None:
        """Use up one occurrence of a fault; its argument, or None if it is not switched on."""
        with self.lock:
            row = self.row("SELECT argument FROM fault WHERE mchid = ? AND name = ? AND remaining > 0", mchid, name)
            if row is None:
                return None
            self.run("UPDATE fault SET remaining = remaining - 1 WHERE mchid = ? AND name = ?", mchid, name)
            return float(row["argument"] or 0)


def canonical(content: dict[str, Any]) -> str:
    """A request's content, for comparing a repeat with the first."""
    return json.dumps(content, sort_keys=True, ensure_ascii=False)
