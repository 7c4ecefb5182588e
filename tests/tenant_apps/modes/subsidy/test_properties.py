"""Invariants of MODES 2.11 and the theorem of 2.4 over random histories of orders, periods and refunds."""

from dataclasses import replace

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenant_apps.modes.subsidy import rules
from tenant_apps.modes.subsidy.pools import Pool
from tenant_apps.modes.subsidy.rules import LIVE, CohortStatus, PeriodState, Terms, is_self_funding
from tests.cases import cases

Event = tuple[str, int, int]


@st.composite
def terms(draw: st.DrawFn) -> Terms:
    """Terms that pass every hard block; the reserve is full."""
    periods, first = draw(st.integers(1, 40)), draw(st.sampled_from([1, 777, 5_000, 25_000, 100_000]))
    points = draw(st.tuples(*[st.sampled_from([0, 333_333, 1_000_000])] * 2))
    least = -(-periods * first * sum(points) // 1_000_000)
    if least > 1_000_000:
        periods, first, least = 40, 5_000, 400_000
    return Terms(
        periods_max=periods,
        first_ppm=first,
        growth_cap_ppm=draw(st.sampled_from([0, 150_000, 1_000_000])),
        buyer_multiple_ppm=draw(st.integers(0, 5_000_000)),
        merchant_multiple_ppm=draw(st.sampled_from([0, 1_000_000, 2_000_000])),
        buyer_point_ppm=points[0],
        merchant_point_ppm=points[1],
        pool_share_ppm=draw(st.integers(least, 1_000_000)),
        raise_budget_ppm=draw(st.sampled_from([1, 150_000, 1_000_000])),
    )


def events() -> st.SearchStrategy[list[Event]]:
    """Orders (small ones among them), ticks measured or with a growth, and refunds: about three in ten events."""
    order = st.tuples(
        st.just("order"),
        st.one_of(st.integers(1, 30), st.integers(1, 3_000), st.integers(1, 10_000_000)),
        st.sampled_from([30_000, 33_333, 100_000, 200_000]),
    )
    tick = st.tuples(st.just("tick"), st.sampled_from([-1, 0, 80_000, 300_000]), st.just(0))
    refund = st.tuples(st.just("refund"), st.integers(0, 50), st.just(0))
    return st.lists(st.one_of(order, tick, tick, refund), max_size=40)


def run(pool: Pool, history: list[Event]) -> list[PeriodState]:
    """Play a history, checking every invariant after each event; states of its periods."""
    standing: list[str] = []
    states, inflows, reversed_ = [], 0, 0
    for number, (what, value, concession) in enumerate(history):
        before = {place: one for place, one in enumerate(pool.cohorts)}
        if what == "order":
            inflows += pool.order(str(number), cash=value, concession_ppm=concession)
            standing.append(str(number))
        elif what == "refund" and standing:
            back = pool.refund(standing.pop(value % len(standing)))
            reversed_ += back.reversed
        elif what == "tick":
            states.append(check_tick(pool, None if value < 0 else value))
        check(pool, inflows - reversed_)
        for place, one in before.items():
            if one.status not in LIVE:
                assert pool.cohorts[place]._replace(weight=one.weight) == one
    return states


def check_tick(pool: Pool, growth: int | None) -> PeriodState:
    old = list(pool.cohorts)
    fund = pool.fund
    tick = pool.tick(growth)
    assert tick.growth <= pool.terms.growth_cap_ppm
    assert tick.growth <= max(tick.actual, pool.terms.growth_floor_ppm, 0)
    assert 0 <= tick.paid <= fund and tick.fund == fund - tick.paid == pool.fund
    for before, after in zip(old, pool.cohorts, strict=True):
        if tick.state is not PeriodState.SERVED or not before.is_live:
            assert after == before
            continue
        assert after.periods == before.periods + 1 <= after.periods_max
        assert after.level >= before.level and before.index <= after.index <= after.cap
        assert (after.status is CohortStatus.OUT_MULTIPLE) == (after.index == after.cap)
        if after.status is CohortStatus.OUT_PERIOD:
            assert after.periods == after.periods_max
    return tick.state


def check(pool: Pool, net_inflow: int) -> None:
    assert pool.fund >= 0
    assert net_inflow == pool.fund + sum(one.accrued for one in pool.cohorts)  # the identity of 2.1
    for place, cohort in enumerate(pool.cohorts):
        lots = [lot for lot in pool.lots if lot.cohort == place and not lot.void]
        assert cohort.weight == sum(lot.points for lot in lots)
        dust = cohort.accrued - sum(pool.entitled(lot) for lot in lots)
        assert dust == 0 if not lots else 0 <= dust < len(lots)
        for lot in lots:
            assert 0 <= cohort.entitled(lot.points) <= lot.points * cohort.cap // rules.X
            assert 0 <= cohort.burnt(lot.points) <= lot.points
            assert cohort.status in LIVE or cohort.burnt(lot.points) == lot.points


@hypothesis.settings(max_examples=cases(200), deadline=None)
@given(terms=terms(), history=events())
def test_a_period_is_never_held_with_the_full_reserve(terms: Terms, history: list[Event]) -> None:
    """The theorem of MODES 2.4, with every invariant of 2.11 along the way."""
    assert is_self_funding(terms)
    assert PeriodState.HELD not in run(Pool(terms), history)


@hypothesis.settings(max_examples=cases(50), deadline=None)
@given(terms=terms(), history=events(), reserve=st.integers(0, 39))
def test_with_a_smaller_reserve_the_fund_is_still_never_overdrawn(
    terms: Terms, history: list[Event], reserve: int
) -> None:
    run(Pool(replace(terms, reserve_periods=min(reserve, terms.periods_max))), history)


def test_with_a_smaller_reserve_a_held_period_is_found() -> None:
    """The theorem needs H = K: growth on credit, and then nobody comes."""
    pool = Pool(Terms(reserve_periods=20, pool_share_ppm=400_000))
    pool.order("o", cash=100_000, concession_ppm=200_000)
    assert PeriodState.HELD in {pool.tick(150_000).state for _ in range(40)}


@hypothesis.settings(max_examples=cases(50), deadline=None)
@given(terms=terms(), history=events())
def test_replaying_a_history_gives_the_same_pool(terms: Terms, history: list[Event]) -> None:
    first, second = Pool(terms), Pool(terms)
    assert run(first, history) == run(second, history)
    assert first == second


@hypothesis.settings(max_examples=cases(100), deadline=None)
@given(terms=terms(), history=events(), fund=st.integers(0, 10**6), target=st.integers(0, 400_000))
def test_the_safe_growth_is_the_largest(terms: Terms, history: list[Event], fund: int, target: int) -> None:
    """Against its definition: what is found fits, one more ppm does not."""
    pool = Pool(terms)
    run(pool, history)
    live = list(pool.live())
    found = rules.safe_growth(live, fund=fund, target=target, terms=terms)

    def fits(growth: int) -> bool:
        soon = rules.need(live, growth, 1) * 1_000_000 <= terms.raise_budget_ppm * fund
        return soon and rules.need(live, growth, 1 + terms.reserve) <= fund

    assert 0 <= found <= target
    assert found == 0 or fits(found)
    assert found == target or not fits(found + 1)


def simple_period(cohorts: list[rules.Cohort], fund: int, actual: int, terms: Terms) -> rules.Period:
    """MODES 2.4 word for word, slowly: what the engine's step has to be equal to."""

    def lvl(one: rules.Cohort, growth: int) -> int:
        return one.first if one.status is CohortStatus.PENDING else one.level * (1_000_000 + growth) // 1_000_000

    def need(growth: int, horizon: int) -> int:
        total = 0
        for one in cohorts:
            if one.is_live:
                steps = min(one.periods_max - one.periods, horizon)
                reach = one.index + min(one.cap - one.index, steps * lvl(one, growth))
                total += one.weight * reach // rules.X - one.weight * one.index // rules.X
        return total

    def fits(growth: int) -> bool:
        return need(growth, 1 + terms.reserve) <= fund and need(growth, 1) <= fund * terms.raise_budget_ppm // 1_000_000

    target = max(terms.growth_floor_ppm, min(actual, terms.growth_cap_ppm))
    given = {"actual": actual, "target": target, "need": need(0, 1), "fund_before": fund}
    if not any(one.is_live for one in cohorts) or need(0, 1) > fund:
        state = PeriodState.HELD if any(one.is_live for one in cohorts) else PeriodState.EMPTY
        return rules.Period(state=state, fund=fund, commitment=need(0, 40), cohorts=tuple(cohorts), **given)
    below, above = 0, target + 1
    while above - below > 1:
        middle = (below + above) // 2
        below, above = (middle, above) if fits(middle) else (below, middle)
    after = []
    for one in cohorts:
        if one.is_live:
            index, periods = min(one.cap, one.index + lvl(one, below)), one.periods + 1
            out = CohortStatus.OUT_PERIOD if periods == one.periods_max else CohortStatus.ACTIVE
            status = CohortStatus.OUT_MULTIPLE if index == one.cap else out
            one = one._replace(level=lvl(one, below), index=index, periods=periods, status=status)
        after.append(one)
    paid = need(below, 1)
    return rules.Period(
        state=PeriodState.SERVED, growth=below, paid=paid, fund=fund - paid,
        commitment=rules.commitment(after), cohorts=tuple(after), **given,
    )  # fmt: skip


@hypothesis.settings(max_examples=cases(100), deadline=None)
@given(
    terms=terms(), history=events(), reserve=st.integers(0, 40), ticks=st.lists(st.integers(-500_000, 400_000)),
    fund=st.one_of(st.none(), st.integers(0, 10**6)),
)  # fmt: skip
def test_the_step_is_the_simple_one(
    terms: Terms, history: list[Event], reserve: int, ticks: list[int], fund: int | None
) -> None:
    """The step that is written for speed pays, serves and promises what MODES 2.4 says, with gaps between cohorts too."""
    terms = replace(terms, reserve_periods=min(reserve, terms.periods_max))
    pool = Pool(terms)
    run(pool, history)
    cohorts, left = list(pool.cohorts), pool.fund if fund is None else fund
    for actual in [0, 150_000, *ticks]:
        fast = rules.run_period(cohorts, fund=left, actual=actual, terms=terms)
        assert fast == simple_period(cohorts, left, actual, terms)
        cohorts, left = list(fast.cohorts), fast.fund


@pytest.mark.parametrize("side", list(rules.Side))
@hypothesis.settings(max_examples=cases(100), deadline=None)
@given(
    cash=st.tuples(st.integers(1, 10**6), st.integers(1, 10**6)), growth=st.lists(st.integers(0, 300_000), max_size=45)
)
def test_splitting_an_order_never_yields_more(side: rules.Side, cash: tuple[int, int], growth: list[int]) -> None:
    whole, split = Pool(Terms()), Pool(Terms())
    whole.order("all", cash=sum(cash), concession_ppm=200_000)
    for number, part in enumerate(cash):
        split.order(str(number), cash=part, concession_ppm=200_000)
    one = [lot for lot in whole.lots if lot.side is side]
    parts = [lot for lot in split.lots if lot.side is side]
    assert sum(lot.points for lot in parts) <= sum(lot.points for lot in one)
    cohort = rules.new_cohort(side, Terms())
    cohort = rules.join(cohort, sum(lot.points for lot in parts) or 1)
    for value in growth:
        if not cohort.is_live:
            break
        cohort = rules.run_period([cohort], fund=10**12, actual=value, terms=Terms()).cohorts[0]
    assert sum(cohort.entitled(lot.points) for lot in parts) <= sum(cohort.entitled(lot.points) for lot in one)
