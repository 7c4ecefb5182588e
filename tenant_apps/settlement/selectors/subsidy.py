"""Whether the subsidy's rows and the book say the same: the identity of MODES 2.1, cohort by cohort, and the reserve."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

from saas.ledger import selectors as book
from tenant_apps.modes.subsidy import selectors as subsidy
from tenant_apps.modes.subsidy.models import Cohort, Lot
from tenant_apps.modes.subsidy.rules import LIVE


@dataclass(frozen=True, kw_only=True)
class Identity:
    """inflow − reversed + other = fund + cohorts + issued (fen), over all pools of the mall.

    `other`: expired vouchers and booked transfers, less surplus that was withdrawn. `issued`: what lots have drawn as
    vouchers, recalls taken off.
    """

    inflow: int
    reversed: int
    other: int
    fund: int
    cohorts: int
    issued: int

    @property
    def holds(self) -> bool:
        """Whether both sides are equal and the fund is not below nothing."""
        left = self.inflow - self.reversed + self.other
        return left == self.fund + self.cohorts + self.issued and self.fund >= 0


_BY_KIND = """
SELECT e.kind, coalesce(sum(p.amount), 0)::bigint
  FROM ledger_account a JOIN ledger_posting p ON p.account_id = a.id JOIN ledger_entry e ON e.id = p.entry_id
 WHERE a.family = 'pool' AND a.asset = 'CNY' GROUP BY e.kind"""
_BALANCES = """
SELECT coalesce(sum(posted) FILTER (WHERE family = 'pool'), 0)::bigint,
       coalesce(sum(posted) FILTER (WHERE family = 'cohort'), 0)::bigint
  FROM ledger_account WHERE asset = 'CNY'"""
_DRAWN = "SELECT coalesce(sum(drawn_amount), 0)::bigint FROM subsidy_lot"


def identity() -> Identity:
    """Both sides of the identity: the flows from the fund's legs in the book, what was issued from the lots (3 statements)."""
    with connection.cursor() as cursor:
        cursor.execute(_BY_KIND)
        kinds = dict(cursor.fetchall())
        cursor.execute(_BALANCES)
        fund, cohorts = cursor.fetchone()
        cursor.execute(_DRAWN)
        (issued,) = cursor.fetchone()
    others = ("subsidy.expired", "subsidy.transfer", "subsidy.withdrawal")
    return Identity(
        inflow=kinds.get("settlement", 0),
        reversed=-kinds.get("refund", 0),
        other=sum(kinds.get(kind, 0) for kind in others),
        fund=fund,
        cohorts=cohorts,
        issued=issued,
    )


def check_pools() -> list[str]:
    """Everything that does not agree, in words for staff; an empty list is sound. Reads every lot: for audits and tests."""
    found = []
    sides = identity()
    if not sides.holds:
        found.append(f"identity: {sides}")
    reserve = book.balance("voucher.reserve")
    if reserve != subsidy.outstanding_vouchers():
        found.append(f"reserve: {reserve} in the book, {subsidy.outstanding_vouchers()} of vouchers")
    lots: dict[int, list[Lot]] = {}
    for lot in Lot.objects.filter(points__gt=0):
        lots.setdefault(lot.cohort_id, []).append(lot)
    for cohort in Cohort.objects.order_by("pk"):
        found += _check_cohort(cohort, lots.get(cohort.pk, []))
    return found


def _check_cohort(cohort: Cohort, lots: Iterable[Lot]) -> list[str]:
    one, theirs = subsidy.as_rule(cohort), list(lots)
    found = []
    if sum(lot.points for lot in theirs) != cohort.weight or len(theirs) != cohort.lots:
        found.append(f"cohort {cohort.pk}: weight {cohort.weight} of {cohort.lots} lots, rows say otherwise")
    accrued = one.accrued + cohort.liquidated_amount
    entitled = sum(one.entitled(lot.points) + lot.liquidated_amount for lot in theirs)
    if not 0 <= accrued - entitled <= max(0, len(theirs) - 1):
        found.append(f"cohort {cohort.pk}: accrued {accrued}, its lots are entitled to {entitled}")
    drawn = sum(lot.drawn_amount for lot in theirs)
    left = subsidy.left_in(cohort)
    if (left != accrued - drawn) if cohort.has_dust else (left != 0 or drawn != entitled):
        found.append(f"cohort {cohort.pk}: {left} in the book, {accrued} accrued, {drawn} drawn")
    points = book.balance(cohort.account, "POINT")
    if points != (cohort.weight if cohort.status in LIVE else 0):
        found.append(f"cohort {cohort.pk}: {points} points in the book, {cohort.weight} of its lots")
    return found
