"""Worked examples of MODES 2.10, to the fen, and the table of 2.8."""

import pytest

from tenant_apps.modes.subsidy.pools import NotHeld, OrderTwice, Pool, UnknownOrder
from tenant_apps.modes.subsidy.projection import project, turnovers
from tenant_apps.modes.subsidy.rules import PeriodState, Side, Terms, Trigger, is_due, terms_fault
from tenant_apps.modes.subsidy.sharing import Budget, Claim, share_out

RESERVED = Terms()
TABLE = Terms(pool_share_ppm=400_000, reserve_periods=0)
FIFTH = 200_000  # a concession of 20 %


def one_order(terms: Terms) -> Pool:
    pool = Pool(terms)
    pool.order("o1", cash=100_000, concession_ppm=FIFTH)
    return pool


def entitled(pool: Pool) -> list[int]:
    return [pool.entitled(lot) for lot in pool.lots]


@pytest.mark.parametrize(("terms", "inflow"), [(TABLE, 8_000), (RESERVED, 12_000)])
def test_1_an_order_grants_points_to_both_sides_and_feeds_the_pool(terms: Terms, inflow: int) -> None:
    pool = one_order(terms)
    assert [(lot.side, lot.points) for lot in pool.lots] == [(Side.BUYER, 20_000), (Side.MERCHANT, 20_000)]
    assert pool.fund == inflow
    assert [pool.cohorts[lot.cohort].headroom(lot.points) for lot in pool.lots] == [100_000, 20_000]
    assert pool.tick().paid == 200
    assert entitled(pool) == [100, 100]


@pytest.mark.parametrize(("multiple", "period", "total"), [(1_000_000, 25, 20_000), (2_000_000, 30, 40_000)])
def test_2_with_an_ample_pool_growth_is_clamped_and_lots_leave_at_their_multiple(
    multiple: int, period: int, total: int
) -> None:
    pool = one_order(Terms(merchant_multiple_ppm=multiple))
    pool.fund = 10**9
    left: dict[Side, int] = {}
    steps: list[int] = []
    for number in range(1, 41):
        tick = pool.tick(300_000)
        steps.append(pool.entitled(pool.lots[0]))
        for lot in pool.lots:
            if pool.status(lot) == "out_multiple":
                left.setdefault(lot.side, number)
        if tick.state is PeriodState.SERVED and len(left) < 2:
            assert tick.growth == 150_000
    assert left == {Side.BUYER: 36, Side.MERCHANT: period}
    assert entitled(pool) == [100_000, total]
    assert steps[:3] == [100, 215, 347]  # 1.00, +1.15, +1.3225


def test_3_without_growth_the_published_table_uses_up_its_pool_to_the_fen() -> None:
    pool = one_order(TABLE)
    assert [pool.tick(0).paid for _ in range(40)] == [200] * 40
    assert pool.fund == 0
    assert [pool.status(lot) for lot in pool.lots] == ["out_period", "out_period"]
    assert entitled(pool) == [4_000, 4_000]


def test_4_the_published_table() -> None:
    pool, found = Pool(TABLE), []
    for number, cash in enumerate([100_000, 15_000, 17_250]):
        inflow = pool.order(str(number), cash=cash, concession_ppm=FIFTH)
        found.append((inflow, pool.tick(150_000).paid))
    assert found == [(8_000, 200), (1_200, 260), (1_380, 332)]


def test_5_the_reserve_binds_and_nothing_falls() -> None:
    pool = one_order(RESERVED)
    ticks = [pool.tick(150_000) for _ in range(40)]
    assert [tick.growth for tick in ticks][:6] == [150_000, 150_000, 150_000, 150_000, 4_842, 0]
    assert pool.fund == 0
    assert entitled(pool) == [6_000, 6_000]


def test_6_growth_on_credit_empties_the_pool_and_then_it_holds() -> None:
    pool = one_order(TABLE)
    ticks = [pool.tick(150_000) for _ in range(14)]
    assert ticks[13].growth == 57_536
    assert pool.fund == 0
    assert entitled(pool) == [4_000, 4_000]
    before = list(pool.cohorts)
    for _ in range(2):
        held = pool.tick(150_000)
        assert (held.state, held.paid, held.need) == (PeriodState.HELD, 0, 1_132)
        assert pool.cohorts == before
    with pytest.raises(NotHeld):
        pool.liquidate(hold_max=3)
    assert pool.cohorts == before
    pool.tick(150_000)
    assert pool.liquidate(hold_max=3) == [0, 0]
    assert [pool.status(lot) for lot in pool.lots] == ["out_liquidated", "out_liquidated"]


def test_7_a_newcomer_starts_at_his_own_first_period() -> None:
    pool = one_order(RESERVED)
    assert pool.tick().paid == 200
    pool.order("o2", cash=50_000, concession_ppm=100_000)
    assert pool.tick(80_000).paid == 266
    assert entitled(pool) == [208, 208, 25, 25]


@pytest.mark.parametrize(("terms", "inflow"), [(TABLE, 2_000), (RESERVED, 3_000)])
def test_8_a_refund_leaves_the_pool_as_if_the_order_had_never_been(terms: Terms, inflow: int) -> None:
    pool, without = one_order(terms), one_order(terms)
    pool.tick(0)
    without.tick(0)
    pool.order("o2", cash=50_000, concession_ppm=100_000)
    for _ in range(5):
        pool.tick(0)
        without.tick(0)
    back = pool.refund("o2")
    assert (back.returned, back.reversed, back.platform) == (250, inflow, 0)
    assert pool.fund == without.fund
    assert [pool.status(lot) for lot in pool.lots][2:] == ["void", "void"]
    with pytest.raises(UnknownOrder):
        pool.refund("o2")
    assert pool.fund == without.fund


def test_a_part_of_an_order_taken_back_leaves_the_rest_in_its_cohort() -> None:
    pool, smaller = one_order(RESERVED), Pool(RESERVED)
    smaller.order("o1", cash=50_000, concession_ppm=FIFTH)
    for one in (pool, smaller):
        one.tick(0)
        one.tick(0)
    pool.reduce("o1", concession=10_000)
    assert (pool.fund, entitled(pool)) == (smaller.fund, entitled(smaller))
    with pytest.raises(ValueError, match="lowers"):
        pool.reduce("o1", concession=20_000)


def test_the_same_order_comes_once() -> None:
    pool = one_order(RESERVED)
    with pytest.raises(OrderTwice):
        pool.order("o1", cash=1, concession_ppm=FIFTH)
    assert pool.fund == 12_000


def test_a_concession_that_rounds_to_no_point_makes_no_lot() -> None:
    pool = Pool(RESERVED)
    assert pool.order("small", cash=4, concession_ppm=FIFTH) == 0
    assert pool.lots == []
    assert pool.tick().state is PeriodState.EMPTY


_RISE = [(60, 150_000)]


@pytest.mark.parametrize(
    ("terms", "runs", "first", "of_turnover", "of_inflow", "reached", "out", "waiting", "mean", "best", "holds"),
    [
        (RESERVED, [*_RISE, (40, 0)], 10**8, 8.64, 72.0, 0, 100, 0, 0.216, 306.7, 0),
        (TABLE, _RISE, 10**8, 7.53, 94.1, 0.84, 0, 99.2, 0.223, 1000, 58),
        (RESERVED, _RISE, 10**8, 12.00, 100, 0, 100, 0, 0.300, 306.7, 0),
        (TABLE, [(120, 50_000)], 10**8, 7.96, 99.4, 0, 14.7, 85.3, 0.199, 120.8, 60),
        (RESERVED, [(120, 50_000)], 10**8, 12.00, 100, 0, 100, 0, 0.300, 108.6, 0),
        (RESERVED, [(120, 0)], 10**8, 8.00, 66.7, 0, 100, 0, 0.200, 40, 0),
        (TABLE, [(120, -50_000)], 10**10, 8.00, 100, 0, 100, 0, 0.200, 40, 0),
        (RESERVED, [(40, 150_000), (80, -100_000)], 10**8, 9.84, 82.0, 0, 100, 0, 0.246, 306.7, 0),
        (Terms(pool_share_ppm=1_000_000), [(40, 150_000), (80, -100_000)], 10**8, 13.51, 67.6, 0.3, 99.7, 0, 0.365, 1000, 0),
    ],
)  # fmt: skip
def test_the_table_of_scenarios(
    terms: Terms, runs: list[tuple[int, int]], first: int, of_turnover: float, of_inflow: float,
    reached: float, out: float, waiting: float, mean: float, best: float, holds: int,
) -> None:  # fmt: skip
    """MODES 2.8; its figures are given rounded, and turnover stops after the runs. `best` is for a 1 000-yuan order."""
    drafted = turnovers(first, 1 + sum(run for run, _ in runs), runs)
    found = project(terms, concession_ppm=FIFTH, turnover=[*drafted, *[0] * 60])
    issued, inflow = found.periods[-1].issued_total, sum(one.inflow for one in found.periods)
    assert issued / sum(drafted) * 100 == pytest.approx(of_turnover, abs=0.03)
    assert issued / inflow * 100 == pytest.approx(of_inflow, abs=0.3)
    summary = found.summary
    assert summary.out_multiple_ppm / 10_000 == pytest.approx(reached, abs=0.05)
    assert summary.out_period_ppm / 10_000 == pytest.approx(out, abs=0.1)
    assert summary.waiting_ppm / 10_000 == pytest.approx(waiting, abs=0.1)
    assert summary.mean_multiple_ppm / 1_000_000 == pytest.approx(mean, abs=0.001)
    assert summary.best_multiple_ppm / 5_000 == pytest.approx(best, abs=0.1)
    assert summary.holds == holds
    assert all(tick.fund >= 0 for tick in found.ticks)


def test_a_hundred_billion_yuan_are_projected() -> None:
    drafted = turnovers(10**8, 260, [(60, 150_000), (199, 0)])
    assert 9 * 10**13 < sum(drafted) < 10**14
    found = project(RESERVED, concession_ppm=FIFTH, turnover=drafted)
    assert len(found.periods) == 260 and found.summary.holds == 0
    assert found.periods[0].coverage_ppm is not None and found.periods[0].coverage_ppm >= 1_000_000


def test_growth_runs_have_to_fit() -> None:
    with pytest.raises(ValueError, match="259"):
        turnovers(1, 260, [(60, 150_000), (198, 0)])


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        (Terms(first_ppm=0), "first_ppm"),
        (Terms(periods_max=41), "periods_max"),
        (Terms(buyer_multiple_ppm=5_000_001), "buyer_multiple_ppm"),
        (Terms(pool_share_ppm=399_999), "pool_share_ppm"),
        (Terms(pool_share_ppm=1_000_001), "pool_share_ppm"),
        (Terms(reserve_periods=41), "reserve_periods"),
        (Terms(growth_floor_ppm=150_001), "growth_floor_ppm"),
        (Terms(raise_budget_ppm=0), "raise_budget_ppm"),
    ],
)
def test_hard_blocks_name_the_setting(terms: Terms, field: str) -> None:
    fault = terms_fault(terms)
    assert fault is not None and fault.field == field


def test_self_funding_of_exactly_one_is_enough() -> None:
    assert terms_fault(TABLE) is None


def test_sharing_out_fills_the_capped_first() -> None:
    claims = [Claim(100, 5), Claim(100, 1_000), Claim(0, 50), Claim(100, 0)]
    assert share_out(101, claims) == [5, 96, 0, 0]
    assert share_out(10_000, claims) == [5, 1_000, 0, 0]
    assert share_out(10, [Claim(1, 100)] * 3) == [4, 3, 3]


def test_the_budget_rule_never_lowers_the_total() -> None:
    budget = Budget(periods_max=4, first_ppm=5_000)
    assert budget.amount(fund=1_000, points=40_000, growth=150_000) == 200
    served = Budget(periods_max=4, first_ppm=5_000, served=1, last=200)
    assert served.amount(fund=800, points=40_000, growth=150_000) == 230
    assert served.amount(fund=630, points=40_000, growth=150_000) == 210
    assert served.reversible(fund=800, inflow=500) == 200
    assert Budget(periods_max=4, first_ppm=5_000, served=4, last=1).amount(fund=9, points=1, growth=0) == 0


@pytest.mark.parametrize(
    ("trigger", "days", "turnover", "due"),
    [
        (Trigger.CALENDAR, 7, 0, True),
        (Trigger.CALENDAR, 6, 10**9, False),
        (Trigger.GROWTH, 99, 114_999, False),
        (Trigger.GROWTH, 0, 115_000, True),
        (Trigger.GROWTH_OR_DEADLINE, 29, 114_999, False),
        (Trigger.GROWTH_OR_DEADLINE, 30, 0, True),
    ],
)
def test_when_a_period_is_due(trigger: Trigger, days: int, turnover: int, due: bool) -> None:
    answer = is_due(
        trigger, days=days, turnover=turnover, at_last=100_000, tick_days=7, tick_growth_ppm=150_000, deadline_days=30
    )
    assert answer is due
