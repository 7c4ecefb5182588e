"""What a purchase would cost now: offers and rules read, amounts computed, nothing written."""

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from django.utils.translation import gettext_lazy as _

from saas.kernel.errors import DomainError
from tenant_apps.catalog import selectors as catalog
from tenant_apps.catalog.rules import REDEEMED_KINDS, OfferFact, ProductKind
from tenant_apps.modes import own_terms, quoting, selling
from tenant_apps.modes import selectors as modes
from tenant_apps.modes.coins.rules import line_limits
from tenant_apps.modes.contract import GIFT_PACK_ZONE, PARTNER_LEVEL, BuyerFacts, SellerFacts, SellerKind
from tenant_apps.modes.order_terms.settings import OrderSettings
from tenant_apps.modes.quoting import OfferQuote
from tenant_apps.modes.selectors import Pinned
from tenant_apps.modes.settlement_terms.settings import SettlementSettings
from tenant_apps.modes.subsidy import concessions
from tenant_apps.modes.subsidy.settings import SubsidySettings
from tenant_apps.orders import pricing
from tenant_apps.orders.delivery import DeliveryWish
from tenant_apps.orders.pricing import Discount, PricedLine, Waterfall
from tenant_apps.orders.rules import MAX_CART_LINES, MAX_QTY, Recipient, WantedLine, line_amounts
from tenant_apps.orders.services import coin_payment, coupon_payment, flash_payment, sending, tills, voucher_payment
from tenant_apps.orders.services.coin_payment import CoinTerms
from tenant_apps.orders.services.quoted import QuotedLine, QuotePart
from tenant_apps.promotions import selectors as promotions


class EmptyCart(DomainError):
    """Nothing was chosen."""

    code = "empty_cart"
    http_status = 422
    message = _("Your cart is empty.")  # type: ignore[assignment]


class SkuNotSellable(DomainError):
    """A chosen SKU is off shelf, or was never there."""

    code = "sku_not_sellable"
    message = _("“{title}” is no longer sold.")  # type: ignore[assignment]


class SellerPaused(SkuNotSellable):
    """The seller of a chosen SKU may not sell at the moment: paused, closed, or without a valid licence."""

    code = "seller_paused"
    message = _("“{title}” is not on sale at the moment: its seller has paused. Please take it out of your cart.")  # type: ignore[assignment]


class QuantityOutOfRange(DomainError):
    """Fewer than one or more than allowed of a SKU, or too many different ones."""

    code = "quantity_out_of_range"
    http_status = 422
    message = _("You can buy 1 to {limit} of “{title}” in one order.")  # type: ignore[assignment]


class BelowLeast(DomainError):
    """Fewer pieces of a SKU than its zone sells at once."""

    code = "below_least"
    http_status = 422
    message = _("“{title}” is sold from {least} pieces on in this zone.")  # type: ignore[assignment]


class ZoneForPartners(DomainError):
    """The zone is for those who hold a paid membership."""

    code = "zone_for_partners"
    http_status = 403
    message = _("“{title}” is for partners alone in this zone.")  # type: ignore[assignment]


class PriceChanged(DomainError):
    """The total differs from the one the shopper agreed to; `sku_ulid` and `title` name the line where it is known."""

    code = "price_changed"
    message = _("The price of “{title}” has changed. Please look at the order again.")  # type: ignore[assignment]


class FeeAlone(DomainError):
    """A fee — a membership, a deposit — is bought by an order of its own, one piece."""

    code = "fee_alone"
    http_status = 422
    message = _("“{title}” is bought by itself, one at a time.")  # type: ignore[assignment]


class DepositNotYours(DomainError):
    """A seller's deposit is paid by the owner of the shop."""

    code = "deposit_not_yours"
    http_status = 403
    message = _("The deposit of a shop is paid by its owner.")  # type: ignore[assignment]


class TotalChanged(PriceChanged):
    """As PriceChanged, where no line's price is known to differ: freight, or a quantity."""

    message = _("The total has changed. Please look at the order again.")  # type: ignore[assignment]


@dataclass(frozen=True)
class CheckoutQuote:
    """What a purchase costs (fen), and the settings that say so. `parts` become one order a seller, `lines` are theirs."""

    lines: tuple[QuotedLine, ...]
    parts: tuple[QuotePart, ...]
    terms: OrderSettings
    settlement: SettlementSettings
    aftersales_days: int
    pins: Mapping[str, str]
    voucher_amount: int = 0  # of the goods; goods_amount is what is left to pay in money
    voucher_limit_amount: int = 0  # what vouchers may pay of it
    coin_limit: int = 0  # coins that may be used
    coin_fen: int = 1

    @property
    def goods_amount(self) -> int:
        return sum(part.goods_amount for part in self.parts)

    @property
    def freight_amount(self) -> int:
        return sum(part.freight_amount for part in self.parts)

    @property
    def total_amount(self) -> int:
        return self.goods_amount + self.freight_amount

    @property
    def worth_amount(self) -> int:
        """The goods, whatever pays them."""
        return sum(part.worth_amount for part in self.parts)

    @property
    def discount_amount(self) -> int:
        """What discounts take off, whoever bears them; coins apart."""
        return sum(
            share.amount for line in self.lines for share in line.shares if share.discount.source != pricing.COINS
        )

    @property
    def discount_rows(self) -> list[tuple[str, int]]:
        """What took how much off, by name, in the order in which it was taken."""
        found: dict[str, tuple[str, int]] = {}
        for one in sorted((one for line in self.lines for one in line.shares), key=lambda one: one.discount.by_mall):
            if one.discount.source != pricing.COINS:
                title, before = found.get(one.discount.source, (one.discount.title, 0))
                found[one.discount.source] = (title, before + one.amount)
        return list(found.values())

    @property
    def coin_count(self) -> int:
        """Coins that pay a part of the goods."""
        return sum(part.coin_count for part in self.parts)

    @property
    def coin_amount(self) -> int:
        """What the coins take off, whoever bears it."""
        return self.coin_count * self.coin_fen

    @property
    def before_discounts_amount(self) -> int:
        """The goods at the buyer's prices, before discounts: with them, freight, coins and vouchers it adds up to the total."""
        return sum(line.amounts.level_amount for line in self.lines)

    @property
    def kind(self) -> ProductKind:
        """What is sold: goods, or one fee."""
        return ProductKind(self.lines[0].offer.kind)

    @property
    def needs_address(self) -> bool:
        """Whether something is handed to somebody: who that is, and where, has to be known."""
        return self.kind is ProductKind.GOODS and not self.is_till

    @property
    def is_till(self) -> bool:
        """Whether an amount is paid at a till: nothing is sent, and no stock is kept of it."""
        return self.lines[0].offer.zone == tills.ZONE and not self.lines[0].offer.sku_id

    @property
    def saved_amount(self) -> int:
        """What the buyer's level takes off the zone's prices."""
        return sum(line.amounts.gross_amount - line.amounts.level_amount for line in self.lines)


def quote_checkout(
    *,
    lines: Sequence[WantedLine],
    now: dt.datetime,
    buyer: BuyerFacts = modes.NOBODY,
    voucher_amount: int = 0,
    coins: int = 0,
    discounts: Sequence[Discount] = (),
    deliveries: Sequence[DeliveryWish] = (),
    address: Recipient | None = None,
    coupons: Sequence[str] = (),
) -> CheckoutQuote:
    """Prices for this buyer, freight and total of `lines` (two statements, three with sellers' goods, more with freight
    templates and stores that deliver). Stock is looked at when the order is placed. `voucher_amount` (fen) of the goods
    is to be paid by vouchers, and what so many `coins` are worth by coins; freight never is. Freight is for `address`; without one for everywhere else. `coupons`
    are ULIDs of the buyer's (one statement more).

    Raises EmptyCart, QuantityOutOfRange, BelowLeast, ZoneForPartners, SkuNotSellable, FeeAlone, DepositNotYours, VouchersNotTaken,
    CoinsNotTaken, CouponNotUsable, NotDelivered, Unreachable (with an address), TillAmountInvalid.
    """
    wanted = _merged(lines)
    at_till = tills.offers(lines)
    offers = at_till or catalog.offers(wanted)
    pinned = modes.settings_in_force(now=now)
    terms: OrderSettings = pinned["orders"].values
    prices = tills.prices(at_till) or quoting.quote_offers(
        offers.values(), buyer=buyer, pinned=pinned, quantities=wanted
    )
    sellers = selling.of_offers(offers.values(), now=now)
    subsidy = pinned["subsidy"].values if "subsidy" in pinned else None
    sellers = {key: _with_own_terms(offers[key], seller, pinned) for key, seller in sellers.items()}
    quoted = tuple(
        _quote_line(key, qty, offers.get(key), prices.get(key), sellers.get(key), terms, subsidy)
        for key, qty in wanted.items()
    )
    _check_kinds(quoted, buyer)
    _check_zones(quoted, buyer)
    running = promotions.by_itself(now=now)
    flash = flash_payment.discounts(quoted, running, member_ulid=buyer.member)
    at_flash = {key for one in flash for key in one.keys}
    usual = [line for line in quoted if line.offer.key not in at_flash]
    full = coupon_payment.reductions(usual, running)
    by_coupon = coupon_payment.discounts(usual, coupons, member_ulid=buyer.member, now=now, earlier=full)
    discounts = (*discounts, *flash, *full, *by_coupon)
    coin_terms = coin_payment.terms(quoted, pinned)
    paid = _pay(quoted, discounts, coins, coin_terms, voucher_amount, subsidy if subsidy and subsidy.enabled else None)
    return CheckoutQuote(
        lines=paid.lines,
        parts=sending.parts(paid.lines, deliveries=deliveries, terms=terms, address=address, now=now),
        voucher_amount=voucher_amount,
        voucher_limit_amount=paid.voucher_limit,
        coin_limit=paid.coin_limit,
        coin_fen=coin_terms.coin_fen,
        terms=terms,
        settlement=pinned["settlement"].values,
        aftersales_days=_aftersales_days(ProductKind(quoted[0].offer.kind), pinned),
        pins={key: one.ulid for key, one in pinned.items() if one.ulid},
    )


@dataclass(frozen=True)
class _Paid:
    """The lines after the waterfall, what vouchers may pay of them (fen), and how many coins they may take."""

    lines: tuple[QuotedLine, ...]
    voucher_limit: int
    coin_limit: int = 0


def _pay(
    lines: Sequence[QuotedLine],
    discounts: Sequence[Discount],
    coins: int,
    coin_terms: CoinTerms,
    voucher_amount: int,
    subsidy: SubsidySettings | None,
) -> _Paid:
    """The lines after the waterfall of MODES 1. Raises CoinsNotTaken, VouchersNotTaken."""
    rates = voucher_payment.rates(lines, subsidy)
    if not discounts and not voucher_amount and not coins and not coin_terms.taken:
        return _Paid(tuple(lines), sum(pricing.limits([line.amounts.cash_amount for line in lines], rates)))
    priced = [
        PricedLine(
            key=line.offer.key,
            gross_amount=line.amounts.gross_amount,
            level_amount=line.amounts.level_amount,
            coin_ppm=coin_ppm,
            voucher_ppm=rate,
            discountable=line.offer.kind == ProductKind.GOODS,
            coins_by_seller=by_seller,
        )
        for line, rate, coin_ppm, by_seller in zip(lines, rates, coin_terms.rates, coin_terms.by_seller, strict=True)
    ]
    bare = [one.amounts.cash_amount for one in pricing.waterfall(priced, discounts)]
    most = sum(line_limits(bare, coin_terms.rates, coin_fen=coin_terms.coin_fen))
    coin_payment.check(coins, most)
    pay = partial(pricing.waterfall, priced, discounts, coins=coins, coin_fen=coin_terms.coin_fen)
    limit = sum(pricing.limits([one.amounts.cash_amount for one in pay()], rates))
    voucher_payment.check(voucher_amount, limit)
    after = pay(voucher_amount=voucher_amount)
    return _Paid(tuple(_paid(line, one) for line, one in zip(lines, after, strict=True)), limit, most)


def _paid(line: QuotedLine, one: Waterfall) -> QuotedLine:
    cash = one.amounts.cash_amount
    cost = selling.supply_cost(line.seller, qty=line.qty, supply_price=line.offer.supply_amount or 0, cash=cash)
    amounts = dataclasses.replace(one.amounts, supply_cost_amount=cost)
    return dataclasses.replace(line, amounts=amounts, shares=one.shares, coin_count=one.coin_count)


def check_expected(quote: CheckoutQuote, lines: Sequence[WantedLine], expected_total: int, *, now: dt.datetime) -> None:
    """Raise PriceChanged, naming a line where it can, or FlashOver where a flash sale may be the reason, unless the quote is what the shopper agreed to."""
    expected = {line.sku_ulid: line.expected_unit_amount for line in lines if line.expected_unit_amount is not None}
    for line in quote.lines:
        agreed = expected.get(line.offer.key, line.unit_amount)
        if agreed != line.unit_amount:
            raise PriceChanged(title=line.offer.title, sku_ulid=line.offer.key, was=agreed, now=line.unit_amount)
    if quote.total_amount != expected_total:
        flash_payment.require_running(quote.lines, now=now)
        raise TotalChanged(was=expected_total, now=quote.total_amount)


def sold(key: str, offer: OfferFact | None) -> OfferFact:
    """The offer, if it is sold. Raises SkuNotSellable, or SellerPaused where it is the seller who does not sell."""
    if offer is not None and not offer.seller_sells:
        raise SellerPaused(title=offer.title, sku_ulid=key)
    if offer is None or not offer.sellable:
        raise SkuNotSellable(title=offer.title if offer else key, sku_ulid=key)
    return offer


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


def _aftersales_days(kind: ProductKind, pinned: Mapping[str, Pinned]) -> int:
    """A membership completes when its cooling-off period is over (MODES 9a), a service soon after it was redeemed,
    everything else after the usual window (MODES 0)."""
    partner = pinned.get("partner_membership")
    if kind in (ProductKind.DEPOSIT, ProductKind.STORED_CARD):
        return 0  # nothing was sold: it lies in the account of what is owed as soon as it has arrived
    terms = pinned["settlement"].values
    days: int = terms.aftersales_days_service if kind in REDEEMED_KINDS else terms.aftersales_days
    return partner.values.cooling_off_days if kind is ProductKind.MEMBERSHIP and partner else days


def _check_kinds(lines: Sequence[QuotedLine], buyer: BuyerFacts) -> None:
    fee = next((line for line in lines if line.offer.kind != ProductKind.GOODS), None)
    if fee is not None and (len(lines) > 1 or fee.qty > 1):
        raise FeeAlone(title=fee.offer.title)
    if fee is not None and fee.offer.kind == ProductKind.DEPOSIT and fee.seller.member != buyer.member:
        raise DepositNotYours


def _check_zones(lines: Sequence[QuotedLine], buyer: BuyerFacts) -> None:
    """Whether the buyer may buy where these lines are sold. A quote for nobody in particular may always be made."""
    closed = next((line for line in lines if line.offer.zone_terms.members_only), None)
    if closed is not None and buyer.member and buyer.level != PARTNER_LEVEL:
        raise ZoneForPartners(title=closed.offer.title, sku_ulid=closed.offer.key)


def _with_own_terms(offer: OfferFact, seller: SellerFacts, pinned: Mapping[str, Pinned]) -> SellerFacts:
    if seller.kind is not SellerKind.COMMISSION:
        return seller
    if offer.kind != ProductKind.GOODS or offer.zone == GIFT_PACK_ZONE or not offer.zone_terms.earns:
        return dataclasses.replace(seller, wants_ppm=0, wants_coins=0)
    here = modes.of_zone(pinned, offer.zone)
    return own_terms.agreed({key: one.values for key, one in here.items()}, seller)


def _quote_line(
    key: str,
    qty: int,
    offer: OfferFact | None,
    price: OfferQuote | None,
    seller: SellerFacts | None,
    terms: OrderSettings,
    subsidy: SubsidySettings | None,
) -> QuotedLine:
    offer = sold(key, offer)
    if seller is None or price is None:  # paused a moment ago
        raise SellerPaused(title=offer.title, sku_ulid=key)
    if qty > min(MAX_QTY, terms.max_quantity):
        raise QuantityOutOfRange(limit=min(MAX_QTY, terms.max_quantity), title=offer.title, sku_ulid=key)
    if qty < offer.zone_terms.least_qty:
        raise BelowLeast(title=offer.title, least=offer.zone_terms.least_qty, sku_ulid=key)
    amounts = line_amounts(
        unit_list_amount=price.list_amount,
        unit_amount=price.unit_amount,
        qty=qty,
        unit_supply_amount=offer.supply_amount or 0,
    )
    if offer.kind == ProductKind.GOODS and offer.zone != GIFT_PACK_ZONE and offer.zone_terms.earns:
        seller = concessions.agreed(
            subsidy,
            seller,
            sku=offer.sku_ulid,
            product=offer.product_ulid,
            categories=offer.categories,
            worth=amounts.cash_amount,
            cost=None if offer.supply_amount is None else qty * offer.supply_amount,
        )
    cost = selling.supply_cost(seller, qty=qty, supply_price=offer.supply_amount or 0, cash=amounts.cash_amount)
    return QuotedLine(offer, qty, dataclasses.replace(amounts, supply_cost_amount=cost), seller)
