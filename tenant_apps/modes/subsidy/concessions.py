"""What a line's seller gives up where the mall agreed on it product by product, and for its own goods (MODES 1, 2.12). Pure."""

import dataclasses
from collections.abc import Sequence

from saas.kernel.money import PPM, pct
from tenant_apps.modes import overrides
from tenant_apps.modes.contract import LineFacts, SellerFacts, SellerKind
from tenant_apps.modes.subsidy.settings import SubsidySettings


def agreed(
    settings: SubsidySettings | None,
    seller: SellerFacts,
    *,
    sku: str,
    product: str,
    categories: Sequence[str],
    worth: int,
    cost: int | None,
) -> SellerFacts:
    """The seller's facts with the concession (ppm) of this very line: of the SKU, else product, seller, category.

    Own goods give a notional one, never more than what they leave: `worth` C + V and `cost` in fen, None: not known, so
    they take no part. Fixed when the line is sold, so a refund only ever lowers the concession.
    """
    if settings is None or not settings.enabled:
        return seller
    own = seller.kind is SellerKind.SELF
    if not own and seller.kind is not SellerKind.CONCESSION:
        return seller
    found = overrides.rates_of(
        settings.overrides_index, sku=sku, product=product, seller=seller.id, categories=categories
    )
    if not own:
        rate = found[0] if found and found[0] else seller.rate_ppm
    else:
        rate = settings.own_concession_ppm if found is None else found[0]
        left = max(0, worth - cost) if cost is not None else 0
        rate = min(rate, left * PPM // worth) if worth > 0 else 0
    return seller if rate == seller.rate_ppm else dataclasses.replace(seller, rate_ppm=rate)


def agreed_line(settings: SubsidySettings | None, line: LineFacts) -> LineFacts:
    """A line that nobody has bought, with the concession that it would be sold under."""
    if not line.is_plain:
        return line
    seller = agreed(
        settings,
        line.seller,
        sku=line.sku,
        product=line.product,
        categories=line.categories,
        worth=line.cash + line.voucher_amount,
        cost=line.supply_cost,
    )
    if seller is line.seller:
        return line
    cost = line.supply_cost
    if seller.kind is SellerKind.CONCESSION:
        cost = line.cash - pct(line.cash, seller.rate_ppm)
    return dataclasses.replace(line, seller=seller, supply_cost=cost)
