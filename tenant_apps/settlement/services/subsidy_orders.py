"""The subsidy's side of an order: lots, points and gold when it completes, and all of it again when it is refunded.

Amounts in fen, centi-points and whole gold coins; MODES 2.3, 2.6. Called inside the transaction that settles the order.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from saas.kernel.money import ceil_div, pct
from saas.ledger import selectors as book
from saas.ledger import services as ledger
from saas.ledger.services import Move
from tenant_apps.modes import rules as waterfall
from tenant_apps.modes import selectors as modes
from tenant_apps.modes.contract import LineFacts, LineKind, SellerKind
from tenant_apps.modes.rules import PotTerms, Returned
from tenant_apps.modes.subsidy import selectors as subsidy
from tenant_apps.modes.subsidy.models import Pool
from tenant_apps.modes.subsidy.rules import Side, Terms
from tenant_apps.modes.subsidy.services import lots, vouchers
from tenant_apps.modes.subsidy.services.lots import Grant, Left
from tenant_apps.modes.subsidy.settings import SubsidySettings
from tenant_apps.settlement.models import LineSettlement
from tenant_apps.settlement.rules import PaidOrder, debt_of, member_purse, wallet_of

ISSUED = "issued"


@dataclass(frozen=True, kw_only=True)
class Part:
    """Of a line or several (fen): paid in money and by vouchers, and the concession on each."""

    cash: int = 0
    voucher: int = 0
    concession: int = 0
    of_voucher: int = 0

    @property
    def worth(self) -> int:
        """Paid in all."""
        return self.cash + self.voucher

    def points(self, terms: Terms, side: Side) -> int:
        """Centi-points for one side, in the pool."""
        return terms.points(side, self.concession, self.of_voucher)


@dataclass(frozen=True, kw_only=True)
class Taking:
    """A line that takes part: what refunds have left of it, and what was sold. No `seller`: the mall's own goods."""

    seller: str
    holder: str
    now: Part
    whole: Part


def together(parts: Iterable[Part]) -> Part:
    """The sums."""
    every = list(parts)
    return Part(
        cash=sum(one.cash for one in every),
        voucher=sum(one.voucher for one in every),
        concession=sum(one.concession for one in every),
        of_voucher=sum(one.of_voucher for one in every),
    )


def settings_of(order: PaidOrder) -> SubsidySettings | None:
    """The subsidy under which an order was sold; None where it was off (no statement unless the mall has the mode)."""
    if subsidy.MODE not in order.pins:
        return None
    pinned = modes.settings_for_order(order.pins).get(subsidy.MODE)
    values: SubsidySettings | None = pinned.values if pinned else None
    return values if values and values.enabled else None


def pool_account(order: PaidOrder, settings: SubsidySettings | None) -> str:
    """Whose fund the pool's part of an order goes to."""
    key = settings.pool_key(order.province) if settings else ""
    return f"pool.{key}" if key else "pool"


def grant(order: PaidOrder, settings: SubsidySettings, rows: Sequence[LineSettlement], now: dt.datetime) -> None:
    """Write a completed order's lots, and book points and gold. The pool stays locked until the transaction ends."""
    takings = takings_of(order, rows, settings)
    of_order = together(one.now for one in takings)
    turnover = of_order.cash
    if not any(row.pool_amount for row in rows) and not turnover:
        return
    pool = lots.lock_pool(settings.pool_key(order.province), now=now)
    terms = settings.terms()
    buyer = order.facts.buyer.member
    grants = [Grant(side=Side.BUYER, points=of_order.points(terms, Side.BUYER), holder=buyer)]
    for seller, theirs in _by_seller(takings).items():
        points = together(one.now for one in theirs).points(terms, Side.MERCHANT)
        grants.append(Grant(side=Side.MERCHANT, points=points, holder=theirs[0].holder, seller=seller))
    written = lots.grant_lots(
        pool=pool,
        order_ulid=order.ulid,
        terms=terms,
        turnover=turnover,
        grants=[one for one in grants if one.points],
        now=now,
    )
    moves = [Move(ISSUED, cohort.account, points, "POINT") for cohort, points in written]
    for account, asset, amount in _gifts(order, settings, takings):
        moves.append(Move(ISSUED, account, amount, asset))
    if moves:
        ledger.post_entry(
            key=f"subsidy:{order.ulid}",
            kind="subsidy.granted",
            moves=moves,
            document=order.document,
            occurred_at=now,
        )


def take_back(
    order: PaidOrder,
    settings: SubsidySettings,
    rows: Sequence[LineSettlement],
    *,
    inflow: int,
    refund: str,
    before: Sequence[Taking],
    now: dt.datetime,
) -> int:
    """A refund after completion: lots shrink or leave, vouchers are recalled, points and gold go back (MODES 2.6).

    `rows` are the lines after it, `before` the takings before it, `inflow` the fen that the pool should give back.
    Returns what the mall covers of that, so that nobody else's promise is touched.
    """
    takings = takings_of(order, rows, settings)
    pool = lots.lock_pool(settings.pool_key(order.province), now=now)
    terms = settings.terms()
    keep = {(Side.BUYER, ""): together(one.now for one in takings).points(terms, Side.BUYER)}
    for seller, theirs in _by_seller(takings).items():
        keep[Side.MERCHANT, seller] = together(one.now for one in theirs).points(terms, Side.MERCHANT)
    gone = lots.reduce_lots(pool=pool, order_ulid=order.ulid, points=keep)
    moves = _returned(pool, gone) + _gifts_back(order, settings, before, takings)
    if moves:
        ledger.post_entry(
            key=f"subsidy:{refund}", kind="subsidy.recall", moves=moves, document=f"refund:{refund}", occurred_at=now
        )
    covered = inflow - lots.reversible(
        pool=pool,
        settings=subsidy.terms_in_force(now=now).values,
        fund=subsidy.fund_of(pool),
        inflow=inflow,
    )
    lots.cover(pool=pool, amount=covered)
    return covered


def takings_of(order: PaidOrder, rows: Iterable[LineSettlement], settings: SubsidySettings) -> list[Taking]:
    """The lines that take part, as refunds have left them so far."""
    by_line = {row.line_ulid: row for row in rows}
    terms = PotTerms(subsidy=True, voucher_concession_to_pool=settings.voucher_concession_to_pool)
    return [
        Taking(
            seller=line.facts.seller.id,
            holder=line.facts.seller.member,
            now=_part(line.facts, terms, by_line[line.facts.line]),
            whole=_part(line.facts, terms, None),
        )
        for line in order.lines
        if _takes_part(line.facts)
    ]


def _takes_part(facts: LineFacts) -> bool:
    own = facts.seller.kind is SellerKind.SELF and facts.seller.rate_ppm > 0
    return facts.kind is LineKind.GOODS and (own or facts.seller.kind is SellerKind.CONCESSION)


def _part(facts: LineFacts, terms: PotTerms, row: LineSettlement | None) -> Part:
    returned = Returned(cash=row.returned_cash_amount, voucher=row.returned_voucher_amount) if row else Returned()
    of = waterfall.margin(facts, terms, returned)
    return Part(
        cash=facts.cash - returned.cash,
        voucher=facts.voucher_amount - returned.voucher,
        concession=of.concession,
        of_voucher=of.voucher_concession,
    )


def _by_seller(takings: Iterable[Taking]) -> dict[str, list[Taking]]:
    """The merchants' takings; the mall grants itself nothing for its own goods."""
    found: dict[str, list[Taking]] = {}
    for one in takings:
        if one.seller:
            found.setdefault(one.seller, []).append(one)
    return found


def _returned(pool: Pool, gone: Sequence[Left]) -> list[Move]:
    """What falls back to the fund: unspent vouchers first, the holder's wallet, his debt; the rest from the cohort."""
    moves: list[Move] = []
    for one in gone:
        if one.points:
            moves.append(Move(one.cohort.account, ISSUED, one.points, "POINT"))
        moves += _recalled(pool.account, one)
        from_cohort = one.returned - one.recalled
        if from_cohort > 0:  # a cohort whose dust has gone back already may lack one fen of it
            from_cohort = min(from_cohort, _left_of(one.cohort.account, moves))
        if from_cohort > 0:
            moves.append(Move(one.cohort.account, pool.account, from_cohort))
        elif from_cohort < 0:
            moves.append(Move(pool.account, one.cohort.account, -from_cohort))
    return moves


def _left_of(account: str, moves: Iterable[Move]) -> int:
    taken = sum(one.amount for one in moves if one.source == account and one.asset == "CNY")
    return book.balance(account) - taken


def _recalled(fund: str, one: Left) -> list[Move]:
    if not one.recalled:
        return []
    recalled = vouchers.recall(member_ulid=one.holder, amount=one.recalled)
    moves = [Move("voucher.reserve", fund, recalled)] if recalled else []
    if lacking := one.recalled - recalled:
        purse = member_purse(one.holder)
        drawn = min(lacking, max(0, book.available(purse.account)))
        moves += [Move(purse.account, fund, drawn)] if drawn else []
        moves += [Move(purse.debt, fund, lacking - drawn)] if lacking > drawn else []
    return moves


def _gifts(order: PaidOrder, settings: SubsidySettings, takings: Sequence[Taking]) -> list[tuple[str, str, int]]:
    """(account, asset, amount): gold and the points outside the pool, as refunds so far have left them."""
    now, whole = together(one.now for one in takings), together(one.whole for one in takings)
    buyer = wallet_of(order.facts.buyer.member)
    found = [
        (buyer, "GOLD", _kept(whole.cash * settings.gold_per_yuan // 100, whole.cash - now.cash, whole.cash)),
        (buyer, "POINT", _kept(_ordinary(settings, Side.BUYER, whole), whole.worth - now.worth, whole.worth)),
    ]
    for seller, theirs in _by_seller(takings).items():
        now, whole = together(one.now for one in theirs), together(one.whole for one in theirs)
        kept = _kept(_ordinary(settings, Side.MERCHANT, whole), whole.worth - now.worth, whole.worth)
        found.append((f"store.wallet.{seller}", "POINT", kept))
    return [one for one in found if one[2]]


def _kept(granted: int, returned: int, whole: int) -> int:
    """What is left of a gift after `returned` of `whole`: the cumulative share is rounded up (MODES 1.2)."""
    return granted - ceil_div(granted * returned, whole) if whole else 0


def _ordinary(settings: SubsidySettings, side: Side, whole: Part) -> int:
    """Points that do not enter the pool."""
    rate = settings.buyer_point_ppm if side is Side.BUYER else settings.merchant_point_ppm
    granted = pct(whole.concession + pct(whole.of_voucher, settings.voucher_earns_points_ppm), rate)
    return granted - pct(granted, settings.points_pool_ppm)


def _gifts_back(
    order: PaidOrder, settings: SubsidySettings, before: Sequence[Taking], after: Sequence[Taking]
) -> list[Move]:
    """Gold and ordinary points that go back; what has been spent of them is a debt in that asset."""
    kept = {(account, asset): amount for account, asset, amount in _gifts(order, settings, after)}
    moves: list[Move] = []
    for account, asset, amount in _gifts(order, settings, before):
        back = amount - kept.get((account, asset), 0)
        drawn = min(back, max(0, book.available(account, asset)))
        moves += [Move(account, ISSUED, drawn, asset)] if drawn else []
        moves += [Move(_debt(account), ISSUED, back - drawn, asset)] if back > drawn else []
    return moves


def _debt(account: str) -> str:
    kind, _wallet, owner = account.split(".")
    return debt_of(owner) if kind == "member" else f"debt.store.{owner}"
