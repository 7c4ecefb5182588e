"""Awards of a gift pack's line (MODES 6): levels, ranks, areas on the price paid, in that order under one cap. Pure."""

from saas.kernel.money import pct
from tenant_apps.modes import areas as held
from tenant_apps.modes import ranks
from tenant_apps.modes import rules as waterfall
from tenant_apps.modes.contract import TOP_RANK, Award, BaseMode, LineFacts, SaleFacts
from tenant_apps.modes.gift_pack.settings import GiftPackSettings


def awards(settings: GiftPackSettings, line: LineFacts, sale: SaleFacts) -> tuple[Award, ...]:
    """The awards of one line, cut from the end to the pack's own cap."""
    made = [*_levels(settings, line, sale), *_ranks(settings, line, sale), *_areas(settings, line, sale)]
    return waterfall.cap_total(made, pct(line.cash, settings.payout_cap_ppm))


def _levels(settings: GiftPackSettings, line: LineFacts, sale: SaleFacts) -> list[Award]:
    """To promoters alone; the share of somebody who may not earn stays with the mall."""
    return [
        _award(line, f"level{level}", person.member, rate, pct(line.cash, rate))
        for level, (rate, person) in enumerate(zip(settings.level_ppm, sale.buyer.chain, strict=False), start=1)
        if person.promoter and ranks.may_earn(line, person)
    ]


def _ranks(settings: GiftPackSettings, line: LineFacts, sale: SaleFacts) -> list[Award]:
    """Differential of the ancestors' ranks before this purchase, without peer award."""
    chain = ranks.chain_by_rank(line, sale.buyer.chain)
    rates = [settings.rank_rate_ppm.of(rank) for rank in range(1, TOP_RANK + 1)]
    earned = ranks.walk(chain, base=line.cash, rates=rates, depth=settings.max_depth)
    return [_award(line, one.kind, one.member, one.rate_ppm, one.amount) for one in earned]


def _areas(settings: GiftPackSettings, line: LineFacts, sale: SaleFacts) -> list[Award]:
    """District, city, province, each its whole rate; the unsold part of an area stays with the mall."""
    return [
        _award(line, area.word, agent, rate, part)
        for area in held.in_order(sale.areas)
        if (rate := settings.area_ppm.of(area.word))
        for agent, part in held.split(pct(line.cash, rate), area, line)
    ]


def _award(line: LineFacts, kind: str, payee: str, rate: int, amount: int) -> Award:
    return Award(
        mode="gift_pack",
        kind=kind,
        payee=payee,
        base=BaseMode.PAID,
        base_amount=line.cash,
        rate_ppm=rate,
        amount=amount,
        full_amount=amount,
    )
