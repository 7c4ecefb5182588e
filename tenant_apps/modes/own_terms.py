"""What a seller adds of his own inside the mall's bounds: a commission for whoever brought the buyer, and coins. Pure.

He pays for it by a higher take, so that the pot of the line grows by what he adds. Only a seller who pays a commission
can: a supply price has no take, and a concession is shared by rules of its own. Fixed when the line is sold.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from tenant_apps.modes.coins.settings import COIN_PPM, CoinsSettings
from tenant_apps.modes.contract import LineFacts, SellerFacts, SellerKind
from tenant_apps.modes.distribution.settings import DistributionSettings
from tenant_apps.modes.rules import take


def bounded(wanted: int, *, least: int, most: int) -> int:
    """What holds of a wish under the mall's bounds; without a ceiling nothing does."""
    return 0 if most <= 0 else min(max(wanted, min(least, most)), most)


def agreed(settings: Mapping[str, Any], seller: SellerFacts) -> SellerFacts:
    """The seller's facts as a line of plain goods is sold under these settings (mode → values of the line's zone)."""
    added, coins = 0, 0
    distribution: DistributionSettings | None = settings.get("distribution")
    giving: CoinsSettings | None = settings.get("coins")
    if seller.kind is SellerKind.COMMISSION:
        if distribution is not None and distribution.enabled:
            added = bounded(seller.wants_ppm, least=distribution.seller_least_ppm, most=distribution.seller_most_ppm)
        if giving is not None and giving.enabled:
            coins = bounded(seller.wants_coins, least=0, most=giving.seller_coins_most)
    cost = added + (coins * COIN_PPM * giving.coin_fen if giving is not None else 0)
    wished = seller.wants_ppm or seller.wants_coins
    if not cost and not wished:
        return seller
    return dataclasses.replace(
        seller, added_ppm=added, added_coins=coins, rate_ppm=seller.rate_ppm + cost, wants_ppm=0, wants_coins=0
    )


def agreed_line(settings: Mapping[str, Any], line: LineFacts) -> LineFacts:
    """A line that nobody has bought, with what its seller would add."""
    if not line.is_plain:
        return line
    seller = agreed(settings, line.seller)
    if seller is line.seller:
        return line
    return dataclasses.replace(line, seller=seller, supply_cost=line.cash - take(seller, line.cash))
