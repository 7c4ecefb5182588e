"""The service fee on a mall's completed sales: a rate for each slice of a month's turnover. Pure."""

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field

from saas.kernel.money import PPM


class FeeTier(BaseModel):
    """`rate_ppm` on the turnover up to `up_to_fen` (None: on all that is above the tier before)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    up_to_fen: int | None = Field(ge=1)
    rate_ppm: int = Field(ge=0, le=PPM)


class BadTiers(ValueError):
    """Limits do not rise, or the last tier is not open."""


def check_tiers(tiers: Sequence[FeeTier]) -> tuple[FeeTier, ...]:
    """The tiers, if their limits rise and only the last one has none; no tiers: no fee. Raises BadTiers."""
    limits = [tier.up_to_fen for tier in tiers]
    closed = [limit for limit in limits[:-1] if limit is not None]
    if tiers and (limits[-1] is not None or len(closed) != len(limits) - 1 or sorted(set(closed)) != closed):
        raise BadTiers("limits must rise, and the last tier is open")
    return tuple(tiers)


def service_fee(turnover_fen: int, tiers: Sequence[FeeTier]) -> int:
    """The fee on a month's turnover: each slice at its rate, rounded down once over all slices. No turnover, no fee."""
    total, below = 0, 0
    for tier in tiers:
        top = turnover_fen if tier.up_to_fen is None else min(turnover_fen, tier.up_to_fen)
        total += max(0, top - below) * tier.rate_ppm
        below = max(below, top)
    return total // PPM
