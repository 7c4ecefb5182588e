"""Who got what on an order: line → rule → settings version → base, rate, cut → holds and entries → refunds → house.

One trace, four readers: staff see all of it, an auditor the same with names masked, a seller his own lines without other
people's awards, a member his own award alone (`award_told`).
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from saas.kernel.errors import NotFound
from saas.ledger import selectors as book
from saas.ledger.selectors import EntryLegs, HoldLife
from tenant_apps.members.models import Member
from tenant_apps.modes import line_awards
from tenant_apps.modes import selectors as modes
from tenant_apps.modes.contract import BaseMode, PayeeKind, Sentence
from tenant_apps.modes.sentences import render
from tenant_apps.sellers import people
from tenant_apps.sellers.staffing import ShopRole
from tenant_apps.settlement import facts, sentences
from tenant_apps.settlement.models import Award, ClawBack, LineSettlement, OrderSettlement
from tenant_apps.settlement.rules import SettlementState, purse_of
from tenant_apps.settlement.selectors.awards import AwardView, rule_word, views


class Reader(StrEnum):
    """Who reads a trace."""

    STAFF = "staff"
    AUDITOR = "auditor"
    SELLER = "seller"


@dataclass(frozen=True, kw_only=True)
class BackView:
    """What one refund took back of an award, and out of what. Fen."""

    at: dt.datetime
    refund_ulid: str
    amount: int
    debt: int
    house: int
    entry_key: str


@dataclass(frozen=True, kw_only=True)
class TracedAward:
    """An award with everything that it follows from and everything that it became."""

    view: AwardView
    account: str
    version_number: int
    version_at: dt.datetime | None
    basis: str  # for staff and auditors: base, rate, version and section of the rules
    base_word: str
    base_amount: int
    rate_ppm: int
    full_amount: int
    cut_amount: int
    hold_key: str
    release_key: str
    period_key: str
    void_word: str
    backs: Sequence[BackView]


@dataclass(frozen=True, kw_only=True)
class Term:
    """One holder of a line's money. The terms of a line add up to what is left of what the shopper paid."""

    word: str
    amount: int
    account: str


@dataclass(frozen=True, kw_only=True)
class TracedLine:
    """A line's money: paid − returned = seller + cost + pool + awards + house, to the fen."""

    line_ulid: str
    title: str
    seller_ulid: str
    cash: int
    voucher: int
    returned: int
    left: int
    funds: int
    terms: Sequence[Term]
    adds_up: bool
    awards: Sequence[TracedAward]
    cut_amount: int
    unclaimed: Sequence[tuple[str, str, int]]
    freight: int  # what is left of it; apart from the terms
    fees: Sequence[str] = ()  # what was taken off the seller's part, and why


@dataclass(frozen=True, kw_only=True)
class TracedRefund:
    """A refund that has been laid on its bearers."""

    ulid: str
    at: dt.datetime
    cash: int
    freight: int
    entry_key: str


@dataclass(frozen=True, kw_only=True)
class OrderTrace:
    """Everything that happened to the money of an order."""

    order_ulid: str
    number: str
    released: bool
    awarded_at: dt.datetime
    released_at: dt.datetime | None
    freight: int
    freight_returned: int
    lines: Sequence[TracedLine]
    refunds: Sequence[TracedRefund]
    holds: Sequence[HoldLife]
    entries: Sequence[EntryLegs]


def trace_order(order_ulid: str, *, reader: Reader = Reader.STAFF, seller_ulid: str = "") -> OrderTrace | None:
    """Who got what on an order; None before it is paid. A seller sees the lines of `seller_ulid` alone."""
    settlement = OrderSettlement.objects.filter(order_ulid=order_ulid).first()
    if settlement is None:
        return None
    rows = LineSettlement.objects.filter(settlement=settlement).order_by("position")
    if reader is Reader.SELLER:
        rows = rows.filter(seller_id=seller_ulid)
    lines = list(rows)
    awards = _awards(lines, reader, seller_ulid)
    fees = _fees(order_ulid, lines)
    refunds = list(settlement.refunds.order_by("pk"))
    documents = [f"order:{order_ulid}", *(f"refund:{one.refund_ulid}" for one in refunds)]
    inside = reader is not Reader.SELLER
    return OrderTrace(
        order_ulid=order_ulid,
        number=settlement.order_number,
        released=settlement.state == SettlementState.RELEASED,
        awarded_at=settlement.awarded_at,
        released_at=settlement.released_at,
        freight=settlement.freight_amount if inside else 0,
        freight_returned=settlement.refunded_freight_amount if inside else 0,
        lines=[_line(row, [one for pk, one in awards if pk == row.pk], fees.get(row.pk, []), reader) for row in lines],
        refunds=[
            TracedRefund(
                ulid=one.refund_ulid,
                at=one.settled_at,
                cash=one.cash_amount,
                freight=one.freight_amount,
                entry_key=one.entry_key,
            )
            for one in refunds
        ]
        if inside
        else [],
        holds=book.holds_of(documents) if inside else [],
        entries=book.entries_of(documents) if inside else [],
    )


def sold_by(member: Member, order_ulid: str) -> bool:
    """Whether a member's own shops sold lines of a settled order, so that `trace_of_owner` shows him something."""
    shops = [shop.ulid for shop in people.shops_of(member, ShopRole.MONEY)]
    if not shops:
        return False
    return LineSettlement.objects.filter(settlement__order_ulid=order_ulid, seller_id__in=shops).exists()


def order_of_number(number: str) -> str:
    """The ULID of a settled order by its number; empty if there is none."""
    return OrderSettlement.objects.filter(order_number=number).values_list("order_ulid", flat=True).first() or ""


def trace_of_owner(member: Member, order_ulid: str) -> tuple[str, list[TracedLine]]:
    """The order's number and the lines of it that a member's own shops sold. Raises NotFound where there are none."""
    found: list[TracedLine] = []
    number = ""
    for shop in people.shops_of(member, ShopRole.MONEY):
        trace = trace_order(order_ulid, reader=Reader.SELLER, seller_ulid=shop.ulid)
        if trace is not None and trace.lines:
            found += trace.lines
            number = trace.number
    if not found:
        raise NotFound
    return number, found


def award_told(member_ulid: str, ulid: str) -> TracedAward:
    """A member's own award with everything that explains it; the buyer is masked. Raises NotFound."""
    row = (
        Award.objects.filter(ulid=ulid, payee_ulid=member_ulid, payee_kind=PayeeKind.MEMBER)
        .select_related("line__settlement")
        .first()
    )
    if row is None:
        raise NotFound
    backs = ClawBack.objects.filter(award=row).select_related("refund").order_by("pk")
    versions = modes.version_headers([row.settings_version])
    view = views([row], names_masked=True)[0]
    return _award(row, view, versions.get(row.settings_version), [_back(one) for one in backs])


def order_of_document(document: str) -> str:
    """The ULID of the order that a ledger document belongs to; empty if it is none of an order's."""
    kind, _, ulid = document.partition(":")
    if kind == "order":
        return ulid if OrderSettlement.objects.filter(order_ulid=ulid).exists() else ""
    if kind == "refund":
        found = OrderSettlement.objects.filter(refunds__refund_ulid=ulid).values_list("order_ulid", flat=True)
        return found.first() or ""
    return ""


def _awards(lines: Sequence[LineSettlement], reader: Reader, seller: str) -> list[tuple[int, TracedAward]]:
    found = Award.objects.filter(line__in=lines).select_related("line__settlement").order_by("position")
    if reader is Reader.SELLER:  # what his own store earned; other people's awards are not his business
        found = found.filter(payee_ulid=seller)
    rows = list(found)
    backs: dict[int, list[BackView]] = {}
    for back in ClawBack.objects.filter(award__in=rows).select_related("refund").order_by("pk"):
        backs.setdefault(back.award_id, []).append(_back(back))
    versions = modes.version_headers({row.settings_version for row in rows})
    shown = views(rows, names_masked=reader is not Reader.STAFF)
    return [
        (row.line_id, _award(row, view, versions.get(row.settings_version), backs.get(row.pk, [])))
        for row, view in zip(rows, shown, strict=True)
    ]


def _award(
    row: Award, view: AwardView, version: tuple[int, dt.datetime] | None, backs: Sequence[BackView]
) -> TracedAward:
    return TracedAward(
        view=view,
        account=purse_of(row.payee_kind, row.payee_ulid, row.mode).account if row.payee_ulid else "",
        version_number=version[0] if version else 0,
        version_at=version[1] if version else None,
        basis=sentences.basis(row, number=version[0] if version else 0),
        base_word=render(Sentence(sentences.BASE_WORDS[BaseMode(row.base)])),
        base_amount=row.base_amount,
        rate_ppm=row.rate_ppm,
        full_amount=row.full_amount,
        cut_amount=row.full_amount - row.amount,
        hold_key=row.hold_key,
        release_key=row.release_key,
        period_key=row.period_key,
        void_word=render(Sentence(sentences.VOID_WORDS[row.void_reason])) if row.void_reason else "",
        backs=backs,
    )


def _back(row: ClawBack) -> BackView:
    return BackView(
        at=row.refund.settled_at,
        refund_ulid=row.refund.refund_ulid,
        amount=row.amount,
        debt=row.debt_amount,
        house=row.house_amount,
        entry_key=row.refund.entry_key,
    )


def _fees(order_ulid: str, rows: Sequence[LineSettlement]) -> dict[int, list[str]]:
    """What was taken off the sellers' parts, in words; by line (the order's statements, none where sellers paid nothing)."""
    if not any(row.fee_amount or row.payment_fee_amount for row in rows):
        return {}
    order = facts.paid_order(order_ulid)
    pinned = {key: one.values for key, one in modes.settings_for_order(order.pins).items()}
    terms = line_awards.pot_terms(pinned["settlement"], pinned)
    sold = {line.facts.line: line.facts for line in order.lines}
    return {row.pk: sentences.fees(sold[row.line_ulid], terms, row.returned) for row in rows}


def _line(row: LineSettlement, awards: Sequence[TracedAward], fees: Sequence[str], reader: Reader) -> TracedLine:
    left = row.cash_amount - row.returned_cash_amount + row.voucher_amount - row.returned_voucher_amount
    terms = _terms(row) if reader is not Reader.SELLER else _terms_for_seller(row, left)
    return TracedLine(
        line_ulid=row.line_ulid,
        title=row.title,
        seller_ulid=row.seller_id,
        cash=row.cash_amount,
        voucher=row.voucher_amount,
        returned=row.returned_cash_amount + row.returned_voucher_amount,
        left=left,
        funds=row.funds_amount if reader is not Reader.SELLER else 0,
        terms=terms,
        adds_up=sum(term.amount for term in terms) == left,
        awards=awards,
        cut_amount=sum(award.cut_amount for award in awards),
        unclaimed=[(rule_word(mode), kind, amount) for mode, kind, amount in row.unclaimed]
        if reader is not Reader.SELLER
        else [],
        freight=row.freight_amount - row.returned_freight_amount,
        fees=fees,
    )


def _terms(row: LineSettlement) -> list[Term]:
    payable = row.purse.account if row.seller_id else ""
    found = [
        ("payable", row.payable_amount, payable),
        ("cost", row.cost_amount, "own_goods"),
        ("pool", row.pool_amount, "pool"),
        ("awards", row.awarded_amount, ""),
        ("house", row.house_amount, "house"),
    ]
    return [_term(*one) for one in found if one[1] or one[0] == "house"]


def _terms_for_seller(row: LineSettlement, left: int) -> list[Term]:
    """His part, and the mall's as one figure: what becomes of it is not the seller's business."""
    own = _term("payable", row.payable_amount, row.purse.account)
    return [own, _term("mall", left - row.payable_amount, "")]


def _term(word: str, amount: int, account: str) -> Term:
    return Term(word=render(Sentence(sentences.TERM_WORDS[word])), amount=amount, account=account)
