"""The alternatives of MODES 2.7 through the real services: budget rule, a pool a province or campaign, growth triggers."""

import dataclasses
import datetime as dt

import pytest

from saas.ledger import selectors as book
from tenant_apps.modes.subsidy import selectors as subsidy
from tenant_apps.modes.subsidy.budgeting import run_budget_period
from tenant_apps.modes.subsidy.models import Period, Pool
from tenant_apps.modes.subsidy.settings import SubsidySettings
from tenant_apps.modes.subsidy.sharing import Budget
from tenant_apps.settlement import services, tasks
from tenant_apps.settlement.selectors.subsidy import check_pools
from tenant_apps.settlement.services import PeriodNotDue
from tests.factories import sales
from tests.factories import subsidy as shop
from tests.factories.people import make_member

NOW = sales.NOW
DAY, WEEK = dt.timedelta(days=1), dt.timedelta(days=7)


def sell(version, *, goods=100_000, at=NOW, province=""):
    """An order of `goods` fen at 20 %, completed at `at`."""
    one = shop.sold(make_member(), goods=goods, pins={"subsidy": version.ulid})
    if province:
        one.order = dataclasses.replace(one.order, province=f"{province}0000")
    services.award_order(order=one.order, now=at)
    services.release_order(order=one.order, now=at)
    return one


def start(**values):
    shop.approve()
    return shop.publish(**values)


def test_the_budget_rule_pays_the_engines_total_and_keeps_it_through_newcomers_and_refunds(grocery):
    values = {"payout_rule": "budget", "periods_max": 4, "reserve_periods": 4, "first_ppm": 75_000}
    version = start(**values)
    sell(version)
    terms, budget = SubsidySettings(**values).terms(), Budget(periods_max=4, first_ppm=75_000)
    paid, taken = [], False
    for number in range(1, 5):
        if number == 2:
            newcomer = sell(version, goods=50_000, at=NOW + WEEK + DAY)
        if number == 3:
            refund = shop.refund_of(newcomer, newcomer.left)
            before, total = book.balance("pool"), subsidy.pool().budget_last_amount
            services.apply_refund(order=newcomer.order, refund=refund, now=NOW + 2 * WEEK + DAY)
            # at most what the periods to come do not need at the present total
            assert book.balance("pool") >= total * 2
            taken = book.balance("pool") != before
        rows = subsidy.live_cohorts(subsidy.pool())
        fund = book.balance("pool")
        ran = services.run_period(key="", actor="system", now=NOW + number * WEEK)
        expected = run_budget_period(
            [subsidy.as_rule(one) for one in rows], fund=fund, actual=ran.actual_ppm, terms=terms, budget=budget
        )
        budget = expected.budget
        assert (ran.state, ran.paid_amount, ran.fund_amount) == (
            "served",
            expected.period.paid,
            expected.period.fund,
        )
        assert check_pools() == []
        paid.append(ran.paid_amount)
    assert paid == sorted(paid)  # the total never falls
    assert paid[0] == 3_000  # 7.5 % of 400 points
    assert taken
    assert not subsidy.has_live_lots()  # with the campaign's last period everybody leaves
    assert (subsidy.pool().budget_periods, subsidy.pool().budget_last_amount) == (0, 0)


def test_every_province_has_a_fund_of_its_own_and_pays_only_its_own_lots(grocery):
    version = start(pool_scope="region")
    hunan, hubei = sell(version, province="43"), sell(version, goods=50_000, province="42")
    assert [pool.key for pool in subsidy.pools()] == ["p42", "p43"]
    assert (book.balance("pool.p43"), book.balance("pool.p42"), book.balance("pool")) == (12_000, 6_000, 0)
    assert tasks.run_subsidy_periods(now=NOW + WEEK) == 2
    assert (book.balance("pool.p43"), book.balance("pool.p42")) == (11_800, 5_900)
    assert services.draw_vouchers(member_ulid=hunan.buyer.ulid, now=NOW + WEEK) == 100
    services.apply_refund(order=hubei.order, refund=shop.refund_of(hubei, hubei.left), now=NOW + WEEK)
    assert (book.balance("pool.p43"), book.balance("pool.p42")) == (11_800, 0)
    assert [lot.status for lot in subsidy.lots_of_order(hubei.order.ulid)] == ["void", "void"]
    assert check_pools() == []


def test_another_campaign_opens_another_pool_and_the_old_one_goes_on(grocery):
    version = start(pool_scope="activity", activity_number=1)
    sell(version)
    second = shop.publish_later(now=NOW, effective_from=NOW + 9 * DAY, pool_scope="activity", activity_number=2)
    sell(second, goods=50_000, at=NOW + 10 * DAY)
    assert [(pool.key, book.balance(pool.account)) for pool in subsidy.pools()] == [("a1", 12_000), ("a2", 6_000)]
    assert tasks.run_subsidy_periods(now=NOW + 18 * DAY) == 2
    assert (book.balance("pool.a1"), book.balance("pool.a2"), check_pools()) == (11_800, 5_900, [])


def test_growth_starts_a_period_with_the_first_turnover_and_then_at_fifteen_percent(grocery):
    version = start(tick_trigger="growth")
    sell(version)
    assert tasks.run_subsidy_periods(now=NOW + DAY) == 1  # the first turnover
    sell(version, goods=14_999, at=NOW + DAY)
    for day in (2, 400):  # never by the calendar
        with pytest.raises(PeriodNotDue):
            services.run_period(key="", actor="user:01STAFF", now=NOW + day * DAY)
    assert Period.objects.count() == 1
    sell(version, goods=1, at=NOW + 2 * DAY)  # 115 000 of 100 000
    ran = services.run_period(key="", actor="system", now=NOW + 3 * DAY)
    assert (ran.state, ran.actual_ppm, ran.target_ppm) == ("served", 150_000, 150_000)
    assert tasks.run_subsidy_periods(now=NOW + 4 * DAY) == 0
    assert check_pools() == []


def test_a_deadline_starts_what_growth_does_not_with_the_growth_that_there_is(grocery):
    version = start(tick_trigger="growth_or_deadline", tick_deadline_days=30)
    sell(version)
    assert tasks.run_subsidy_periods(now=NOW) == 1
    sell(version, goods=8_000, at=NOW + DAY)
    assert tasks.run_subsidy_periods(now=NOW + 29 * DAY) == 0
    assert tasks.run_subsidy_periods(now=NOW + 30 * DAY) == 1
    ran = Period.objects.order_by("-number")[0]
    assert (ran.number, ran.actual_ppm, ran.growth_ppm) == (2, 80_000, 80_000)
    assert Pool.objects.get().counted_from == NOW + 30 * DAY
    assert check_pools() == []


def test_a_period_without_growth_and_newcomers_waits_where_the_mall_says_so(grocery):
    version = start(on_zero_growth="hold", tick_deadline_days=30)
    sell(version)
    states = []
    for week in range(1, 7):
        states.append(services.run_period(key="", actor="system", now=NOW + week * WEEK).state)
    # served, then waits for growth until 30 days after the last one that was served
    assert states == ["served", "postponed", "postponed", "postponed", "postponed", "served"]
    assert (subsidy.pool().holds, book.balance("pool"), check_pools()) == (0, 12_000 - 400, [])
