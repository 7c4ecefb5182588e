"""“What would this sale pay, and to whom?” (D10): one line under the settings in force and under drafts.

Every figure comes from `rulebook.outcome_of_line`; nothing is computed here, and nothing written.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from saas.kernel.errors import InvalidInput, NotFound
from saas.tenants.approvals import MODE_KEYS
from tenant_apps.catalog import selectors as catalog
from tenant_apps.catalog.rules import SELF_OPERATED, offer_key
from tenant_apps.members import selectors as members
from tenant_apps.modes import own_terms, quoting, selectors, selling, sentences
from tenant_apps.modes.contract import (
    GIFT_PACK_ZONE,
    HARD_MAX_LEVELS,
    AreaFacts,
    BuyerFacts,
    LineFacts,
    PayeeKind,
    SaleFacts,
    SellerFacts,
    SellerKind,
    Sentence,
    UplineFacts,
)
from tenant_apps.modes.regional import selectors as regional
from tenant_apps.modes.registry import MODES
from tenant_apps.modes.rulebook import Outcome, Rulebook, at_price, outcome_of_line, quoted_price
from tenant_apps.modes.words import PERSON_WORDS, kind_word
from tenant_apps.modes.worst_case import LINE, everybody
from tenant_apps.sellers import selectors as sellers

ABOVE = ("first", "second", "third")
NOBODY_THERE = -1  # in `ranks`: no such person above the buyer


@dataclass(frozen=True, kw_only=True)
class Question:
    """A sale as somebody imagines it. Amounts in fen. With `sku` the goods are real, with `member` the buyer is."""

    sku: str = ""
    zone: str = "self_operated"
    price_amount: int = 0
    cost_amount: int = 0
    seller_kind: SellerKind = SellerKind.SELF
    seller_rate_ppm: int = 0
    quantity: int = 1
    discount_amount: int = 0  # funded by the mall
    member: str = ""
    level: str = "ordinary"
    rank: int = 0
    promoter: bool = False
    ranks: tuple[int, ...] = (1, 2, 3)
    store: bool = True
    areas: bool = True
    district: str = ""
    pickup: bool = False


@dataclass(frozen=True, kw_only=True)
class Row:
    """One share of what was paid. `wanted` is what the rule gives, `amount` what is left of it after the pot."""

    part: str
    tone: str
    title: str
    payee: str = ""
    why: str = ""
    wanted: int = 0
    amount: int = 0

    @property
    def cut(self) -> int:
        """What the pot took off."""
        return max(0, self.wanted - self.amount)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The waterfall of the line. `rows` add up to `paid`; the mall's own part is signed and comes last."""

    title: str
    price_amount: int
    paid: int
    funds: int
    pot: int
    rows: tuple[Row, ...]

    @property
    def awarded(self) -> int:
        """What all awards come to."""
        return sum(row.amount for row in self.rows if row.part == "award")

    @property
    def cut(self) -> int:
        """What the pot took off all of them."""
        return sum(row.cut for row in self.rows)

    @property
    def house(self) -> int:
        """What stays with the mall, signed."""
        return self.rows[-1].amount


@dataclass(frozen=True)
class Imagined:
    """The facts of a question: what is sold at the zone's price, to whom, and what to call the people in it."""

    title: str
    piece: LineFacts
    sale: SaleFacts
    names: Mapping[str, str]


def imagine(question: Question, *, now: dt.datetime) -> Imagined:
    """The facts that the rules are asked about. Raises InvalidInput, naming the key."""
    title, piece = _piece(question, now)
    sale, names = _sale(question, now)
    real = [piece.seller.id] if question.sku else []
    names |= sellers.names([*real, sale.buyer.store] if question.member else real)
    return Imagined(title, piece, sale, names)


def answer(question: Question, facts: Imagined, book: Rulebook) -> Answer:
    """What the sale pays under a rulebook, at the price that its own rules quote for this buyer."""
    price = quoted_price(book.of(facts.piece.zone), facts.piece, facts.sale.buyer)
    if question.discount_amount > price * question.quantity:
        raise InvalidInput(_("The discount is more than the price."), field="discount_amount")
    piece = own_terms.agreed_line(book.of(facts.piece.zone), facts.piece)
    line = at_price(piece, price, quantity=question.quantity, discount=question.discount_amount)
    outcome = outcome_of_line(book, line, facts.sale)
    return Answer(
        title=facts.title,
        price_amount=price,
        paid=outcome.shares.cash + outcome.shares.voucher,
        funds=outcome.margin.funds,
        pot=outcome.pot,
        rows=tuple(_rows(outcome, facts.names)),
    )


def rulebooks(
    *, now: dt.datetime, drafted: Iterable[selectors.Drafted] = (), at: dt.datetime | None = None
) -> tuple[Rulebook, Rulebook | None]:
    """The settings in force at `at` (default: now), and the same with drafts laid over them where there are any."""
    laid = list(drafted)
    instant = at or now
    return selectors.rulebook(at=instant), selectors.rulebook(at=instant, drafted=laid) if laid else None


def _piece(question: Question, now: dt.datetime) -> tuple[str, LineFacts]:
    if not 1 <= question.quantity <= 999:
        raise InvalidInput(_("Between 1 and 999 pieces."), field="quantity")
    if question.discount_amount < 0:
        raise InvalidInput(_("A discount cannot be negative."), field="discount_amount")
    if question.sku:
        key = offer_key(question.sku, question.zone)
        offer = catalog.offers([key]).get(key)
        if offer is None:
            raise InvalidInput(_("This article is not offered in that zone."), field="sku")
        title = f"{offer.title} {offer.option_text}".strip()
        seller = selling.of_offers([offer], now=now).get(offer.key)
        if seller is None:
            raise InvalidInput(_("The seller of this article may not sell it at the moment."), field="sku")
        return title, selectors.piece_of(offer, seller)
    return _("Goods you typed"), _typed(question)


def _typed(question: Question) -> LineFacts:
    if not 1 <= question.price_amount <= 10_000_000_000:
        raise InvalidInput(_("A price above zero is needed."), field="price_amount")
    if question.cost_amount < 0:
        raise InvalidInput(_("A supply price cannot be negative."), field="cost_amount")
    if not 0 <= question.seller_rate_ppm <= 1_000_000:
        raise InvalidInput(_("A seller's rate lies between 0 % and 100 %."), field="seller_rate_ppm")
    seller = SellerFacts()
    if question.seller_kind is not SellerKind.SELF:
        seller = SellerFacts(
            kind=question.seller_kind,
            rate_ppm=question.seller_rate_ppm,
            supply_price=question.cost_amount if question.seller_kind is SellerKind.SUPPLIER else 0,
            id="seller",
            referrer="referrer",
        )
    return LineFacts(
        line=LINE,
        level_amount=question.price_amount,
        list_amount=question.price_amount,
        supply_cost=question.cost_amount,
        zone=question.zone,
        seller=seller,
        earns=question.zone == SELF_OPERATED
        or all(one.terms.earns for one in catalog.zones() if one.key == question.zone),
    )


def _sale(question: Question, now: dt.datetime) -> tuple[SaleFacts, dict[str, str]]:
    names = {key: _(word) for key, word in PERSON_WORDS.items()}
    buyer = _real_buyer(question, names, now) if question.member else _typical_buyer(question, names)
    everyone = everybody()
    areas: tuple[AreaFacts, ...] = everyone.areas if question.areas else ()
    if question.district:
        areas = regional.areas_of_address(district_code=question.district, now=now)
        names |= members.names_by_ulid([one.agent for area in areas for one in area.holders], masked=False)
    pickup = everyone.pickup_store if question.pickup else ""
    return SaleFacts(buyer=buyer, areas=areas, pickup_store=pickup, pickup_line=LINE if pickup else ""), names


def _typical_buyer(question: Question, names: dict[str, str]) -> BuyerFacts:
    if len(question.ranks) > HARD_MAX_LEVELS:
        raise InvalidInput(_("At most three people above the buyer can earn."), field="ranks")
    chain = []
    for who, rank in zip(ABOVE, question.ranks, strict=False):
        if rank == NOBODY_THERE:
            break
        chain.append(UplineFacts(who, rank=rank, partner=True))
        names[who] = f"{names[who]} (V{rank})" if rank else names[who]
    return BuyerFacts(
        member="buyer",
        promoter=question.promoter,
        rank=question.rank,
        level=question.level,
        store="store" if question.store else "",
        chain=tuple(chain),
    )


def _real_buyer(question: Question, names: dict[str, str], now: dt.datetime) -> BuyerFacts:
    """The member with the chain above him as it is now: what a payment would keep."""
    try:
        row = members.member_by_ulid(question.member)
    except NotFound:
        raise InvalidInput(_("There is no such member."), field="member") from None
    lineage = members.lineage(row.pk, HARD_MAX_LEVELS)
    names |= members.names_by_ulid([one.ulid for one in lineage], masked=False)
    return quoting.sale_buyer(lineage, now)


def _rows(outcome: Outcome, names: Mapping[str, str]) -> list[Row]:
    shares = outcome.shares
    rows = []
    if shares.cost:
        rows.append(Row(part="cost", tone="cost", title=_("Supply price of the goods"), amount=shares.cost))
    if shares.payable:
        rows.append(Row(part="seller", tone="seller", title=_("Seller"), amount=shares.payable))
    if shares.pool:
        rows.append(Row(part="pool", tone="pool", title=_("Subsidy pool"), amount=shares.pool))
    for award, kept in outcome.awards:
        rows.append(
            Row(
                part="award",
                tone=tone_of(award.mode),
                title=sentences.render(Sentence(MODES[award.mode].label)),
                payee=_payee(award.payee, award.payee_kind, names),
                why=sentences.render(_why(award)),
                wanted=award.amount,
                amount=kept,
            )
        )
    rows.append(Row(part="house", tone="house", title=_("Stays with the mall"), amount=shares.house))
    return rows


def tone_of(mode: str) -> str:
    """The colour of a mode in pictures: the same everywhere, whatever else is switched on."""
    return f"mode{MODE_KEYS.index(mode) % 8}" if mode in MODE_KEYS else "mode0"


def _payee(payee: str, kind: PayeeKind, names: Mapping[str, str]) -> str:
    if not payee:
        return _("found when the order completes")
    if kind is PayeeKind.ACCRUAL:
        return _("set aside: %(name)s") % {"name": names.get(payee, payee)}
    return names.get(payee, payee)


def _why(award: Any) -> Sentence:
    data = {
        "kind_word": kind_word(award.kind),
        "rate_ppm": award.rate_ppm,
        "base_amount": award.base_amount,
        "full_amount": award.full_amount,
    }
    if award.rate_ppm:
        return Sentence("{kind_word}: {rate_ppm} × {base_amount}", data)
    return Sentence("{kind_word}: {full_amount}", data)


def is_gift_pack(question: Question) -> bool:
    """Whether the question is about a gift pack's zone."""
    return question.zone == GIFT_PACK_ZONE


def compare(before: Answer | None, after: Answer | None) -> Sequence[tuple[Row, Row | None]]:
    """Rows of `after` beside the same share of `before`, in the order of the pot."""
    if after is None:
        return []
    left = list(before.rows) if before else []
    pairs: list[tuple[Row, Row | None]] = []
    for row in after.rows:
        same = next(
            (
                one
                for one in left
                if (one.part, one.title, one.payee, one.why.partition(":")[0])
                == (row.part, row.title, row.payee, row.why.partition(":")[0])
            ),
            None,
        )
        if same:
            left.remove(same)
        pairs.append((row, same))
    return pairs
