"""An order's money from payment to the last refund: who has what after every event, to the fen."""

import datetime as dt
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, transaction

from saas.ledger import selectors as book
from saas.messaging.bus.models import OutboxEvent
from tenant_apps.payments.models import PaymentRefund
from tenant_apps.settlement import services
from tenant_apps.settlement.models import Award, ClawBack, LineSettlement, OrderSettlement, SettledRefund
from tenant_apps.settlement.rules import debt_of, wallet_of
from tests.factories import sales
from tests.factories.people import make_member

NOW = sales.NOW
LATER = NOW + dt.timedelta(days=20)


@pytest.fixture
def people(grocery: object) -> SimpleNamespace:
    """A introduced B, B introduced C, who buys."""
    a = make_member(name="赵一", promoter=True)
    b = make_member(name="钱小二", referrer=a, promoter=True)
    c = make_member(name="孙三", referrer=b)
    return SimpleNamespace(a=a, b=b, c=c)


@pytest.fixture
def pins(people: SimpleNamespace) -> dict[str, str]:
    return {"distribution": sales.publish().ulid}


def bought(people: SimpleNamespace, pins: dict[str, str], *lines: object, freight: int = 0) -> object:
    return sales.paid_order(
        people.c, [people.b, people.a], lines or [sales.line(10000, 6000)], freight=freight, pins=pins
    )  # type: ignore[arg-type]


def wallet(member: object) -> tuple[int, int, int]:
    """Available, frozen, debt."""
    found = book.balances([wallet_of(member.ulid), debt_of(member.ulid)])  # type: ignore[attr-defined]
    return (
        found[wallet_of(member.ulid)].available,  # type: ignore[attr-defined]
        found[wallet_of(member.ulid)].held_in,  # type: ignore[attr-defined]
        -found[debt_of(member.ulid)].posted,  # type: ignore[attr-defined]
    )


def test_payment_freezes_the_awards(people: SimpleNamespace, pins: dict[str, str]) -> None:
    order = bought(people, pins, freight=800)
    services.award_order(order=order, now=NOW)
    assert [(one.kind, one.payee_ulid, one.amount, one.state) for one in Award.objects.order_by("position")] == [
        ("level1", people.b.ulid, 500, "frozen"),
        ("level2", people.a.ulid, 200, "frozen"),
    ]
    award = Award.objects.first()
    assert (award.base, award.base_amount, award.rate_ppm, award.settings_version) == (
        "paid",
        10000,
        50_000,
        pins["distribution"],
    )
    assert wallet(people.b) == (0, 500, 0)
    line = LineSettlement.objects.get()
    assert (line.funds_amount, line.cost_amount, line.awarded_amount, line.house_amount) == (4000, 6000, 700, 3300)
    assert book.balance(order.escrow) == 10800
    assert book.available(order.escrow) == 10100


def test_completion_hands_everything_out_and_empties_the_escrow(people: SimpleNamespace, pins: dict[str, str]) -> None:
    order = bought(people, pins, freight=800)
    services.release_order(order=order, now=LATER)  # the payment's event is still on its way
    assert (wallet(people.b), wallet(people.a)) == ((500, 0, 0), (200, 0, 0))
    assert book.balance(order.escrow) == 0
    assert sales.posted() == {"channel": -10800, "member.wallet": 700, "own_goods": 6000, "house": 4100}
    assert book.uncleared() == []
    assert set(Award.objects.values_list("state", flat=True)) == {"released"}


def test_every_event_may_come_twice(people: SimpleNamespace, pins: dict[str, str]) -> None:
    order = bought(people, pins)
    refund = sales.refund_of(order.lines[0], 3333)
    for _ in range(2):
        services.award_order(order=order, now=NOW)
    for _ in range(2):
        services.apply_refund(order=order, refund=refund, now=NOW)
    for _ in range(2):
        services.release_order(order=order, now=LATER)
    services.apply_refund(order=order, refund=refund, now=LATER)
    sales.return_money(refund)
    assert (Award.objects.count(), SettledRefund.objects.count(), PaymentRefund.objects.count()) == (2, 1, 1)
    assert sales.posted() == {"channel": -6667, "member.wallet": 466, "own_goods": 6000, "house": 201}


def test_a_line_pays_out_no_more_than_it_brings_in(people: SimpleNamespace, pins: dict[str, str]) -> None:
    services.award_order(order=bought(people, pins, sales.line(10000, 9600)), now=NOW)
    award = Award.objects.get()
    assert (award.payee_ulid, award.full_amount, award.amount) == (people.b.ulid, 500, 400)
    assert LineSettlement.objects.get().house_amount == 0


def test_goods_sold_below_cost_earn_nobody_anything_and_cost_the_house(
    people: SimpleNamespace, pins: dict[str, str]
) -> None:
    services.release_order(order=bought(people, pins, sales.line(5000, 6000)), now=LATER)
    assert not Award.objects.exists()
    assert sales.posted() == {"channel": -5000, "own_goods": 6000, "house": -1000}


def test_an_order_keeps_the_settings_it_was_sold_under(people: SimpleNamespace, pins: dict[str, str]) -> None:
    order = bought(people, pins)
    sales.publish(rate_ppm=[100_000])
    services.award_order(order=order, now=LATER)
    assert [one.amount for one in Award.objects.order_by("position")] == [500, 200]


def test_without_published_settings_nobody_earns(people: SimpleNamespace) -> None:
    services.release_order(order=bought(people, {}), now=LATER)
    assert sales.posted() == {"channel": -10000, "own_goods": 6000, "house": 4000}


def test_refund_before_completion_makes_the_frozen_award_smaller(people: SimpleNamespace, pins: dict[str, str]) -> None:
    order = bought(people, pins, sales.line(9999, 0))
    services.award_order(order=order, now=NOW)
    refund = sales.refund_of(order.lines[0], 3333)
    services.apply_refund(order=order, refund=refund, now=NOW)
    assert wallet(people.b) == (0, 499 - 167, 0)
    assert ClawBack.objects.get(award__payee_ulid=people.b.ulid).amount == 167
    assert PaymentRefund.objects.get().amount == 3333
    assert book.balance(order.escrow) == 6666
    rest = sales.refund_of(order.lines[0], 6666)
    services.apply_refund(order=order, refund=rest, now=NOW)
    assert (wallet(people.b), wallet(people.a)) == ((0, 0, 0), (0, 0, 0))
    assert [one.amount for one in ClawBack.objects.filter(award__payee_ulid=people.b.ulid).order_by("pk")] == [167, 332]
    assert set(Award.objects.values_list("state", flat=True)) == {"void"}
    sales.return_money(refund)
    sales.return_money(rest)
    assert sales.posted() == {}
    assert book.uncleared() == []


def test_everything_refunded_with_the_goods_lost_books_their_cost(
    people: SimpleNamespace, pins: dict[str, str]
) -> None:
    order = bought(people, pins, freight=800)
    refund = sales.refund_of(order.lines[0], 10000, freight=800)
    services.apply_refund(order=order, refund=refund, now=NOW)
    sales.return_money(refund)
    assert sales.posted() == {"own_goods": 6000, "house": -6000}
    assert OrderSettlement.objects.get().state == "released"


def test_refund_after_completion_takes_back_from_the_wallet(people: SimpleNamespace, pins: dict[str, str]) -> None:
    order = bought(people, pins, freight=800)
    services.release_order(order=order, now=LATER)
    refund = sales.refund_of(order.lines[0], 10000, quantity=1, cost=6000)
    services.apply_refund(order=order, refund=refund, now=LATER)
    sales.return_money(refund)
    assert (wallet(people.b), wallet(people.a)) == ((0, 0, 0), (0, 0, 0))
    assert sales.posted() == {"channel": -800, "house": 800}
    assert set(Award.objects.values_list("state", flat=True)) == {"clawed_back"}
    assert book.uncleared() == []


def test_goods_that_come_back_worth_more_than_the_refund_are_the_houses_gain(
    people: SimpleNamespace, pins: dict[str, str]
) -> None:
    order = bought(people, pins)
    services.release_order(order=order, now=LATER)
    refund = sales.refund_of(order.lines[0], 100, quantity=1, cost=6000)
    services.apply_refund(order=order, refund=refund, now=LATER)
    sales.return_money(refund)
    assert sales.posted() == {"channel": -9900, "member.wallet": 693, "house": 9207}


def spend(member: object, amount: int) -> None:
    """The member's money is gone: withdrawn."""
    from saas.ledger import services as ledger

    ledger.post_entry(
        key=f"spent:{member.ulid}:{amount}",  # type: ignore[attr-defined]
        kind="test",
        moves=[ledger.Move(wallet_of(member.ulid), "bank", amount)],  # type: ignore[attr-defined]
        document="test",
        occurred_at=NOW,
    )


def test_what_is_not_in_the_wallet_any_more_becomes_a_debt_kept_back_from_the_next_awards(
    people: SimpleNamespace, pins: dict[str, str]
) -> None:
    first = bought(people, pins)
    services.release_order(order=first, now=LATER)
    spend(people.b, 450)
    refund = sales.refund_of(first.lines[0], 10000, quantity=1, cost=6000)
    services.apply_refund(order=first, refund=refund, now=LATER)
    sales.return_money(refund)
    assert wallet(people.b) == (0, 0, 450)
    back = ClawBack.objects.get(award__payee_ulid=people.b.ulid)
    assert (back.amount, back.debt_amount) == (500, 450)
    services.release_order(order=bought(people, pins, sales.line(6000, 0)), now=LATER)
    assert wallet(people.b) == (0, 0, 150)
    services.release_order(order=bought(people, pins, sales.line(6000, 0)), now=LATER)
    assert wallet(people.b) == (150, 0, 0)
    assert book.uncleared() == []
    sales.posted()


def test_refunds_of_two_lines_shrink_one_hold_a_payee(people: SimpleNamespace, pins: dict[str, str]) -> None:
    lines = [sales.line(10000, 0), sales.line(333, 0)]
    order = bought(people, pins, *lines)
    services.award_order(order=order, now=NOW)
    assert wallet(people.b) == (0, 500 + 16, 0)
    services.apply_refund(order=order, refund=sales.refund_of(lines[1], 333), now=NOW)
    assert wallet(people.b) == (0, 500, 0)
    assert wallet(people.a) == (0, 200, 0)
    services.release_order(order=order, now=LATER)
    assert wallet(people.b) == (500, 0, 0)


@pytest.mark.parametrize("released", [False, True])
@pytest.mark.parametrize(("value", "freight"), [(10001, 0), (1, 801)])
def test_a_refund_above_what_was_paid_changes_nothing(
    people: SimpleNamespace, pins: dict[str, str], released: bool, value: int, freight: int
) -> None:
    order = bought(people, pins, freight=800)
    services.award_order(order=order, now=NOW)
    if released:
        services.release_order(order=order, now=LATER)
    before = sales.posted(), list(LineSettlement.objects.values()), list(Award.objects.values())
    with pytest.raises(services.RefundBeyondPaid), transaction.atomic():
        services.apply_refund(order=order, refund=sales.refund_of(order.lines[0], value, freight=freight), now=LATER)
    assert before == (sales.posted(), list(LineSettlement.objects.values()), list(Award.objects.values()))
    assert not SettledRefund.objects.exists()
    assert not PaymentRefund.objects.exists()


def test_the_database_refuses_a_line_whose_money_does_not_add_up(people: SimpleNamespace, pins: dict[str, str]) -> None:
    services.award_order(order=bought(people, pins), now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        LineSettlement.objects.update(house_amount=3301)


def test_the_refund_is_sent_after_the_books_are_written(people: SimpleNamespace, pins: dict[str, str]) -> None:
    order = bought(people, pins)
    services.apply_refund(order=order, refund=sales.refund_of(order.lines[0], 100), now=NOW)
    assert OutboxEvent.objects.filter(topic="payment.refund_due").count() == 1
    assert [(one.account, one.amount) for one in book.uncleared()] == [("clearing.refund", 100)]


def test_the_other_mall_has_nothing_of_it(people: SimpleNamespace, pins: dict[str, str], beauty: object) -> None:
    from saas.tenants.malls.activation import in_mall

    with in_mall(beauty):  # type: ignore[arg-type]
        assert sales.posted() == {}
        assert not Award.objects.exists()
