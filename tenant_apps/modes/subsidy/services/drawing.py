"""Lots become vouchers: everything that a member has come to, written by one statement however many lots (MODES 2.1)."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from saas.kernel.ids import new_ulid
from tenant_apps.modes.subsidy import selectors
from tenant_apps.modes.subsidy.models import Lot
from tenant_apps.modes.subsidy.rules import LIVE
from tenant_apps.modes.subsidy.services.vouchers import lock_holder


class LotsChanged(Exception):
    """Somebody else drew or took back one of these lots since they were read; nothing was written. Read them again."""


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """New vouchers, one a pool: (ulid, fen); and what each cohort's account pays for them: (account, fen)."""

    vouchers: tuple[tuple[str, int], ...] = ()
    parts: tuple[tuple[str, int], ...] = ()

    @property
    def amount(self) -> int:
        """Fen that are new."""
        return sum(amount for _ulid, amount in self.vouchers)


@dataclass(frozen=True, kw_only=True)
class _Change:
    """What a lot was read as, and what becomes of it."""

    lot: Lot
    fresh: int
    closed: bool


_WRITE = """
WITH holder AS (
  INSERT INTO subsidy_holder (member_ulid, wants_notice, looked_at) VALUES (%(member)s, false, %(now)s)
  ON CONFLICT (member_ulid) DO UPDATE SET looked_at = excluded.looked_at RETURNING id
), wanted AS (
  SELECT * FROM unnest(%(lots)s::bigint[], %(points)s::bigint[], %(drawn)s::bigint[], %(fresh)s::bigint[],
                       %(closed)s::boolean[]) AS w(lot_id, points, drawn, fresh, closed)
), fit AS (
  SELECT l.id, w.fresh, w.closed FROM holder CROSS JOIN wanted w JOIN subsidy_lot l ON l.id = w.lot_id
   WHERE l.points = w.points AND l.drawn_amount = w.drawn AND NOT l.is_closed
     AND l.holder_ulid IN ('', %(member)s)
   ORDER BY l.id FOR UPDATE OF l
), whole AS (
  SELECT count(*) = cardinality(%(lots)s::bigint[]) AS whole FROM fit
), changed AS (
  UPDATE subsidy_lot SET drawn_amount = subsidy_lot.drawn_amount + fit.fresh, is_closed = fit.closed,
         holder_ulid = %(member)s
    FROM fit WHERE subsidy_lot.id = fit.id AND (SELECT whole FROM whole)
), made AS (
  INSERT INTO subsidy_voucher (ulid, holder_id, pool_id, amount, left_amount, recalled_amount, expired_amount,
                               expires_at, drawn_at)
  SELECT v.ulid, holder.id, v.pool_id, v.amount, v.amount, 0, 0, %(expires)s, %(now)s
    FROM holder CROSS JOIN unnest(%(ulids)s::text[], %(pools)s::bigint[], %(amounts)s::bigint[])
      AS v(ulid, pool_id, amount)
   WHERE (SELECT whole FROM whole)
)
SELECT whole FROM whole"""


def draw(*, member_ulid: str, rows: Sequence[Lot], valid_days: int, now: dt.datetime) -> Drawn:
    """Turn what these lots have come to into vouchers, one a pool (one statement, however many lots).

    `rows` are open lots as `selectors.lots_of` read them, unlocked: the statement takes the holder's lock and writes all
    or nothing, and only where each lot still is as it was read. A cohort's index read earlier is never too high. Raises
    LotsChanged; the holder is locked by then, so lots that are read again fit. `valid_days` 0: for ever.
    """
    changes = [change for change in map(lambda lot: _change(lot, member_ulid), rows) if change is not None]
    if not changes:
        lock_holder(member_ulid, looked_at=now)
        return Drawn()
    sums: dict[int, int] = {}
    parts: dict[str, int] = {}
    for one in changes:
        if one.fresh:
            cohort = one.lot.cohort
            sums[cohort.pool_id] = sums.get(cohort.pool_id, 0) + one.fresh
            parts[cohort.account] = parts.get(cohort.account, 0) + one.fresh
    made = [(new_ulid(), pool, amount) for pool, amount in sorted(sums.items())]
    row: dict[str, Any] = {
        "member": member_ulid,
        "now": now,
        "expires": now + dt.timedelta(days=valid_days) if valid_days else None,
        "lots": [one.lot.pk for one in changes],
        "points": [one.lot.points for one in changes],
        "drawn": [one.lot.drawn_amount for one in changes],
        "fresh": [one.fresh for one in changes],
        "closed": [one.closed for one in changes],
        "ulids": [ulid for ulid, _pool, _amount in made],
        "pools": [pool for _ulid, pool, _amount in made],
        "amounts": [amount for _ulid, _pool, amount in made],
    }
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, row)
        (whole,) = cursor.fetchone()
    if not whole:
        raise LotsChanged
    return Drawn(
        vouchers=tuple((ulid, amount) for ulid, _pool, amount in made),
        parts=tuple(sorted(parts.items())),
    )


def _change(lot: Lot, member_ulid: str) -> _Change | None:
    """What drawing does to a lot; None where it is closed or nothing about it is new."""
    if lot.is_closed:
        return None
    cohort = lot.cohort
    entitled = selectors.as_rule(cohort).entitled(lot.points) + lot.liquidated_amount
    fresh, closed = max(0, entitled - lot.drawn_amount), cohort.status not in LIVE
    if not fresh and not closed and lot.holder_ulid == member_ulid:
        return None
    return _Change(lot=lot, fresh=fresh, closed=closed)
