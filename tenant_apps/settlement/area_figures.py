"""What areas have brought their agents: sums by grade and code, from the awards and the orders' own snapshots. Reads only."""

import datetime as dt
from dataclasses import dataclass

from django.db import connection

AREA_MODES = ("regional", "gift_pack")


@dataclass(frozen=True)
class AreaFigure:
    """Awards of an area, less what was clawed back (fen), and of how many orders."""

    amount: int
    orders: int


# The award says the grade, the order's snapshot says which area of that grade the order fell into.
_SUMS = """
SELECT a.kind, area ->> 1, sum(a.amount - a.clawed_amount), count(DISTINCT s.order_ulid)
  FROM settlement_award a
  JOIN settlement_linesettlement l ON l.id = a.line_id
  JOIN settlement_ordersettlement s ON s.id = l.settlement_id
  JOIN orders_order o ON o.ulid = s.order_ulid
 CROSS JOIN LATERAL jsonb_array_elements(o.sale_facts -> 'areas') AS area
 WHERE a.mode = ANY(%(modes)s) AND area ->> 0 = a.kind AND a.void_reason <> 'area'
   AND (%(payee)s = '' OR a.payee_ulid = %(payee)s)
   AND (%(since)s::timestamptz IS NULL OR s.awarded_at >= %(since)s)
   AND (%(prefix)s = '' OR area ->> 1 LIKE %(prefix)s || '%%')
 GROUP BY 1, 2"""


def area_figures(
    *, prefix: str = "", payee: str = "", since: dt.datetime | None = None
) -> dict[tuple[str, str], AreaFigure]:
    """(grade, code) → what its agents were awarded; only areas whose code begins with `prefix`. One statement."""
    values = {"modes": list(AREA_MODES), "payee": payee, "since": since, "prefix": prefix}
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, values)
        return {(grade, code): AreaFigure(int(amount), orders) for grade, code, amount, orders in cursor.fetchall()}
