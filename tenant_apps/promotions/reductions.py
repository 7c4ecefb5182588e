"""Full reductions: so much off from so much, by steps, without anybody taking a coupon. Pure; amounts in fen.

Stacking: full reductions come off before coupons, sellers' before the mall's. A line counts for one reduction of each
giver — the one that takes most off; a threshold counts the covered goods at the member's price, before any discount.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from saas.kernel.money import allocate
from tenant_apps.promotions.rules import Funder, Goods, Scope, covers

Steps = tuple[tuple[int, int], ...]  # (from goods of, off), both rising


@dataclass(frozen=True, kw_only=True)
class Reduction:
    """A running full reduction. `seller_ulid` empty: of the mall, and the mall pays it."""

    ulid: str
    title: str
    steps: Steps
    seller_ulid: str = ""
    scope: Scope = Scope.ALL
    scope_values: frozenset[str] = frozenset()

    @property
    def funder(self) -> Funder:
        return Funder.SELLER if self.seller_ulid else Funder.MALL

    def off(self, worth: int) -> int:
        """What the highest step that `worth` fen reach takes off."""
        return max((off for least, off in self.steps if worth >= least), default=0)


@dataclass(frozen=True)
class Cut:
    """What one reduction takes off, and of which lines."""

    reduction: Reduction
    amount: int
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Hint:
    """So much more of a reduction's goods, and so much comes off."""

    reduction: Reduction
    missing: int
    off: int


def cuts(running: Iterable[Reduction], goods: Sequence[Goods]) -> list[Cut]:
    """What the running reductions take off these goods: sellers' first, then the mall's on what is left."""
    left = {line.key: line.level_amount for line in goods}
    by_giver: dict[str, list[Reduction]] = {}
    for one in sorted(running, key=lambda one: (not one.seller_ulid, one.ulid)):
        by_giver.setdefault(one.seller_ulid, []).append(one)
    found: list[Cut] = []
    for candidates in by_giver.values():
        free = list(goods)
        while best := max(
            (cut for one in candidates if (cut := _cut(one, free, left)).amount),
            key=lambda cut: (cut.amount, cut.reduction.ulid),
            default=None,
        ):
            found.append(best)
            for key, part in zip(best.keys, allocate(best.amount, [left[key] for key in best.keys]), strict=True):
                left[key] -= part
            free = [line for line in free if line.key not in best.keys]
    return found


def hints(running: Iterable[Reduction], goods: Sequence[Goods]) -> list[Hint]:
    """The next step of each reduction that some of these goods count for, the nearest first."""
    found = []
    for one in running:
        worth = sum(line.level_amount for line in goods if covers(one, line))
        following = next(((least, off) for least, off in one.steps if least > worth), None)
        if worth and following:
            found.append(Hint(one, following[0] - worth, following[1]))
    return sorted(found, key=lambda hint: (hint.missing, hint.reduction.ulid))


def _cut(reduction: Reduction, goods: Sequence[Goods], left: dict[str, int]) -> Cut:
    covered = [line for line in goods if covers(reduction, line)]
    off = reduction.off(sum(line.level_amount for line in covered))
    keys = tuple(line.key for line in covered)
    return Cut(reduction, min(off, sum(left[key] for key in keys)), keys)
