"""The payout of every product × rank under every mode at once: 10 000 products, each with a price of its own.

Pure computation: no server runs. Publishing settings does a quarter of it (the highest rank alone), once a distinct line.
"""

import time
from collections.abc import Callable, Iterator
from typing import Any

from saas.runtime.bench import Bench, Figure
from tenant_apps.modes import rules, worst_case
from tenant_apps.modes.contract import LineFacts
from tenant_apps.modes.registry import MODES
from tenant_apps.modes.rulebook import Rulebook
from tenant_apps.modes.settlement_terms.settings import SettlementSettings
from tenant_apps.modes.worst_case import LINE, Combination

PRODUCTS = 10_000
PRICES = 100
RANKS = (0, 1, 2, 3)
AIM_SECONDS = 5
TIMES = 3


def measure(bench: Bench) -> Iterator[Figure]:
    """CPU time, best of three, since it is one computation in one process; the floor computes what each line leaves, without any mode."""
    count = bench.times(PRODUCTS)
    book = Rulebook(SettlementSettings(), {key: mode.settings() for key, mode in MODES.items()})
    different, alike = offers(count, prices=count), offers(count, prices=PRICES)
    terms = book.terms.pot_terms()
    floor = _best(lambda: [rules.margin(one.line, terms) for one in different])
    beside = f"what the lines leave, alone: {floor:.2f} s"
    for what, offered, ranks in (
        (f"{count:,} products of as many prices × 4 ranks", different, RANKS),
        (f"{count:,} products of as many prices, highest rank (publishing)", different, RANKS[-1:]),
        (f"{count:,} products of {PRICES} prices × 4 ranks", alike, RANKS),
    ):
        seconds = _best(lambda offered=offered, ranks=ranks: worst_case.payouts(offered, book, ranks=ranks))  # type: ignore[misc]
        aim = f"under {AIM_SECONDS} s"
        yield Figure(
            f"{what}, {len(MODES)} modes", seconds, "s CPU", beside, seconds / floor, aim, seconds < AIM_SECONDS
        )


def offers(count: int, *, prices: int) -> list[Combination]:
    """Products as a catalogue has them, `prices` different ones."""
    return [
        Combination(
            f"Product {number}",
            LineFacts(
                line=LINE,
                level_amount=10_000 + number % prices,
                list_amount=10_000 + number % prices,
                supply_cost=4_000,
                sku=f"sku{number}",
                product=f"product{number}",
                categories=("tea", "drinks"),
            ),
        )
        for number in range(count)
    ]


def _best(work: Callable[[], Any]) -> float:
    found = []
    for _ in range(TIMES):
        started = time.process_time()
        work()
        found.append(time.process_time() - started)
    return min(found)
