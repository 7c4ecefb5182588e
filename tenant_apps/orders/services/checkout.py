"""What a purchase would cost now: offers and rules read, amounts computed, nothing written."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from saas.kernel.errors import DomainError
from tenant_apps.catalog import selectors as catalog
from tenant_apps.catalog.rules import SELF_OPERATED, OfferFact
from tenant_apps.modes import selectors as modes
from tenant_apps.modes.contract import BuyerFacts, LineKind, OfferFacts
from tenant_apps.modes.order_terms.settings import OrderSettings
from tenant_apps.modes.registry import MODES
from tenant_apps.modes.selectors import Pinned
from tenant_apps.modes.settlement_terms.settings import SettlementSettings
from tenant_apps.orders.rules import MAX_CART_LINES, MAX_QTY, LineAmounts, WantedLine, freight, line_amounts


class EmptyCart(DomainError):
    """Nothing was chosen."""

    code = "empty_cart"
    http_status = 422
    message = _("Your cart is empty.")  # type: ignore[assignment]


class SkuNotSellable(DomainError):
    """A chosen SKU is off shelf, or was never there."""

    code = "sku_not_sellable"
    message = _("“{title}” is no longer sold.")  # type: ignore[assignment]


class QuantityOutOfRange(DomainError):
    """Fewer than one or more than allowed of a SKU, or too many different ones."""

    code = "quantity_out_of_range"
    http_status = 422
    message = _("You can buy 1 to {limit} of “{title}” in one order.")  # type: ignore[assignment]


class PriceChanged(DomainError):
    """The total differs from the one the shopper agreed to; `sku_ulid` and `title` name the line where it is known."""

    code = "price_changed"
    message = _("The price of “{title}” has changed. Please look at the order again.")  # type: ignore[assignment]


class TotalChanged(PriceChanged):
    """As PriceChanged, where no line's price is known to differ: freight, or a quantity."""

    message = _("The total has changed. Please look at the order again.")  # type: ignore[assignment]


@dataclass(frozen=True)
class QuotedLine:
    """A line as it would be sold."""

    offer: OfferFact
    qty: int
    amounts: LineAmounts

    @property
    def unit_amount(self) -> int:
        return self.amounts.level_amount // self.qty


@dataclass(frozen=True)
class CheckoutQuote:
    """What a purchase costs (fen), and the settings that say so."""

    lines: tuple[QuotedLine, ...]
    goods_amount: int
    freight_amount: int
    free_freight_from_amount: int | None
    terms: OrderSettings
    settlement: SettlementSettings
    pins: Mapping[str, str]

    @property
    def total_amount(self) -> int:
        return self.goods_amount + self.freight_amount


def quote_checkout(*, lines: Sequence[WantedLine], now: dt.datetime, buyer: BuyerFacts = modes.NOBODY) -> CheckoutQuote:
    """Prices for this buyer, freight and total of `lines` (two statements). Stock is looked at when the order is placed.

    Raises EmptyCart, QuantityOutOfRange, SkuNotSellable.
    """
    wanted = _merged(lines)
    offers = catalog.offers(wanted)
    pinned = modes.settings_in_force(now=now)
    terms: OrderSettings = pinned["orders"].values
    quoted = tuple(_quote_line(sku, qty, offers.get(sku), pinned, terms, buyer) for sku, qty in wanted.items())
    goods = sum(line.amounts.cash_amount for line in quoted)
    free_from = terms.freight_free_from_fen if terms.freight_free else None
    return CheckoutQuote(
        lines=quoted,
        goods_amount=goods,
        freight_amount=freight(goods, flat_amount=terms.freight_fen, free_from_amount=free_from),
        free_freight_from_amount=free_from,
        terms=terms,
        settlement=pinned["settlement"].values,
        pins={key: one.ulid for key, one in pinned.items() if one.ulid},
    )


def check_expected(quote: CheckoutQuote, lines: Sequence[WantedLine], expected_total: int) -> None:
    """Raise PriceChanged, naming a line where it can, unless the quote is what the shopper agreed to."""
    expected = {line.sku_ulid: line.expected_unit_amount for line in lines if line.expected_unit_amount is not None}
    for line in quote.lines:
        agreed = expected.get(line.offer.sku_ulid, line.unit_amount)
        if agreed != line.unit_amount:
            raise PriceChanged(title=line.offer.title, sku_ulid=line.offer.sku_ulid, was=agreed, now=line.unit_amount)
    if quote.total_amount != expected_total:
        raise TotalChanged(was=expected_total, now=quote.total_amount)


def _merged(lines: Sequence[WantedLine]) -> dict[str, int]:
    if not lines:
        raise EmptyCart
    wanted: dict[str, int] = {}
    for line in lines:
        if line.qty < 1:
            raise QuantityOutOfRange(limit=MAX_QTY, title=line.sku_ulid)
        wanted[line.sku_ulid] = wanted.get(line.sku_ulid, 0) + line.qty
    if len(wanted) > MAX_CART_LINES:
        raise QuantityOutOfRange(limit=MAX_CART_LINES, title="")
    return wanted


def _quote_line(
    sku_ulid: str,
    qty: int,
    offer: OfferFact | None,
    pinned: Mapping[str, Pinned],
    terms: OrderSettings,
    buyer: BuyerFacts,
) -> QuotedLine:
    if offer is None or not offer.sellable:
        raise SkuNotSellable(title=offer.title if offer else sku_ulid, sku_ulid=sku_ulid)
    if qty > min(MAX_QTY, terms.max_quantity):
        raise QuantityOutOfRange(limit=min(MAX_QTY, terms.max_quantity), title=offer.title, sku_ulid=sku_ulid)
    supply = offer.supply_amount or 0
    amounts = line_amounts(
        unit_list_amount=offer.price_amount,
        unit_amount=_unit_price(offer, pinned, buyer),
        qty=qty,
        unit_supply_amount=supply,
    )
    return QuotedLine(offer, qty, amounts)


def _unit_price(offer: OfferFact, pinned: Mapping[str, Pinned], buyer: BuyerFacts) -> int:
    """The lowest price that a mode in force quotes this buyer; the offer's own price where none lowers it."""
    facts = OfferFacts(
        sku=offer.sku_ulid,
        list_price=offer.price_amount,
        supply_cost=offer.supply_amount or 0,
        kind=LineKind(offer.kind),
        zone=offer.zone or SELF_OPERATED,
        product=offer.product_ulid,
        categories=offer.categories,
    )
    here = modes.of_zone(pinned, facts.zone)
    quotes = [MODES[key].quote(here[key].values, facts, buyer).unit_price for key in MODES if key in here]
    return min([offer.price_amount, *quotes])
