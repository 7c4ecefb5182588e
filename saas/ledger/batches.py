"""Several holds in one statement: placed out of one account, posted, or voided together (DESIGN 4).

Each hold is the same as one that `services.place_hold` places: own key, own body, own resolution, own entry. What these
commands save is a trip to the database a payee. Accounts are taken in account order, as everywhere in the book.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, connection

from saas.kernel.prepared import prepared_cursor
from saas.kernel.transactions import retried_transaction
from saas.ledger import rules
from saas.ledger.rules import CNY, Move
from saas.ledger.services import HoldAlreadyResolved, IdempotencyConflict, InsufficientBalance, LedgerNotFound

__all__ = ["HoldDraft", "place_holds", "post_holds", "void_holds"]


@dataclass(frozen=True)
class HoldDraft:
    """One hold of a batch: `amount` (> 0) of the batch's source is set aside for `destination`."""

    key: str
    destination: str
    amount: int


_PLACE = """
WITH wanted AS (
  SELECT * FROM unnest(%(keys)s::text[], %(hashes)s::text[], %(accounts)s::text[], %(heat)s::boolean[],
                       %(amounts)s::bigint[]) AS w(key, body_hash, code, hot, amount)
), target AS (
  SELECT w.key, w.body_hash, w.amount, a.id, a.hot FROM wanted w JOIN ledger_account a
    ON a.code = w.code AND a.asset = %(asset)s AND a.shard = CASE WHEN w.hot THEN pg_backend_pid() %% 16 ELSE 0 END
)
INSERT INTO ledger_hold (key, body_hash, kind, document, occurred_at, source_id, destination_id, asset, amount)
SELECT target.key, target.body_hash, %(kind)s, %(document)s, %(occurred_at)s, source.id, target.id, %(asset)s,
       target.amount
  FROM target CROSS JOIN ledger_account source
  WHERE source.code = %(source)s AND source.asset = %(asset)s
    AND source.shard = CASE WHEN %(source_is_hot)s::boolean THEN pg_backend_pid() %% 16 ELSE 0 END
    AND (SELECT count(*) FROM target) = cardinality(%(keys)s::text[])
  ORDER BY target.hot, target.id
ON CONFLICT (key) DO NOTHING RETURNING id"""

_OPEN = """
INSERT INTO ledger_account (code, asset, shard)
SELECT w.code, %(asset)s, shard FROM unnest(%(codes)s::text[], %(heats)s::boolean[]) AS w(code, hot)
  CROSS JOIN generate_series(0, 15) AS shard
  WHERE w.hot OR shard = 0 ORDER BY w.code, shard
ON CONFLICT DO NOTHING"""

_POST = """
WITH held AS (
  SELECT h.*, w.own_key FROM unnest(%(hold_keys)s::text[], %(keys)s::text[]) AS w(hold_key, own_key)
    JOIN ledger_hold h ON h.key = w.hold_key
), resolution AS (
  INSERT INTO ledger_holdresolution (hold_id, key, outcome, occurred_at)
  SELECT id, own_key, 'posted', %(occurred_at)s FROM held ORDER BY destination_id
  ON CONFLICT DO NOTHING RETURNING hold_id
), entry AS (
  INSERT INTO ledger_entry (key, body_hash, kind, document, occurred_at, hold_id)
  SELECT held.own_key, held.body_hash, held.kind, held.document, %(occurred_at)s, held.id
    FROM resolution JOIN held ON held.id = resolution.hold_id ORDER BY held.id
  RETURNING id, hold_id
)
INSERT INTO ledger_posting (entry_id, account_id, asset, amount)
SELECT entry.id, a.id, held.asset, CASE WHEN a.id = held.source_id THEN -held.amount ELSE held.amount END
  FROM entry JOIN held ON held.id = entry.hold_id
  JOIN ledger_account a ON a.id IN (held.source_id, held.destination_id)
  ORDER BY a.hot, a.id
RETURNING entry_id"""

_VOID = """
INSERT INTO ledger_holdresolution (hold_id, key, outcome, occurred_at)
SELECT h.id, w.own_key, 'voided', %(occurred_at)s
  FROM unnest(%(hold_keys)s::text[], %(keys)s::text[]) AS w(hold_key, own_key) JOIN ledger_hold h ON h.key = w.hold_key
  ORDER BY h.destination_id
ON CONFLICT DO NOTHING RETURNING hold_id"""

_RESOLVED = """
SELECT w.hold_key, h.id, r.key, r.outcome FROM unnest(%s::text[]) AS w(hold_key)
  LEFT JOIN ledger_hold h ON h.key = w.hold_key LEFT JOIN ledger_holdresolution r ON r.hold_id = h.id"""


@retried_transaction
def place_holds(
    *,
    holds: Sequence[HoldDraft],
    kind: str,
    source: str,
    document: str,
    occurred_at: dt.datetime,
    asset: str = CNY,
) -> None:
    """Place every hold, all or none; a key that holds the same body already counts as placed.

    Raises IdempotencyConflict, InsufficientBalance, InvalidEntry, UnknownAccount.
    """
    if not holds:
        return
    hashes = [_hash(hold, kind, source, document, asset) for hold in holds]
    heats = [rules.family_of(hold.destination).hot for hold in holds]
    source_is_hot = rules.family_of(source).hot
    keys, accounts = [hold.key for hold in holds], [hold.destination for hold in holds]
    row = {
        "keys": keys,
        "hashes": hashes,
        "accounts": accounts,
        "heat": heats,
        "amounts": [hold.amount for hold in holds],
        "kind": kind,
        "source": source,
        "source_is_hot": source_is_hot,
        "document": document,
        "occurred_at": occurred_at,
        "asset": asset,
    }
    if len(_run(_PLACE, row, source)) == len(holds):
        return
    _require_same_bodies(dict(zip(keys, hashes, strict=True)))
    codes = {source: source_is_hot, **dict(zip(accounts, heats, strict=True))}
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, {"codes": list(codes), "heats": list(codes.values()), "asset": asset})
    _run(_PLACE, row, source)


@retried_transaction
def post_holds(*, keys: Mapping[str, str], occurred_at: dt.datetime) -> None:
    """Let the money of pending holds move: hold's key → key of its entry. Each once, for ever; all or none.

    Raises HoldAlreadyResolved (also when one was voided), LedgerNotFound, IdempotencyConflict (key used elsewhere).
    """
    _resolve(_POST, keys, occurred_at, "posted")


@retried_transaction
def void_holds(*, keys: Mapping[str, str], occurred_at: dt.datetime) -> None:
    """Give the money of pending holds back to their source: hold's key → key of its resolution. All or none.

    Raises HoldAlreadyResolved (also when one was posted), LedgerNotFound, IdempotencyConflict.
    """
    _resolve(_VOID, keys, occurred_at, "voided")


def _resolve(statement: str, keys: Mapping[str, str], occurred_at: dt.datetime, outcome: str) -> None:
    if not keys:
        return
    row = {"hold_keys": list(keys), "keys": list(keys.values()), "occurred_at": occurred_at}
    found = _run(statement, row, ", ".join(keys))
    if len(set(found)) < len(keys):
        for hold_key, hold, key, said in _all(_RESOLVED, [list(keys)]):
            if hold is None:
                raise LedgerNotFound(key=hold_key)
            if key is None:
                raise IdempotencyConflict(key=keys[hold_key])  # its key resolved another hold
            if (key, said) != (keys[hold_key], outcome):
                raise HoldAlreadyResolved(key=hold_key)


def _hash(hold: HoldDraft, kind: str, source: str, document: str, asset: str) -> str:
    rules.check_move(Move(source, hold.destination, hold.amount, asset))
    return rules.body_hash("hold", kind, document, source, hold.destination, asset, hold.amount)


def _require_same_bodies(hashes: Mapping[str, str]) -> None:
    for key, body_hash in _all("SELECT key, body_hash FROM ledger_hold WHERE key = ANY(%s)", [list(hashes)]):
        if hashes[key] != body_hash:
            raise IdempotencyConflict(key=key)


def _run(statement: str, row: Mapping[str, Any], at_risk: str) -> list[int]:
    try:
        with prepared_cursor(connection) as cursor:
            cursor.execute(statement, row)
            return [found for (found,) in cursor.fetchall()]
    except IntegrityError as error:
        constraint = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or ""
        if constraint in ("ledger_account_available", "ledger_account_maximum"):
            raise InsufficientBalance(account=at_risk) from error
        if constraint.startswith("ledger_entry_key"):
            raise IdempotencyConflict(key=at_risk) from error
        raise


def _all(query: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return list(cursor.fetchall())
