"""What the book says. Reads only."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection

from saas.ledger.rules import CNY


@dataclass(frozen=True)
class Balance:
    """An account over all its shards. `available` = posted − held_out; held_in is on its way."""

    posted: int = 0
    held_out: int = 0
    held_in: int = 0

    @property
    def available(self) -> int:
        """What may leave now."""
        return self.posted - self.held_out


@dataclass(frozen=True)
class StatementLine:
    """One leg of an account, with its entry; `balance_after` is the account's balance after it."""

    posting_id: int
    entry_key: str
    kind: str
    document: str
    memo: str
    occurred_at: dt.datetime
    amount: int
    balance_after: int


@dataclass(frozen=True)
class TrialRow:
    """A family of the chart in one asset. Posted sums over all rows of an asset are zero."""

    family: str
    asset: str
    accounts: int
    posted: int
    held_out: int
    held_in: int


@dataclass(frozen=True)
class Uncleared:
    """A clearing account that a document has left open."""

    account: str
    document: str
    asset: str
    amount: int
    since: dt.datetime


@dataclass(frozen=True)
class PendingHold:
    """A hold without a resolution."""

    key: str
    kind: str
    document: str
    source: str
    destination: str
    asset: str
    amount: int
    occurred_at: dt.datetime


@dataclass(frozen=True)
class Fault:
    """Something in the book that cannot be: `what` is a code, `where` names the row, `detail` the numbers."""

    what: str
    where: str
    detail: str


def balances(accounts: Iterable[str], asset: str = CNY) -> dict[str, Balance]:
    """The balances of several accounts in one statement; one that was never used is all zero."""
    codes = list(accounts)
    rows = _all(
        "SELECT code, sum(posted)::bigint, sum(held_out)::bigint, sum(held_in)::bigint FROM ledger_account"
        " WHERE code = ANY(%s) AND asset = %s GROUP BY code",
        [codes, asset],
    )
    return dict.fromkeys(codes, Balance()) | {code: Balance(*sums) for code, *sums in rows}


def balances_in(wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Balance]:
    """Balances of (account, asset) of several assets in one statement; one that was never used is all zero."""
    pairs = list(wanted)
    rows = _all(
        "SELECT a.code, a.asset, sum(posted)::bigint, sum(held_out)::bigint, sum(held_in)::bigint"
        " FROM unnest(%s::text[], %s::text[]) AS w(code, asset) JOIN ledger_account a USING (code, asset) GROUP BY 1, 2",
        [[code for code, _asset in pairs], [asset for _code, asset in pairs]],
    )
    return dict.fromkeys(pairs, Balance()) | {(code, asset): Balance(*sums) for code, asset, *sums in rows}


def balance(account: str, asset: str = CNY) -> int:
    """What is posted on the account (fen, or the asset's unit)."""
    return balances([account], asset)[account].posted


def available(account: str, asset: str = CNY) -> int:
    """What may leave the account now: posted − outgoing holds."""
    return balances([account], asset)[account].available


def pending_in(account: str, asset: str = CNY) -> int:
    """What is frozen for the account: holds that will arrive if they are posted."""
    return balances([account], asset)[account].held_in


def statement(account: str, asset: str = CNY, *, before: int | None = None, limit: int = 50) -> list[StatementLine]:
    """The account's legs, newest first; `before` is the last line's posting_id of the page before."""
    rows = _all(
        """
        WITH ids AS (SELECT id, posted FROM ledger_account WHERE code = %(account)s AND asset = %(asset)s),
        later AS (SELECT coalesce(sum(p.amount), 0) AS amount FROM ledger_posting p
                  WHERE p.account_id IN (SELECT id FROM ids) AND p.id >= %(before)s::bigint)
        SELECT p.id, e.key, e.kind, e.document, e.memo, e.occurred_at, p.amount,
               ((SELECT sum(posted) FROM ids) - (SELECT amount FROM later)
                - sum(p.amount) OVER (ORDER BY p.id DESC) + p.amount)::bigint
          FROM ledger_posting p JOIN ledger_entry e ON e.id = p.entry_id
          WHERE p.account_id IN (SELECT id FROM ids) AND p.id < %(before)s::bigint
          ORDER BY p.id DESC LIMIT %(limit)s
        """,
        {"account": account, "asset": asset, "before": before or 2**62, "limit": limit},
    )
    return [StatementLine(*row) for row in rows]


def trial_balance() -> list[TrialRow]:
    """Every family of the chart that has accounts. The posted amounts of an asset add up to zero, always."""
    rows = _all(
        "SELECT family, asset, count(DISTINCT code), sum(posted)::bigint, sum(held_out)::bigint, sum(held_in)::bigint"
        " FROM ledger_account GROUP BY family, asset ORDER BY asset, family"
    )
    return [TrialRow(*row) for row in rows]


def uncleared(*, older_than: dt.datetime | None = None) -> list[Uncleared]:
    """Clearing accounts that are not zero for a document, oldest first; only those untouched since `older_than`."""
    rows = _all(
        "SELECT a.code, e.document, a.asset, sum(p.amount)::bigint, max(e.created_at) FROM ledger_account a"
        " JOIN ledger_posting p ON p.account_id = a.id JOIN ledger_entry e ON e.id = p.entry_id"
        " WHERE a.family = 'clearing' GROUP BY a.code, e.document, a.asset HAVING sum(p.amount) <> 0"
        " AND (%(older)s::timestamptz IS NULL OR max(e.created_at) < %(older)s) ORDER BY 5, 1, 2",
        {"older": older_than},
    )
    return [Uncleared(*row) for row in rows]


def pending_holds(*, document: str | None = None, destination: str | None = None) -> list[PendingHold]:
    """Holds not yet resolved, oldest first, of one document or for one account."""
    rows = _all(
        "SELECT h.key, h.kind, h.document, s.code, d.code, h.asset, h.amount, h.occurred_at FROM ledger_hold h"
        " JOIN ledger_account s ON s.id = h.source_id JOIN ledger_account d ON d.id = h.destination_id"
        " LEFT JOIN ledger_holdresolution r ON r.hold_id = h.id WHERE r.id IS NULL"
        " AND (%(document)s::text IS NULL OR h.document = %(document)s)"
        " AND (%(destination)s::text IS NULL OR d.code = %(destination)s) ORDER BY h.id",
        {"document": document, "destination": destination},
    )
    return [PendingHold(*row) for row in rows]


_CHECKS: dict[str, str] = {
    "balance_differs": """
        SELECT a.code || '#' || a.shard || ' ' || a.asset,
               'stored ' || a.posted || '/' || a.held_out || '/' || a.held_in
               || ', recomputed ' || coalesce(p.total, 0) || '/' || coalesce(o.total, 0) || '/' || coalesce(i.total, 0)
          FROM ledger_account a
          LEFT JOIN (SELECT account_id, sum(amount) AS total FROM ledger_posting GROUP BY 1) p ON p.account_id = a.id
          LEFT JOIN (SELECT source_id, sum(amount) AS total FROM pending GROUP BY 1) o ON o.source_id = a.id
          LEFT JOIN (SELECT destination_id, sum(amount) AS total FROM pending GROUP BY 1) i ON i.destination_id = a.id
          WHERE a.posted <> coalesce(p.total, 0) OR a.held_out <> coalesce(o.total, 0)
             OR a.held_in <> coalesce(i.total, 0)""",
    "leg_without_account": """
        SELECT 'posting ' || p.id, 'account ' || p.account_id FROM ledger_posting p
          LEFT JOIN ledger_account a ON a.id = p.account_id AND a.asset = p.asset WHERE a.id IS NULL""",
    "entry_does_not_balance": """
        SELECT 'entry ' || entry_id, asset || ' ' || sum(amount) || ' in ' || count(*) || ' legs' FROM ledger_posting
          GROUP BY entry_id, asset HAVING sum(amount) <> 0 OR count(*) < 2""",
    "leg_without_entry": """
        SELECT 'posting ' || p.id, 'entry ' || p.entry_id FROM ledger_posting p
          LEFT JOIN ledger_entry e ON e.id = p.entry_id WHERE e.id IS NULL""",
    "entry_without_legs": """
        SELECT 'entry ' || e.id, e.key FROM ledger_entry e
          WHERE NOT EXISTS (SELECT 1 FROM ledger_posting p WHERE p.entry_id = e.id)""",
    "bound_broken": """
        SELECT code || ' ' || asset, posted || ' − ' || held_out FROM ledger_account
          WHERE posted - held_out < minimum OR posted + held_in > maximum""",
    "hold_and_entry_disagree": """
        SELECT 'hold ' || h.key, r.outcome FROM ledger_holdresolution r JOIN ledger_hold h ON h.id = r.hold_id
          LEFT JOIN ledger_entry e ON e.hold_id = h.id WHERE (r.outcome = 'posted') <> (e.id IS NOT NULL)""",
    "trial_balance_not_zero": """
        SELECT asset, sum(posted)::text FROM ledger_account GROUP BY asset HAVING sum(posted) <> 0""",
}
_PENDING = """
WITH pending AS (SELECT h.* FROM ledger_hold h
  WHERE NOT EXISTS (SELECT 1 FROM ledger_holdresolution r WHERE r.hold_id = h.id))
"""


def check_ledger() -> list[Fault]:
    """Recompute every balance from legs and holds and look for what cannot be; an empty list is a sound book.

    A changed entry that still balances is the seal's to find (`saas.ledger.seals.verify`).
    """
    return [Fault(what, *row) for what, query in _CHECKS.items() for row in _all(_PENDING + query)]


def _all(query: str, parameters: Any = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return list(cursor.fetchall())


@dataclass(frozen=True)
class EntryLegs:
    """An entry with its legs: (account, asset, signed amount)."""

    key: str
    kind: str
    document: str
    memo: str
    occurred_at: dt.datetime
    hold_key: str
    legs: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True)
class HoldLife:
    """A hold and how it ended: `outcome` is empty while it is pending."""

    key: str
    kind: str
    document: str
    source: str
    destination: str
    asset: str
    amount: int
    occurred_at: dt.datetime
    outcome: str
    resolved_at: dt.datetime | None


def entries_of(documents: Iterable[str]) -> list[EntryLegs]:
    """Every entry of some documents with its legs, in the order in which they were posted (one statement)."""
    rows = _all(
        "SELECT e.id, e.key, e.kind, e.document, e.memo, e.occurred_at, coalesce(h.key, ''), a.code, p.asset, p.amount"
        " FROM ledger_entry e JOIN ledger_posting p ON p.entry_id = e.id JOIN ledger_account a ON a.id = p.account_id"
        " LEFT JOIN ledger_hold h ON h.id = e.hold_id WHERE e.document = ANY(%s) ORDER BY e.id, p.amount, p.id",
        [list(documents)],
    )
    found: dict[int, EntryLegs] = {}
    for entry, key, kind, document, memo, occurred_at, hold_key, *leg in rows:
        before = found[entry].legs if entry in found else ()
        found[entry] = EntryLegs(key, kind, document, memo, occurred_at, hold_key, (*before, tuple(leg)))  # type: ignore[arg-type]
    return list(found.values())


def holds_of(documents: Iterable[str]) -> list[HoldLife]:
    """Every hold of some documents with its end, oldest first (one statement)."""
    rows = _all(
        "SELECT h.key, h.kind, h.document, s.code, d.code, h.asset, h.amount, h.occurred_at, coalesce(r.outcome, ''),"
        " r.occurred_at FROM ledger_hold h JOIN ledger_account s ON s.id = h.source_id"
        " JOIN ledger_account d ON d.id = h.destination_id LEFT JOIN ledger_holdresolution r ON r.hold_id = h.id"
        " WHERE h.document = ANY(%s) ORDER BY h.id",
        [list(documents)],
    )
    return [HoldLife(*row) for row in rows]


def nonzero_accounts(family: str, *, limit: int = 200) -> list[tuple[str, int]]:
    """(code, posted) of a family's accounts that are not at zero, the largest amounts first."""
    rows = _all(
        "SELECT code, sum(posted)::bigint FROM ledger_account WHERE family = %s AND asset = 'CNY' GROUP BY code"
        " HAVING sum(posted) <> 0 ORDER BY abs(sum(posted)) DESC, code LIMIT %s",
        [family, limit],
    )
    return [(code, posted) for code, posted in rows]


def negative_since(account: str, asset: str = CNY) -> dt.datetime | None:
    """When the account's balance last left zero; None where it is at zero."""
    rows = _all(
        """
        WITH legs AS (
          SELECT p.id, e.occurred_at, p.amount, sum(p.amount) OVER (ORDER BY p.id) AS after
            FROM ledger_account a JOIN ledger_posting p ON p.account_id = a.id JOIN ledger_entry e ON e.id = p.entry_id
            WHERE a.code = %s AND a.asset = %s
        )
        SELECT min(occurred_at) FROM legs
          WHERE id > coalesce((SELECT max(id) FROM legs WHERE after = 0), 0) HAVING count(*) > 0
        """,
        [account, asset],
    )
    return rows[0][0] if rows else None
