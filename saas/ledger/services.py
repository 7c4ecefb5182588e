"""The one door to the book (DESIGN 4): entries, holds, reversals. Nothing else inserts into the ledger's tables.

Each command is one SQL statement as a rule: it finds the accounts, writes the head row unless its key is taken, and
writes the legs in account order with hot accounts last, so that two commands cannot lock each other out. Accounts open
on first use. Balances are moved and bounds are held by triggers in the database (migration 0001).

Key and body: a key used again with the same kind, document, accounts and amounts returns the first answer and changes
nothing; with another body it is refused. Times and memo are not part of the body, so a retry may carry a later clock.

A refusal by the database (InsufficientBalance) breaks the transaction it happened in: a caller that wants to go on
after one looks at `selectors.available` first or wraps the call in `transaction.atomic()`.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, connection
from django.utils.translation import gettext_lazy as _

from saas.kernel.errors import DomainError, NotFound
from saas.kernel.prepared import prepared_cursor
from saas.kernel.transactions import retried_transaction
from saas.ledger import rules
from saas.ledger.rules import CNY, InvalidEntry, Leg, Move, UnknownAccount

__all__ = [
    "AlreadyReversed",
    "EntryRef",
    "HoldAlreadyResolved",
    "HoldRef",
    "IdempotencyConflict",
    "InsufficientBalance",
    "InvalidEntry",
    "Move",
    "UnknownAccount",
    "place_hold",
    "post_entry",
    "post_hold",
    "reverse_entry",
    "void_hold",
]


class IdempotencyConflict(DomainError):
    """The key was used before, for something else."""

    code = "idempotency_conflict"
    message = _("“{key}” was used before for another booking.")


class InsufficientBalance(DomainError):
    """The move would take an account beyond its bound: less than nothing, or more than is owed."""

    code = "insufficient_balance"
    message = _("There is not enough money in {account} for this.")


class HoldAlreadyResolved(DomainError):
    """The hold was posted or voided before, under another key."""

    code = "hold_already_resolved"
    message = _("The frozen amount “{key}” was released or cancelled before.")


class AlreadyReversed(DomainError):
    """The entry has been reversed, or is a reversal itself."""

    code = "already_reversed"
    message = _("The booking “{key}” was reversed before or is a reversal.")


class LedgerNotFound(NotFound):
    """No entry or hold has this key."""

    message = _("There is no booking “{key}”.")


@dataclass(frozen=True)
class EntryRef:
    """An entry that stands in the book."""

    id: int
    key: str


@dataclass(frozen=True)
class HoldRef:
    """A hold that stands in the book."""

    id: int
    key: str


_LEGS = """
WITH wanted AS (
  SELECT * FROM unnest(%(accounts)s::text[], %(assets)s::text[], %(heat)s::boolean[], %(amounts)s::bigint[])
    AS w(code, asset, hot, amount)
), leg AS (
  SELECT a.id, a.hot, a.asset, w.amount FROM wanted w JOIN ledger_account a
    ON a.code = w.code AND a.asset = w.asset AND a.shard = CASE WHEN w.hot THEN pg_backend_pid() %% 16 ELSE 0 END
)"""

_POST_ENTRY = f"""{_LEGS}, entry AS (
  INSERT INTO ledger_entry (key, body_hash, kind, document, occurred_at, memo)
  SELECT %(key)s, %(body_hash)s, %(kind)s, %(document)s, %(occurred_at)s, %(memo)s
    WHERE (SELECT count(*) FROM leg) = cardinality(%(amounts)s::bigint[])
  ON CONFLICT (key) DO NOTHING RETURNING id
)
INSERT INTO ledger_posting (entry_id, account_id, asset, amount)
SELECT entry.id, leg.id, leg.asset, leg.amount FROM entry CROSS JOIN leg ORDER BY leg.hot, leg.id
RETURNING entry_id"""  # noqa: S608 - constants

# As above for an entry into an account that is its document's own, and so is new as a rule: it opens what is missing.
_POST_ENTRY_OPENING = _POST_ENTRY.replace(
    """), leg AS (
  SELECT a.id, a.hot, a.asset, w.amount FROM wanted w JOIN ledger_account a
""",
    """), opened AS (
  INSERT INTO ledger_account (code, asset)
  SELECT w.code, w.asset FROM wanted w WHERE NOT w.hot AND NOT EXISTS (
    SELECT FROM ledger_account a WHERE a.code = w.code AND a.asset = w.asset AND a.shard = 0)
  ORDER BY w.code, w.asset ON CONFLICT DO NOTHING RETURNING id, code, asset, shard, hot
), leg AS (
  SELECT a.id, a.hot, a.asset, w.amount FROM wanted w
    JOIN (SELECT id, code, asset, shard, hot FROM ledger_account
          UNION ALL SELECT id, code, asset, shard, hot FROM opened) a
""",
)

_PLACE_HOLD = f"""{_LEGS}
INSERT INTO ledger_hold (key, body_hash, kind, document, occurred_at, source_id, destination_id, asset, amount)
SELECT %(key)s, %(body_hash)s, %(kind)s, %(document)s, %(occurred_at)s, s.id, d.id, d.asset, d.amount
  FROM leg s JOIN leg d ON s.amount < 0 AND d.amount > 0
ON CONFLICT (key) DO NOTHING RETURNING id"""  # noqa: S608 - constants

_POST_HOLD = """
WITH held AS (
  SELECT h.*, (s.hot, s.id) > (d.hot, d.id) AS source_last FROM ledger_hold h
    JOIN ledger_account s ON s.id = h.source_id JOIN ledger_account d ON d.id = h.destination_id
    WHERE h.key = %(hold_key)s
), resolution AS (
  INSERT INTO ledger_holdresolution (hold_id, key, outcome, occurred_at)
  SELECT held.id, %(key)s, 'posted', %(occurred_at)s FROM held
  ON CONFLICT DO NOTHING RETURNING hold_id
), entry AS (
  INSERT INTO ledger_entry (key, body_hash, kind, document, occurred_at, hold_id)
  SELECT %(key)s, held.body_hash, held.kind, held.document, %(occurred_at)s, held.id
    FROM resolution JOIN held ON held.id = resolution.hold_id
  RETURNING id
)
INSERT INTO ledger_posting (entry_id, account_id, asset, amount)
SELECT entry.id, leg.account_id, held.asset, leg.amount
  FROM entry CROSS JOIN held CROSS JOIN LATERAL (VALUES
    (held.source_id, -held.amount, held.source_last), (held.destination_id, held.amount, NOT held.source_last)
  ) AS leg(account_id, amount, is_last) ORDER BY leg.is_last
RETURNING entry_id"""

_VOID_HOLD = """
INSERT INTO ledger_holdresolution (hold_id, key, outcome, occurred_at)
SELECT id, %(key)s, 'voided', %(occurred_at)s FROM ledger_hold WHERE key = %(hold_key)s
ON CONFLICT DO NOTHING RETURNING hold_id"""

_REVERSE = """
WITH original AS (
  SELECT * FROM ledger_entry WHERE key = %(entry_key)s AND reverses_id IS NULL
), entry AS (
  INSERT INTO ledger_entry (key, body_hash, kind, document, occurred_at, memo, reverses_id)
  SELECT %(key)s, %(body_hash)s, 'reversal', document, %(occurred_at)s, %(memo)s, id FROM original
  ON CONFLICT DO NOTHING RETURNING id, reverses_id
)
INSERT INTO ledger_posting (entry_id, account_id, asset, amount)
SELECT entry.id, p.account_id, p.asset, -p.amount
  FROM entry JOIN ledger_posting p ON p.entry_id = entry.reverses_id JOIN ledger_account a ON a.id = p.account_id
  ORDER BY a.hot, a.id
RETURNING entry_id"""

_ARRAYS = ("accounts", "assets", "amounts", "heat")

_OPEN = """
INSERT INTO ledger_account (code, asset, shard)
SELECT w.code, w.asset, shard
  FROM unnest(%(accounts)s::text[], %(assets)s::text[], %(heat)s::boolean[]) AS w(code, asset, hot)
  CROSS JOIN generate_series(0, 15) AS shard
  WHERE w.hot OR shard = 0 ORDER BY w.code, w.asset, shard
ON CONFLICT DO NOTHING"""


@retried_transaction
def post_entry(
    *,
    key: str,
    kind: str,
    moves: Sequence[Move],
    document: str,
    occurred_at: dt.datetime,
    memo: str = "",
) -> EntryRef:
    """Post one entry that makes all `moves` at once (amounts in fen or the asset's unit); DESIGN 4.

    `key` names the effect for ever (≤ 160 characters); `document` is `order:<ulid>` and the like: clearing accounts
    must come back to zero by document. Moves are netted: one leg an account.

    Raises IdempotencyConflict, InsufficientBalance, InvalidEntry, UnknownAccount.
    """
    legs = rules.net_legs(moves)
    body_hash = rules.body_hash("entry", kind, document, [leg[:3] for leg in legs])
    row: dict[str, Any] = {"key": key, "body_hash": body_hash, "kind": kind, "document": document}
    row |= {"occurred_at": occurred_at, "memo": memo, **_columns(legs)}
    found = _insert(_POST_ENTRY_OPENING if rules.opens(legs) else _POST_ENTRY, row, rules.bounded_sources(legs))
    if found is None and (found := _same_entry(key, body_hash)) is None:
        _open_accounts(legs)
        found = _insert(_POST_ENTRY, row, rules.bounded_sources(legs)) or _same_entry(key, body_hash)
    assert found is not None
    return EntryRef(found, key)


@retried_transaction
def place_hold(
    *,
    key: str,
    kind: str,
    source: str,
    destination: str,
    amount: int,
    document: str,
    occurred_at: dt.datetime,
    asset: str = CNY,
) -> HoldRef:
    """Set `amount` aside on `source` for `destination`: it leaves what is available, and moves when posted.

    Raises IdempotencyConflict, InsufficientBalance, InvalidEntry, UnknownAccount.
    """
    legs = rules.net_legs([Move(source, destination, amount, asset)])
    body_hash = rules.body_hash("hold", kind, document, source, destination, asset, amount)
    row: dict[str, Any] = {"key": key, "body_hash": body_hash, "kind": kind, "document": document}
    row |= {"occurred_at": occurred_at, **_columns(legs)}
    found = _insert(_PLACE_HOLD, row, [source])
    if found is None and (found := _same_hold(key, body_hash)) is None:
        _open_accounts(legs)
        found = _insert(_PLACE_HOLD, row, [source]) or _same_hold(key, body_hash)
    assert found is not None
    return HoldRef(found, key)


@retried_transaction
def post_hold(*, hold_key: str, key: str, occurred_at: dt.datetime) -> EntryRef:
    """Let a pending hold's money move; the entry has the hold's kind and document. Once, for ever.

    Raises HoldAlreadyResolved (also when it was voided), LedgerNotFound, IdempotencyConflict (key used elsewhere).
    """
    found = _insert(_POST_HOLD, {"hold_key": hold_key, "key": key, "occurred_at": occurred_at}, [hold_key])
    if found is None:
        _check_resolution(hold_key, key, "posted")
        found = _one("SELECT id FROM ledger_entry WHERE key = %s", [key])[0]
    return EntryRef(found, key)


@retried_transaction
def void_hold(*, hold_key: str, key: str, occurred_at: dt.datetime) -> None:
    """Give a pending hold's money back to its source. Once, for ever.

    Raises HoldAlreadyResolved (also when it was posted), LedgerNotFound, IdempotencyConflict.
    """
    row = {"hold_key": hold_key, "key": key, "occurred_at": occurred_at}
    if _insert(_VOID_HOLD, row, [hold_key]) is None:
        _check_resolution(hold_key, key, "voided")


@retried_transaction
def reverse_entry(*, key: str, entry_key: str, occurred_at: dt.datetime, memo: str = "") -> EntryRef:
    """Post the exact opposite of an entry, once; a reversal is not reversed.

    Raises AlreadyReversed, InsufficientBalance (the money has gone on), LedgerNotFound, IdempotencyConflict.
    """
    body_hash = rules.body_hash("reversal", entry_key)
    row = {"key": key, "entry_key": entry_key, "body_hash": body_hash, "occurred_at": occurred_at, "memo": memo}
    found = _insert(_REVERSE, row, [entry_key]) or _same_entry(key, body_hash)
    if found is None:
        if not _one("SELECT 1 FROM ledger_entry WHERE key = %s", [entry_key]):
            raise LedgerNotFound(key=entry_key)
        raise AlreadyReversed(key=entry_key)
    return EntryRef(found, key)


def _columns(legs: Iterable[Leg]) -> dict[str, str]:
    """The legs as PostgreSQL arrays. Their text needs no quotes: rules.family_of allows no character that would."""
    columns = zip(*legs, strict=True)
    return {name: "{" + ",".join(map(str, column)) + "}" for name, column in zip(_ARRAYS, columns, strict=True)}


def _insert(statement: str, row: dict[str, Any], at_risk: Sequence[str]) -> int | None:
    """Run a command's statement; the id it made, or None when the key is taken or an account is missing."""
    try:
        found = _one(statement, row)
    except IntegrityError as error:
        constraint = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or ""
        if constraint in ("ledger_account_available", "ledger_account_maximum"):
            raise InsufficientBalance(account=", ".join(at_risk) or "the account") from error
        if constraint.startswith("ledger_entry_key"):
            raise IdempotencyConflict(key=row["key"]) from error
        raise
    return found[0] if found else None


def _open_accounts(legs: Sequence[Leg]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, _columns(legs))


def _same_entry(key: str, body_hash: str) -> int | None:
    return _same("ledger_entry", key, body_hash)


def _same_hold(key: str, body_hash: str) -> int | None:
    return _same("ledger_hold", key, body_hash)


def _same(table: str, key: str, body_hash: str) -> int | None:
    found = _one(f"SELECT id, body_hash FROM {table} WHERE key = %s", [key])  # noqa: S608 - our own two names
    if not found:
        return None
    if found[1] != body_hash:
        raise IdempotencyConflict(key=key)
    return int(found[0])


def _check_resolution(hold_key: str, key: str, outcome: str) -> None:
    """Why a resolution was not inserted: fine if it is this very one, else the reason is raised."""
    found = _one(
        "SELECT r.key, r.outcome FROM ledger_hold h LEFT JOIN ledger_holdresolution r ON r.hold_id = h.id"
        " WHERE h.key = %s",
        [hold_key],
    )
    if not found:
        raise LedgerNotFound(key=hold_key)
    if found == (key, outcome):
        return
    if found[0] is None:
        raise IdempotencyConflict(key=key)  # the key resolved another hold
    raise HoldAlreadyResolved(key=hold_key)


def _one(statement: str, parameters: Any) -> Any:
    with prepared_cursor(connection) as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchone()
