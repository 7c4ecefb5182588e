"""Periods, proration, states, entitlements, dunning and fees: by examples and by property. No database."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.rules import SEEDS, Period, dunning, entitlements, fees, periods, proration, states
from billing.rules.dunning import Action
from billing.rules.entitlements import BadFeatureValue, Grant
from billing.rules.fees import FeeTier
from billing.rules.invoices import document_number
from billing.rules.periods import Span
from billing.rules.states import SubscriptionState
from saas.kernel.clock import china_date
from saas.kernel.states import IllegalTransition, check_transition
from tests.cases import cases

D = dt.date
DAYS = st.dates(D(2024, 1, 1), D(2032, 12, 31))


@pytest.mark.parametrize(
    ("anchor", "period", "day", "start", "end"),
    [
        (D(2026, 1, 31), Period.MONTH, D(2026, 2, 27), D(2026, 1, 31), D(2026, 2, 28)),
        (D(2026, 1, 31), Period.MONTH, D(2026, 2, 28), D(2026, 2, 28), D(2026, 3, 31)),
        (D(2026, 1, 31), Period.MONTH, D(2026, 4, 30), D(2026, 4, 30), D(2026, 5, 31)),
        (D(2028, 1, 31), Period.MONTH, D(2028, 2, 29), D(2028, 2, 29), D(2028, 3, 31)),
        (D(2028, 2, 29), Period.YEAR, D(2029, 2, 28), D(2029, 2, 28), D(2030, 2, 28)),
        (D(2028, 2, 29), Period.YEAR, D(2032, 2, 28), D(2031, 2, 28), D(2032, 2, 29)),
        (D(2026, 11, 22), Period.MONTH, D(2026, 12, 31), D(2026, 12, 22), D(2027, 1, 22)),
    ],
)
def test_a_period_ends_on_the_anchors_day_or_the_last_of_a_short_month(anchor, period, day, start, end):
    assert periods.period_containing(anchor, period, day) == Span(start, end)


@settings(max_examples=cases(300))
@given(anchor=DAYS, day=DAYS, period=st.sampled_from(Period))
def test_periods_join_without_gap_and_contain_their_day(anchor, day, period):
    span = periods.period_containing(anchor, period, day)
    assert day in span
    following = periods.period_containing(anchor, period, span.end)
    assert following.start == span.end
    assert span.days in (range(28, 32) if period is Period.MONTH else range(365, 367))
    assert span.end.day == anchor.day or span.end + dt.timedelta(days=1) == periods.month_of(span.end).end


def test_a_day_begins_at_midnight_in_china():
    assert periods.midnight(D(2026, 11, 22)).isoformat() == "2026-11-22T00:00:00+08:00"
    assert china_date(dt.datetime(2026, 11, 21, 16, 0, tzinfo=dt.UTC)) == D(2026, 11, 22)


def test_an_upgrade_after_ten_of_thirty_days():
    change = proration.change(old_fen=39_900, new_fen=129_900, days=30, used=10)
    assert (change.days_left, change.credit_fen, change.charge_fen, change.due_fen) == (20, 26_600, 86_600, 60_000)


@settings(max_examples=cases(500))
@given(data=st.data(), days=st.integers(28, 366))
def test_any_sequence_of_changes_adds_up_to_what_was_used(data, days):
    cuts = sorted(data.draw(st.lists(st.integers(0, days), max_size=6)))
    prices = data.draw(st.lists(st.integers(0, 10_000_000), min_size=len(cuts) + 1, max_size=len(cuts) + 1))
    paid = prices[0]
    for position, used in enumerate(cuts):
        paid += proration.change(old_fen=prices[position], new_fen=prices[position + 1], days=days, used=used).due_fen
    edges = [0, *cuts, days]
    used_fen = sum(
        proration.share(price, days, first, last)
        for price, first, last in zip(prices, edges[:-1], edges[1:], strict=True)
    )
    assert paid == used_fen
    for price, first, last in zip(prices, edges[:-1], edges[1:], strict=True):
        assert abs(proration.share(price, days, first, last) * days - price * (last - first)) < days  # within a fen


def test_every_state_has_a_way_out_and_only_the_table_is_followed():
    assert set(states.TRANSITIONS) == set(SubscriptionState)
    assert all(states.TRANSITIONS[state] for state in SubscriptionState)
    with pytest.raises(IllegalTransition):
        check_transition(states.TRANSITIONS, SubscriptionState.EXPIRED, SubscriptionState.TRIALING)
    with pytest.raises(IllegalTransition):
        check_transition(states.TRANSITIONS, SubscriptionState.ACTIVE, SubscriptionState.UNPAID)
    for before in (True, False):
        closed = {state for state in SubscriptionState if states.suspended_in(state, before=before)}
        assert closed == {"unpaid", "paused", "canceled", "expired"} | ({"incomplete"} if before else set())


STARTER = SEEDS[0].features


def test_extras_add_and_overrides_replace():
    values = entitlements.resolve(
        STARTER,
        [Grant("products_max", 300), Grant("own_domain", True), Grant("modes", "subsidy")],
        {"staff_max": 9},
    )
    assert (values["products_max"], values["own_domain"], values["staff_max"]) == (500, True, 9)
    assert values["modes"] == [*STARTER.modes, "subsidy"]
    assert entitlements.resolve(SEEDS[2].features, [Grant("products_max", 300)])["products_max"] is None
    assert entitlements.resolve(STARTER)["storage_mb"] == 2_048


@pytest.mark.parametrize(
    ("feature", "value"),
    [("staff_max", -1), ("staff_max", True), ("own_domain", 1), ("modes", "all"), ("wings", True), ("modes", [1])],
)
def test_a_value_of_another_type_is_refused(feature, value):
    with pytest.raises(BadFeatureValue):
        entitlements.resolve(STARTER, (), {feature: value})


def test_what_is_over_the_limits_of_another_plan_is_named():
    values = entitlements.resolve(STARTER)
    used = {"staff_max": 4, "products_max": 200, "storage_mb": 9_999}
    assert entitlements.exceeded(values, used) == {"staff_max": (4, 3)}


def test_dunning_follows_the_days_and_an_extension_moves_them():
    due = D(2026, 12, 1)
    assert dunning.days_past_due(due_on=due, today=D(2026, 12, 15)) == 14
    assert dunning.days_past_due(due_on=due, today=D(2026, 12, 15), extended_to=D(2026, 12, 10)) == 5
    assert dunning.days_past_due(due_on=due, today=D(2026, 11, 1)) == 0
    assert [step.action for _, step in dunning.steps_due(4, [0])] == [Action.REMIND]
    assert [(n, step.action) for n, step in dunning.steps_due(20, [])] == [
        (2, Action.RESTRICT),
        (3, Action.REMIND),
        (4, Action.SUSPEND),
    ]
    assert dunning.steps_due(20, [2, 3, 4]) == []
    assert [n for n, _ in dunning.steps_due(99, [2, 3])] == [4, 5]


TIERS = SEEDS[0].fee_tiers


@pytest.mark.parametrize(
    ("turnover", "fee"),
    [(0, 0), (-5, 0), (10_000_000, 0), (10_000_200, 1), (100_000_000, 540_000), (200_000_000, 840_000)],
)
def test_the_fee_takes_each_slice_at_its_rate(turnover, fee):
    assert fees.service_fee(turnover, TIERS) == fee


@settings(max_examples=cases(200))
@given(turnover=st.integers(0, 10**12), more=st.integers(0, 10**9))
def test_the_fee_never_falls_with_turnover_and_never_exceeds_the_highest_rate(turnover, more):
    fee = fees.service_fee(turnover, TIERS)
    assert fee <= fees.service_fee(turnover + more, TIERS)
    assert fee * 1_000_000 <= turnover * max(tier.rate_ppm for tier in TIERS)


def test_tiers_that_do_not_rise_are_refused():
    for limits in ([5, 5, None], [5], [None, None], [None, 5]):
        with pytest.raises(fees.BadTiers):
            fees.check_tiers([FeeTier(up_to_fen=limit, rate_ppm=1) for limit in limits])
    assert fees.check_tiers([]) == ()


def test_a_number_says_series_and_year():
    assert document_number("MW", 2026, 42) == "MW2026-000042"
