"""When a seller's product needs the mall's look before it is live, and the mall's bounds for it. Pure."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from tenant_apps.sellers.rules import SettlementKind


class Look(StrEnum):
    """What the mall looks at before it is live."""

    ALL = "look_all"
    NEW = "look_new"
    NONE = "look_none"


@dataclass(frozen=True, kw_only=True)
class ListingRule:
    """The mall's rule for sellers' own products. Fen."""

    look: Look
    products_max: int
    price_min_amount: int


def needs_look(rule: ListingRule, settlement: str, shelved_at: dt.datetime | None) -> bool:
    """Whether staff have to agree: what is bought at a supply price always; else as the rule says."""
    if settlement == SettlementKind.SUPPLIER or rule.look is Look.ALL:
        return True
    return rule.look is Look.NEW and shelved_at is None
