"""Settings as they hold together, with drafts laid over them, and the offers that they are tried on."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tenant_apps.catalog import selectors as catalog
from tenant_apps.catalog.rules import OfferFact
from tenant_apps.modes import selling
from tenant_apps.modes.contract import (
    LineFacts,
    LineKind,
    SellerFacts,
)
from tenant_apps.modes.models import SettingsDraft, SettingsVersion
from tenant_apps.modes.registry import MODES, SETTINGS
from tenant_apps.modes.rulebook import Rulebook
from tenant_apps.modes.selectors.in_force import WHOLE_MALL, Pinned, key_of, of_zone, settings_in_force
from tenant_apps.modes.worst_case import LINE, Combination
from tenant_apps.sellers import selectors as sellers


@dataclass(frozen=True)
class Drafted:
    """Settings as somebody would have them, for the whole mall or a zone; None: the zone follows the whole mall."""

    mode: str
    zone: str
    values: Any


def drafted(draft: SettingsDraft) -> Drafted:
    """A stored draft with its values as the mode's model."""
    values = None if draft.inherits else SETTINGS[draft.mode].model_validate(draft.values)
    return Drafted(draft.mode, draft.zone, values)


def rulebook(*, at: dt.datetime, drafted: Iterable[Drafted] = ()) -> Rulebook:
    """Settings as they hold together at an instant, with drafts laid over what is published."""
    pinned = settings_in_force(now=at)
    for one in drafted:
        key = key_of(one.mode, one.zone)
        if one.values is None:
            pinned.pop(key, None)
        else:
            pinned[key] = Pinned("", one.mode, one.zone, 0, one.values)
    return rulebook_of(pinned)


def rulebook_of(pinned: Mapping[str, Pinned]) -> Rulebook:
    """Pinned settings as a rulebook: in the order of the pot, zones that have their own apart."""

    def of(zone: str) -> dict[str, Any]:
        here = of_zone(pinned, zone)
        return {key: here[key].values for key in MODES if key in here}

    zones = {one.zone for one in pinned.values() if one.zone}
    return Rulebook(pinned["settlement"].values, of(WHOLE_MALL), {zone: of(zone) for zone in sorted(zones)})


def instants_from(start: dt.datetime, *, drafted: Sequence[Drafted]) -> list[dt.datetime]:
    """`start`, and every later instant at which published settings change while all of `drafted` would still hold."""
    keys = {(one.mode, one.zone) for one in drafted}
    found = [start]
    for row in SettingsVersion.objects.filter(effective_from__gt=start).order_by("effective_from", "number"):
        if (row.mode, row.zone) in keys:
            break  # from here on that version holds, not the draft
        found.append(row.effective_from)
    return list(dict.fromkeys(found))


def combinations() -> Iterator[Combination]:
    """Every offer on shelf as a line of one piece: what the payout ratio of new settings is computed on (MODES 1).

    A seller's with the lowest take that he can reach: the worst case is not what holds today.
    """
    terms = sellers.lowest_terms()
    for offer in catalog.offers_on_shelf():
        known = terms.get(offer.seller_ulid) if offer.kind == LineKind.GOODS else None
        seller = selling.of_terms(known, offer.supply_amount or 0) if known else SellerFacts()
        yield Combination(f"{offer.title} {offer.option_text}".strip(), piece_of(offer, seller))


def piece_of(offer: OfferFact, seller: SellerFacts) -> LineFacts:
    """One piece of an offer at the zone's price, as a line that nobody has bought."""
    cost = selling.supply_cost(seller, qty=1, supply_price=offer.supply_amount or 0, cash=offer.price_amount)
    return LineFacts(
        line=LINE,
        level_amount=offer.price_amount,
        list_amount=offer.price_amount,
        supply_cost=cost,
        zone=offer.zone,
        sku=offer.sku_ulid,
        product=offer.product_ulid,
        categories=offer.categories,
        kind=LineKind(offer.kind),
        seller=seller,
        earns=offer.zone_terms.earns,
    )
