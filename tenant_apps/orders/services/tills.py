"""What is paid at a till: an amount instead of a product, sold by one seller on the spot (FEATURES G6).

No product stands behind it and no stock is taken; everything else — take, concession, awards, discounts, vouchers,
refunds — is that of any line of goods, in the zone `o2o`.
"""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from saas.kernel.errors import DomainError
from saas.kernel.money import format_yuan
from tenant_apps.catalog.rules import OfferFact, ProductKind, offer_key
from tenant_apps.members import divisions
from tenant_apps.modes.quoting import OfferQuote
from tenant_apps.orders.rules import DeliveryKind, WantedLine
from tenant_apps.sellers import selectors as sellers

ZONE = "o2o"
MAX_AMOUNT = 20_000_000  # fen


class TillAmountInvalid(DomainError):
    """A till takes one amount at a time, above zero and within bounds."""

    code = "till_amount_invalid"
    http_status = 422
    message = _("Enter one amount from ¥0.01 to ¥{most}.")  # type: ignore[assignment]


def wanted(seller_ulid: str, amount: int) -> WantedLine:
    """The line that pays `amount` fen at a seller's till."""
    return WantedLine(offer_key(seller_ulid, ZONE), 1, expected_unit_amount=amount, till_amount=amount)


def check_amount(amount: int) -> None:
    """Raise TillAmountInvalid unless a till takes `amount` fen."""
    if not 0 < amount <= MAX_AMOUNT:
        raise TillAmountInvalid(most=format_yuan(MAX_AMOUNT), field="amount")


def offers(lines: Sequence[WantedLine]) -> dict[str, OfferFact]:
    """What the till lines among `lines` sell, by key (one statement, none without any). Raises TillAmountInvalid."""
    asked = [line for line in lines if line.till_amount is not None]
    if not asked:
        return {}
    line = asked[0]
    check_amount((line.till_amount or 0) if len(lines) == 1 and line.qty == 1 else 0)
    seller_ulid = line.sku_ulid.partition("@")[0]
    names = sellers.names([seller_ulid])
    if seller_ulid not in names:
        return {}
    title = gettext("Paid at the till of “{seller}”").format(seller=names[seller_ulid])
    found = OfferFact(
        sku_id=0,
        sku_ulid=seller_ulid,
        product_ulid=seller_ulid,
        zone=ZONE,
        categories=(),
        title=title[:80],
        option_text="",
        image_key="",
        price_amount=line.till_amount or 0,
        supply_amount=None,
        stock=1,
        sellable=True,
        kind=ProductKind.GOODS,
        seller_ulid=seller_ulid,
    )
    return {found.key: found}


def prices(found: Mapping[str, OfferFact]) -> dict[str, OfferQuote]:
    """The amount that was agreed at the counter is the price, whoever pays: no mode lowers it."""
    return {key: OfferQuote(one.price_amount, one.price_amount, one.price_amount) for key, one in found.items()}


def columns(seller_ulid: str) -> dict[str, str]:
    """Where such an order belongs: to the district of the store, with nobody's address."""
    code = sellers.seller(seller_ulid).area_code
    values = {"delivery_kind": str(DeliveryKind.TILL)}
    if not code:
        return values
    place = divisions.place_of_district(code)
    return values | {
        "province_code": place.province.code,
        "city_code": place.city.code,
        "district_code": place.district.code,
        "province": place.province.name,
        "city": place.city.name,
        "district": place.district.name,
    }
