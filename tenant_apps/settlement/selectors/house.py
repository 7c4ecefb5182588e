"""The mall's own account: what it has, from which orders, and why it fell to the mall."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import F, Q, QuerySet, Sum

from saas.ledger import selectors as book
from saas.ledger.selectors import StatementLine
from tenant_apps.settlement.models import Award, ClawBack, LineSettlement
from tenant_apps.settlement.rules import VoidReason
from tenant_apps.settlement.selectors.awards import rule_word

RECENT = 2000


@dataclass(frozen=True, kw_only=True)
class HouseLine:
    """What a line left to the mall (fen, signed): `remainder` is what no rule had a claim on."""

    order_ulid: str
    order_number: str
    title: str
    house: int
    unclaimed: Sequence[tuple[str, str, int]]  # rule, kind, fen: the rule had it for somebody who is not there
    no_payee: int  # a reserve for which nobody was found at completion
    cut: int  # what the pot cut off awards: the sale left no more, so nobody has it
    remainder: int


@dataclass(frozen=True, kw_only=True)
class HouseSummary:
    """The account's balance, and what the newest lines left to it by reason. Fen."""

    balance: int
    house: int
    unclaimed: Sequence[tuple[str, str, int]]
    no_payee: int
    cut: int
    remainder: int
    borne: int  # refunds of accruals that a period had used up
    lines: int

    @property
    def unclaimed_amount(self) -> int:
        """All of `unclaimed`."""
        return sum(amount for _, _, amount in self.unclaimed)


def house_lines(*, page: int = 1, page_size: int = 50) -> list[HouseLine]:
    """Lines with what they left to the mall and why, newest first."""
    start = (max(1, page) - 1) * page_size
    return _lines(_rows()[start : start + page_size])


def house_summary() -> HouseSummary:
    """The reasons over the newest lines (RECENT of them)."""
    lines = _lines(_rows()[:RECENT])
    sums: dict[tuple[str, str], int] = {}
    for line in lines:
        for rule, kind, amount in line.unclaimed:
            sums[rule, kind] = sums.get((rule, kind), 0) + amount
    return HouseSummary(
        balance=book.balance("house"),
        house=sum(line.house for line in lines),
        unclaimed=[(rule, kind, amount) for (rule, kind), amount in sorted(sums.items(), key=lambda item: -item[1])],
        no_payee=sum(line.no_payee for line in lines),
        cut=sum(line.cut for line in lines),
        remainder=sum(line.remainder for line in lines),
        borne=ClawBack.objects.aggregate(sum=Sum("house_amount", default=0))["sum"],
        lines=len(lines),
    )


def house_entries(*, before: int | None = None, limit: int = 50) -> list[StatementLine]:
    """The account's own entries, newest first."""
    return book.statement("house", before=before, limit=limit)


def _rows() -> QuerySet[LineSettlement]:
    return LineSettlement.objects.select_related("settlement").order_by("-pk")


def _lines(rows: Iterable[LineSettlement]) -> list[HouseLine]:
    found = list(rows)
    of_awards = {
        line: (cut, no_payee)
        for line, cut, no_payee in Award.objects.filter(line__in=[row.pk for row in found])
        .order_by()
        .values("line")
        .annotate(
            cut=Sum(F("full_amount") - F("amount")),
            no_payee=Sum("amount", filter=Q(void_reason=VoidReason.NO_PAYEE), default=0),
        )
        .values_list("line", "cut", "no_payee")
    }
    return [_line(row, *of_awards.get(row.pk, (0, 0))) for row in found]


def _line(row: LineSettlement, cut: int, no_payee: int) -> HouseLine:
    """Refunds shrink what the mall has: the reasons never come to more than is left of it."""
    left = max(0, row.house_amount)
    nobody = min(no_payee, left)
    left -= nobody
    unclaimed = []
    for mode, kind, amount in row.unclaimed:
        part = min(amount, left)
        left -= part
        if part:
            unclaimed.append((rule_word(mode), kind, part))
    return HouseLine(
        order_ulid=row.settlement.order_ulid,
        order_number=row.settlement.order_number,
        title=row.title,
        house=row.house_amount,
        unclaimed=unclaimed,
        no_payee=nobody,
        cut=cut,
        remainder=row.house_amount - nobody - sum(amount for _, _, amount in unclaimed),
    )
