"""What part of a price belongs to which days, to the fen. Pure.

A price is spread over the days of its period by floors of the running sum, so the shares of any cut into pieces add up
to the price exactly: what was charged at first, less every credit, plus every charge, is what was used.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Change:
    """An upgrade within a period: money back for the days left of the old price, money for them at the new price."""

    days_left: int
    days: int
    credit_fen: int
    charge_fen: int

    @property
    def due_fen(self) -> int:
        """To be paid now; negative: to the vendor's balance."""
        return self.charge_fen - self.credit_fen


def share(price_fen: int, days: int, first: int, last: int) -> int:
    """What of `price_fen` for `days` days belongs to the days `first` up to, but without, `last` (counted from 0)."""
    if price_fen < 0 or not 0 <= first <= last <= days or days == 0:
        raise ValueError(f"no share: {price_fen} fen, days {first} to {last} of {days}")
    return price_fen * last // days - price_fen * first // days


def change(*, old_fen: int, new_fen: int, days: int, used: int) -> Change:
    """The change of price after `used` days of a period; the day of the change is counted at the new price."""
    return Change(
        days_left=days - used,
        days=days,
        credit_fen=share(old_fen, days, used, days),
        charge_fen=share(new_fen, days, used, days),
    )


def restart(*, old_fen: int, new_fen: int, days: int, used: int) -> Change:
    """The change to a price for another length of period: it starts today and is charged whole."""
    return Change(days_left=days - used, days=days, credit_fen=share(old_fen, days, used, days), charge_fen=new_fen)
