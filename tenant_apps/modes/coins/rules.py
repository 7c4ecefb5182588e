"""How many shopping coins a line takes (MODES 11b). Pure; whole coins of `coin_fen` fen, on goods only, never on freight."""

from dataclasses import dataclass

from saas.kernel.money import pct


@dataclass(frozen=True)
class CoinDeduction:
    """Coins used, and what they take off (fen)."""

    coins: int
    amount: int


def coin_deduction(base: int, balance: int, *, most_ppm: int = 300_000, coin_fen: int = 1) -> CoinDeduction:
    """What `balance` coins may pay of `base` fen (M − Ds − Dp): at most `most_ppm` of it, in whole coins."""
    coins = min(balance, pct(base, most_ppm) // coin_fen)
    return CoinDeduction(coins, coins * coin_fen)
