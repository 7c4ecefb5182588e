"""Random histories of the universal subsidy through the real services, in two malls, equal to the pure engine to the fen."""

import datetime as dt
from dataclasses import dataclass, field

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from saas.kernel.money import pct
from saas.ledger import selectors as book
from tenant_apps.members.models import Member
from tenant_apps.modes.subsidy import selectors as subsidy
from tenant_apps.modes.subsidy.models import Cohort, Lot, Pool
from tenant_apps.modes.subsidy.pools import Pool as Engine
from tenant_apps.modes.subsidy.rules import PeriodState
from tenant_apps.modes.subsidy.settings import SubsidySettings
from tenant_apps.settlement import services
from tenant_apps.settlement.selectors.subsidy import check_pools
from tenant_apps.settlement.services import subsidy_periods
from tests.cases import cases
from tests.factories import sales
from tests.factories import subsidy as shop
from tests.factories.people import make_member

NOW = sales.NOW
WEEK = dt.timedelta(days=7)
Event = tuple[str, int, int]


@st.composite
def histories(draw: st.DrawFn) -> tuple[dict[str, int], list[Event]]:
    """Terms, and events: an order, one paid in part by vouchers, a period, a look at the vouchers, refunds."""
    values = draw(
        st.sampled_from(
            [
                {},
                {"pool_share_ppm": 400_000, "reserve_periods": 0},
                {"periods_max": 3, "first_ppm": 66_666, "reserve_periods": 3, "buyer_multiple_ppm": 300_000},
                {"periods_max": 2, "first_ppm": 100_000, "reserve_periods": 1, "merchant_multiple_ppm": 0},
                {"voucher_earns_points_ppm": 200_000, "first_ppm": 7_500},
                {"points_pool_ppm": 333_333, "growth_floor_ppm": 10_000, "merchant_multiple_ppm": 2_000_000},
            ]
        )
    )
    amount = st.one_of(st.integers(1, 40), st.integers(1, 5_000), st.integers(1, 2_000_000))
    event = st.one_of(
        st.tuples(st.just("order"), amount, st.sampled_from([0, 1, 2])),
        st.tuples(st.just("order"), amount, st.sampled_from([0, 1, 2])),
        st.tuples(st.just("spend"), st.integers(1, 100), st.integers(0, 2)),
        st.tuples(st.just("tick"), st.just(0), st.just(0)),
        st.tuples(st.just("tick"), st.just(0), st.just(0)),
        st.tuples(st.just("look"), st.just(0), st.just(0)),
        st.tuples(st.just("refund"), st.integers(0, 30), st.sampled_from([0, 0, 1, 7])),
    )
    return values, draw(st.lists(event, min_size=4, max_size=14))


@dataclass
class History:
    """A mall and the pure engine side by side."""

    engine: Engine
    pins: dict[str, str]
    buyers: list[Member]
    sellers: list[str]
    at: dt.datetime = NOW
    orders: list[shop.Sold] = field(default_factory=list)

    def play(self, what: str, value: int, more: int) -> None:
        getattr(self, what)(value, more)
        self.check()

    def order(self, goods: int, who: int, voucher: int = 0) -> None:
        buyer, owner = self.buyers[who % 2], self.buyers[2].ulid if who else ""
        one = shop.sold(
            buyer,
            goods=goods,
            voucher=voucher,
            rate_ppm=RATES[who],
            seller=self.sellers[who],
            owner=owner,
            pins=self.pins,
        )
        services.award_order(order=one.order, now=self.at)
        services.release_order(order=one.order, now=self.at)
        self.orders.append(one)
        self.engine.order(one.order.ulid, cash=goods - voucher, concession_ppm=RATES[who], voucher=voucher)

    def spend(self, share: int, who: int) -> None:
        buyer = self.buyers[who % 2]
        self.look(0, who % 2)
        has = subsidy.available_vouchers(buyer.ulid, now=self.at)
        if voucher := has * share // 100:
            self.order(voucher * 2 if share % 2 else voucher, who, voucher)

    def tick(self, _value: int, _more: int) -> None:
        self.at += WEEK
        if not Pool.objects.exists():
            return
        ran = services.run_period(key="", actor="system", now=self.at)
        expected = self.engine.tick()
        if ran is None:
            assert expected.state is PeriodState.EMPTY
        else:
            assert (ran.state, ran.actual_ppm, ran.target_ppm, ran.growth_ppm, ran.paid_amount, ran.fund_amount) == (
                expected.state,
                expected.actual,
                expected.target,
                expected.growth,
                expected.paid,
                expected.fund,
            )
        self.engine.receive(subsidy_periods.return_dust(key="", now=self.at))

    def look(self, _value: int, who: int) -> None:
        services.draw_vouchers(member_ulid=self.buyers[who].ulid, now=self.at)

    def refund(self, which: int, divisor: int) -> None:
        standing = [one for one in self.orders if one.left]
        if not standing:
            return
        one = standing[which % len(standing)]
        value = max(1, one.left // divisor) if divisor else one.left
        refund = shop.refund_of(one, value)
        fund, covered = book.balance("pool"), self.engine.platform_covered
        services.apply_refund(order=one.order, refund=refund, now=self.at)
        services.apply_refund(order=one.order, refund=refund, now=self.at)  # twice: nothing more
        if refund.cash:
            sales.return_money(refund, now=self.at)
        cash, voucher = one.parts
        rate = one.line.facts.seller.rate_ppm
        self.engine.reduce(one.order.ulid, concession=pct(cash, rate), of_voucher=pct(voucher, rate))
        # A fen of dust that has gone back to the fund already does not come a second time, here or from the mall.
        self.engine.receive(book.balance("pool") - self.engine.fund if self._dusty(one) else 0)
        assert covered <= self.engine.platform_covered, fund

    def _dusty(self, one: shop.Sold) -> bool:
        return Cohort.objects.filter(
            pk__in=Lot.objects.filter(order_ulid=one.order.ulid).values("cohort_id"), has_dust=False
        ).exists()

    def check(self) -> None:
        """The fund, every cohort and every lot as the engine has them; the books agree with the rows."""
        assert check_pools() == []
        assert book.balance("pool") == self.engine.fund
        rows = list(Cohort.objects.order_by("pk"))
        assert [subsidy.as_rule(row) for row in rows] == self.engine.cohorts
        lots = [subsidy.lot_figures(lot, lot.cohort) for lot in Lot.objects.select_related("cohort").order_by("pk")]
        assert [(one.lot.points, one.entitled_amount) for one in lots] == [
            (lot.points, self.engine.entitled(lot)) for lot in self.engine.lots
        ]
        pool = Pool.objects.first()
        if pool:
            assert (pool.holds, pool.consecutive_holds) == (self.engine.holds, self.engine.consecutive_holds)


RATES = [200_000, 33_333, 30_000]


def run(values: dict[str, int], events: list[Event]) -> None:
    with transaction.atomic():
        shop.approve()
        version = shop.publish(**values)
        history = History(
            engine=Engine(SubsidySettings(**values).terms()),
            pins={"subsidy": version.ulid},
            buyers=[make_member() for _ in range(3)],
            sellers=["01SELLER0", "01SELLER1", "01SELLER2"],
        )
        for what, value, more in events:
            history.play(what, value, more)
        assert book.check_ledger() == []
        transaction.set_rollback(True)


@pytest.mark.parametrize("mall", ["grocery", "beauty"])
@settings(
    max_examples=cases(16) - 10,  # 12 of both malls at CASES=1, 300 at CASES=10
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=histories())
def test_every_history_is_the_engines_to_the_fen(
    mall: str, request: pytest.FixtureRequest, history: tuple[dict[str, int], list[Event]]
) -> None:
    request.getfixturevalue(mall)
    run(*history)
