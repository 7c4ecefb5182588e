"""What a shop may add of its own: the wish, the mall's bounds for it, the versions as they are stored. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class OwnTerms:
    """Commission for whoever brought the buyer (ppm of what is paid in money), and coins for each yuan."""

    promotion_ppm: int = 0
    coins: int = 0


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """What the mall's settings allow. A most of 0: nothing can be set."""

    least_ppm: int = 0
    most_ppm: int = 0
    coins_most: int = 0
    coin_fen: int = 1  # what a coin costs the shop


def terms_of(versions: Sequence[Mapping[str, Any]]) -> OwnTerms:
    """What the newest version says."""
    if not versions:
        return OwnTerms()
    return OwnTerms(promotion_ppm=versions[-1]["promotion_ppm"], coins=versions[-1]["coins"])
