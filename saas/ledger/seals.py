"""Tamper evidence: a hash chain over committed entries, written after the fact by one sealer a book.

The chain is not written with the entry (it would be a hot row). The sealer takes every committed entry that has no
link yet, in order of id, and appends it; the verifier walks the chain again and names what differs. Entries that were
committed late get their link in the next run, so the order of the chain is the order of sealing, not of ids.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from saas.ledger import rules
from saas.ledger.models import Seal, SealedEntry
from saas.ledger.selectors import Fault

GENESIS = "0" * 64
BATCH = 5_000
LOOK_BACK = 100_000  # ids: how far below the newest sealed entry a late commit is looked for
_LOCK = 0x4C454447

_CANONICAL = """
SELECT e.id, concat_ws('|', e.id, e.key, e.body_hash, e.kind, e.document, e.memo,
    extract(epoch FROM e.occurred_at), extract(epoch FROM e.created_at), e.reverses_id, e.hold_id,
    (SELECT string_agg(concat_ws(':', p.id, a.code, a.shard, p.asset, p.amount), ',' ORDER BY p.id)
       FROM ledger_posting p JOIN ledger_account a ON a.id = p.account_id WHERE p.entry_id = e.id))
"""


@dataclass(frozen=True)
class SealResult:
    """What a run of the sealer did: how many entries, and the chain's head, to be kept outside the book."""

    entries: int
    position: int
    head: str


def seal_entries(*, now: dt.datetime, limit: int = 50_000) -> SealResult:
    """Append up to `limit` committed entries to the chain; one sealer at a time, a second one waits."""
    with transaction.atomic():
        _run("SELECT pg_advisory_xact_lock(%s, hashtext(current_schema()))", [_LOCK])
        position, head = _head()
        first, sealed = position + 1, 0
        while sealed < limit and (batch := _unsealed(min(BATCH, limit - sealed))):
            links = []
            for entry_id, text in batch:
                position += 1
                head = rules.chain(head, text)
                links.append(SealedEntry(position=position, entry_id=entry_id, link=head))
            SealedEntry.objects.bulk_create(links)
            sealed += len(batch)
        if sealed:
            Seal(first_position=first, last_position=position, head=head, sealed_at=now).save(force_insert=True)
        return SealResult(sealed, position, head)


def verify_seals(*, known_head: tuple[int, str] | None = None) -> list[Fault]:
    """Walk the chain again; name entries that were changed, removed or never sealed. Empty: untouched since sealing.

    `known_head` is a position and head kept elsewhere: it finds a chain that was rewritten as a whole.
    """
    faults: list[Fault] = []
    position, previous, after = 0, GENESIS, 0
    heads = dict(_run("SELECT last_position, head FROM ledger_seal", []))
    if known_head:
        heads[known_head[0]] = known_head[1]
    while rows := _sealed_after(after):
        for position, entry_id, link, text in rows:
            if position != after + 1:
                faults.append(Fault("link_missing", f"position {after + 1}", f"next is {position}"))
            if text is None:
                faults.append(Fault("entry_removed", f"entry {entry_id}", f"position {position}"))
            elif rules.chain(previous, text) != link:
                faults.append(Fault("entry_changed", f"entry {entry_id}", f"position {position}"))
            if heads.pop(position, link) != link:
                faults.append(Fault("head_differs", f"position {position}", "the chain was rewritten"))
            after, previous = position, link
    faults += [Fault("head_without_links", f"position {at}", "the chain was cut") for at in heads]
    late = _run(
        "SELECT e.id FROM ledger_entry e WHERE e.id < (SELECT max(entry_id) FROM ledger_sealedentry) - %s"
        " AND NOT EXISTS (SELECT 1 FROM ledger_sealedentry s WHERE s.entry_id = e.id)",
        [LOOK_BACK],
    )
    return faults + [Fault("entry_not_sealed", f"entry {entry_id}", "added below the chain") for (entry_id,) in late]


_UNSEALED = f"""{_CANONICAL} FROM ledger_entry e
WHERE e.id >= (SELECT coalesce(max(entry_id), 0) FROM ledger_sealedentry) - %s
  AND NOT EXISTS (SELECT 1 FROM ledger_sealedentry s WHERE s.entry_id = e.id) ORDER BY e.id LIMIT %s
"""  # noqa: S608 - constants
_SEALED = f"""
SELECT s.position, s.entry_id, s.link, c.text FROM ledger_sealedentry s
  LEFT JOIN LATERAL ({_CANONICAL} FROM ledger_entry e WHERE e.id = s.entry_id) AS c(id, text) ON true
  WHERE s.position > %s ORDER BY s.position LIMIT %s
"""  # noqa: S608 - constants


def _head() -> tuple[int, str]:
    found = _run("SELECT position, link FROM ledger_sealedentry ORDER BY position DESC LIMIT 1", [])
    return found[0] if found else (0, GENESIS)


def _unsealed(limit: int) -> list[tuple[int, str]]:
    return _run(_UNSEALED, [LOOK_BACK, limit])


def _sealed_after(position: int) -> list[tuple[int, int, str, str | None]]:
    return _run(_SEALED, [position, BATCH])


def _run(query: str, parameters: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return list(cursor.fetchall())
