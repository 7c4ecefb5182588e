"""Periods run once: killed anywhere, started twice, with a clock that jumps; and what two persons may do to a pool."""

import datetime as dt
import threading
from collections.abc import Iterator

import pytest
from django.db import connection, transaction

from saas.kernel.errors import InvalidInput
from saas.ledger import selectors as book
from saas.tenants.malls.activation import in_mall
from saas.tenants.malls.models import Mall
from tenant_apps.modes.services import SettingsInvalid, SettingsRefused
from tenant_apps.modes.subsidy import selectors as subsidy
from tenant_apps.modes.subsidy.models import Lot, Period, PoolAction, Voucher
from tenant_apps.modes.subsidy.services import drawing, vouchers
from tenant_apps.modes.subsidy.states import ActionKind
from tenant_apps.settlement import services, tasks
from tenant_apps.settlement.selectors.subsidy import check_pools
from tenant_apps.settlement.services import PeriodNotDue, PeriodRunning
from tenant_apps.settlement.services.subsidy_actions import (
    ActionDecided,
    NothingHeld,
    SamePerson,
    TooEarly,
    TooMuch,
)
from tests.factories import sales
from tests.factories import subsidy as shop
from tests.factories.people import make_member
from tests.tenant_apps.settlement.killing import deliver_killed

NOW = sales.NOW
WEEK = dt.timedelta(days=7)


def sell(goods: int = 100_000, *, at: dt.datetime = NOW, **values: object) -> shop.Sold:
    """An order of 1000.00 at 20 %, completed at `at`; the mode is published first."""
    shop.approve()
    version = subsidy.terms_in_force(now=at)
    ulid = version.ulid or shop.publish(**values).ulid
    one = shop.sold(make_member(), goods=goods, owner=make_member().ulid, pins={"subsidy": ulid})
    services.award_order(order=one.order, now=at)
    services.release_order(order=one.order, now=at)
    return one


def facts() -> tuple[object, ...]:
    """All that a refusal must leave as it was."""
    return (
        book.balance("pool"),
        list(Period.objects.values_list("number", "state")),
        list(Lot.objects.values_list("points", "drawn_amount")),
        subsidy.pool().counted_from,
        PoolAction.objects.count(),
    )


@pytest.fixture
def mall(committed: None) -> Iterator[Mall]:
    from django_tenants.utils import schema_context

    with schema_context("public"):
        found = Mall.objects.get(schema_name="t_test_grocery")
    with in_mall(found):
        with transaction.atomic():
            sell()
        yield found
    connection.set_schema_to_public()


def test_killed_between_any_two_steps_it_is_one_period(mall: Mall) -> None:
    instant = (NOW + WEEK).isoformat()
    assert deliver_killed(mall=mall.ulid, event=f"subsidy:{instant}", stride=3) > 3
    record = Period.objects.get()
    assert (record.state, record.paid_amount, record.fund_amount) == ("served", 200, 11_800)
    assert book.balance("pool") == 11_800
    assert check_pools() == []
    start, answers = threading.Barrier(4), []

    def run() -> None:
        try:
            with in_mall(mall):
                start.wait()
                services.run_period(key="", actor="system", now=NOW + 2 * WEEK)
                answers.append("ran")
        except (PeriodRunning, PeriodNotDue) as refused:
            answers.append(refused.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(set(answers) - {"ran"}) in (
        ["period_running"],
        ["period_not_due"],
        ["period_not_due", "period_running"],
    )
    assert answers.count("ran") == 1
    assert [one.number for one in Period.objects.order_by("number")] == [1, 2]
    assert check_pools() == []


def test_a_clock_that_jumps_a_month_runs_one_period_and_keeps_its_rhythm(grocery: object) -> None:
    sell()
    assert tasks.run_subsidy_periods(now=NOW + dt.timedelta(days=33)) == 1
    assert tasks.run_subsidy_periods(now=NOW + dt.timedelta(days=33)) == 0
    assert subsidy.pool().counted_from == NOW + 4 * WEEK
    assert tasks.run_subsidy_periods(now=NOW) == 0  # and back again
    with pytest.raises(PeriodNotDue):
        services.run_period(key="", actor="user:01STAFF", now=NOW)
    assert tasks.run_subsidy_periods(now=NOW + 5 * WEEK) == 1
    assert Period.objects.count() == 2
    assert check_pools() == []


def test_the_worked_example_and_its_refund(grocery: object) -> None:
    """MODES 2.10 1 to 3: 1000.00 at 20 % brings 120.00; five flat periods pay 1.00 a side each; all of it goes back."""
    one = sell()
    assert book.balance("pool") == 12_000
    assert [(lot.side, lot.points) for lot in Lot.objects.order_by("pk")] == [("buyer", 20_000), ("merchant", 20_000)]
    assert book.balance(f"member.wallet.{one.buyer.ulid}", "GOLD") == 1_000
    for week in range(1, 6):
        tasks.run_subsidy_periods(now=NOW + week * WEEK)
    assert services.draw_vouchers(member_ulid=one.buyer.ulid, now=NOW + 6 * WEEK) == 500
    assert services.draw_vouchers(member_ulid=one.buyer.ulid, now=NOW + 6 * WEEK) == 0
    assert (book.balance("voucher.reserve"), book.balance("pool")) == (500, 11_000)
    vouchers.reserve(member_ulid=one.buyer.ulid, order_ulid="01OTHER", amount=10, now=NOW + 6 * WEEK)
    refund = shop.refund_of(one, one.left)
    services.apply_refund(order=one.order, refund=refund, now=NOW + 6 * WEEK)
    assert book.balance("pool") == 0
    assert book.balance("voucher.reserve") == 10
    assert book.balance(f"debt.member.{one.buyer.ulid}") == -10
    assert book.balance(f"member.wallet.{one.buyer.ulid}", "GOLD") == 0
    assert subsidy.lots_of_order(one.order.ulid)[0].status == "void"
    assert check_pools() == []


def test_vouchers_expire_into_the_pool(grocery: object) -> None:
    one = sell(voucher_valid_days=180)
    tasks.run_subsidy_periods(now=NOW + WEEK)
    services.draw_vouchers(member_ulid=one.buyer.ulid, now=NOW + WEEK)
    fund = book.balance("pool")
    assert tasks.look_after_vouchers(now=NOW + WEEK + dt.timedelta(days=179)) == 0
    assert tasks.look_after_vouchers(now=NOW + WEEK + dt.timedelta(days=180)) == 100
    assert (book.balance("pool"), book.balance("voucher.reserve")) == (fund + 100, 0)
    assert Voucher.objects.get().expired_amount == 100
    assert check_pools() == []


def test_lots_that_changed_since_they_were_read_are_not_drawn_twice(grocery: object) -> None:
    one = sell()
    services.run_period(key="", actor="system", now=NOW + WEEK)
    stale = subsidy.lots_of(one.buyer.ulid)
    assert services.draw_vouchers(member_ulid=one.buyer.ulid, now=NOW + WEEK) == 100
    with pytest.raises(drawing.LotsChanged):
        drawing.draw(member_ulid=one.buyer.ulid, rows=stale, valid_days=0, now=NOW + WEEK)
    assert (Voucher.objects.count(), Lot.objects.get(side="buyer").drawn_amount) == (1, 100)
    assert check_pools() == []


def hold_three_times() -> dt.datetime:
    """A pool that was emptied, and then three periods that it could not cover."""
    at = NOW
    for week in range(1, 4):
        at = NOW + week * WEEK
        assert services.run_period(key="", actor="system", now=at).state == "held"  # type: ignore[union-attr]
    return at


def empty_pool() -> None:
    from saas.ledger import services as ledger
    from saas.ledger.services import Move

    ledger.post_entry(
        key="test:empty",
        kind="subsidy.withdrawal",
        moves=[Move("pool", "house", book.balance("pool"))],
        document="pool:mall",
        occurred_at=NOW,
    )


def test_liquidation_takes_holds_a_notice_and_two_persons(grocery: object) -> None:
    sell()
    before = facts()
    with pytest.raises(NothingHeld):
        services.prepare_action(
            key="", kind=ActionKind.LIQUIDATION, amount=0, reason="stopped", actor="user:01A", now=NOW
        )
    assert facts() == before
    empty_pool()
    at = hold_three_times()
    made = services.prepare_action(
        key="", kind=ActionKind.LIQUIDATION, amount=0, reason="stopped", actor="user:01A", now=at
    )
    before = facts()
    with pytest.raises(SamePerson):
        services.decide_action(ulid=made.ulid, approve=True, reason="looked at", actor="user:01A", now=at + WEEK)
    with pytest.raises(TooEarly):
        services.decide_action(ulid=made.ulid, approve=True, reason="looked at", actor="user:01B", now=at)
    assert facts() == before
    assert (made.not_before, subsidy.actions(subsidy.pool(), open_only=True)) == (at + WEEK, [made])
    services.prepare_action(key="", kind=ActionKind.TRANSFER, amount=301, reason="profit", actor="user:01A", now=at)
    transfer = PoolAction.objects.get(kind="transfer")
    services.decide_action(ulid=transfer.ulid, approve=True, reason="looked at", actor="user:01B", now=at)
    done = services.decide_action(ulid=made.ulid, approve=True, reason="looked at", actor="user:01B", now=at + WEEK)
    assert (done.state, done.amount, book.balance("pool")) == ("done", 301, 0)
    assert [lot.liquidated_amount for lot in Lot.objects.order_by("pk")] == [151, 150]
    assert {one.cohort.status for one in subsidy.cohorts_of(subsidy.pool(), live=False)} == {"out_liquidated"}
    with pytest.raises(ActionDecided):
        services.decide_action(ulid=made.ulid, approve=True, reason="looked at", actor="user:01B", now=at + WEEK)
    assert check_pools() == []


def test_only_what_is_above_the_full_reserve_may_be_taken_out(grocery: object) -> None:
    sell()
    room = subsidy.control_room(subsidy.pool(), now=NOW)
    assert (room.fund_amount, room.commitment_amount, room.surplus_amount, room.coverage_ppm) == (
        12_000,
        8_000,
        4_000,
        1_500_000,
    )
    before = facts()
    with pytest.raises(TooMuch):
        services.prepare_action(
            key="", kind=ActionKind.WITHDRAWAL, amount=4_001, reason="profit", actor="user:01A", now=NOW
        )
    with pytest.raises(InvalidInput):
        services.prepare_action(key="", kind=ActionKind.WITHDRAWAL, amount=1, reason=" ", actor="user:01A", now=NOW)
    assert facts() == before
    made = services.prepare_action(
        key="", kind=ActionKind.WITHDRAWAL, amount=4_000, reason="profit", actor="user:01A", now=NOW
    )
    services.decide_action(ulid=made.ulid, approve=True, reason="looked at", actor="user:01B", now=NOW)
    assert book.balance("pool") == 8_000
    assert check_pools() == []


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"pool_share_ppm": 399_999}, "pool_share_ppm"),
        ({"pool_share_ppm": 1_000_001}, "pool_share_ppm"),
        ({"first_ppm": 0}, "first_ppm"),
        ({"buyer_multiple_ppm": 5_000_001}, "buyer_multiple_ppm"),
        ({"merchant_multiple_ppm": 5_000_001}, "merchant_multiple_ppm"),
        ({"periods_max": 41}, "periods_max"),
        ({"reserve_periods": 31, "periods_max": 30}, "reserve_periods"),
        ({"growth_floor_ppm": 150_001}, "growth_floor_ppm"),
        ({"voucher_valid_days": 179}, "voucher_valid_days"),
        ({"pool_base": "turnover", "pool_share_ppm": 200_001}, "pool_share_ppm"),
    ],
)
def test_terms_that_cannot_hold_are_refused_by_name(grocery: object, values: dict[str, object], field: str) -> None:
    shop.approve()
    with pytest.raises((SettingsInvalid, SettingsRefused)) as refused:
        shop.publish(**values)
    assert refused.value.field == field
    assert subsidy.terms_in_force(now=NOW).ulid == ""


def test_without_an_operators_approval_it_cannot_be_switched_on(grocery: object) -> None:
    with pytest.raises(SettingsRefused) as refused:
        shop.publish()
    assert [one.code for one in refused.value.data["problems"]] == ["approval_missing"]


def test_new_terms_wait_seven_days_and_lots_keep_theirs(grocery: object) -> None:
    sell()
    for changed, field in (({"growth_cap_ppm": 100_000}, "effective_from"), ({"payout_rule": "budget"}, "payout_rule")):
        with pytest.raises(SettingsRefused) as refused:
            shop.publish(now=NOW + dt.timedelta(hours=1), **changed)
        assert refused.value.field == field
    assert subsidy.announced_terms(now=NOW) == []
