"""Random histories of orders: whatever comes in whatever order, the books close and everybody has what is his."""

import datetime as dt

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from saas.ledger import selectors as book
from tenant_apps.settlement import services
from tenant_apps.settlement.models import Award, LineSettlement, OrderSettlement
from tenant_apps.settlement.rules import PaidOrder, debt_of, wallet_of
from tests.cases import cases
from tests.factories import sales
from tests.factories.people import make_member

NOW = sales.NOW


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[tuple[int, int, int]], int, list[int], list[tuple[str, int, int, bool]]]:
    """Lines (cash, cost, pieces), freight, rates, and events: award, release, refund of a part of a line, spend."""
    lines = draw(
        st.lists(st.tuples(st.integers(1, 20_000), st.integers(0, 20_000), st.integers(1, 3)), min_size=1, max_size=3)
    )
    rates = draw(st.lists(st.integers(0, 400_000), min_size=1, max_size=2))
    event = st.tuples(
        st.sampled_from(["award", "release", "refund", "refund", "spend"]),
        st.integers(0, 2),
        st.integers(1, 20_000),
        st.booleans(),
    )
    return lines, draw(st.integers(0, 1500)), rates, draw(st.lists(event, max_size=8))


@settings(
    max_examples=cases(25),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=histories())
def test_the_books_close_after_every_event(grocery: object, history: tuple) -> None:
    specs, freight, rates, events = history
    with transaction.atomic():
        a = make_member(promoter=True)
        b = make_member(referrer=a, promoter=True)
        buyer = make_member(referrer=b)
        pins = {"distribution": sales.publish(rate_ppm=rates).ulid}
        lines = [sales.line(cash, cost, quantity=pieces) for cash, cost, pieces in specs]
        order = sales.paid_order(buyer, [b, a], lines, freight=freight, pins=pins)
        left = [one.facts.cash for one in lines]
        cost_left = [one.facts.supply_cost for one in lines]
        sent_back = spent = 0
        for number, (what, index, amount, goods_back) in enumerate([*events, ("release", 0, 0, False)]):
            at = NOW + dt.timedelta(days=number)
            if what == "award":
                services.award_order(order=order, now=at)
            elif what == "release":
                services.release_order(order=order, now=at)
            elif what == "spend":
                spent += _spend(b.ulid, amount, number)
            else:
                place = index % len(lines)
                value = min(amount, left[place])
                if not value:
                    continue
                left[place] -= value
                cost = cost_left[place] if goods_back else 0
                cost_left[place] -= cost
                refund = sales.refund_of(lines[place], value, cost=cost)
                services.apply_refund(order=order, refund=refund, now=at)
                services.apply_refund(order=order, refund=refund, now=at)
                sales.return_money(refund, now=at)
                sent_back += value
            _check(order, (a.ulid, b.ulid), sent_back, spent)
        _check_end(order, left, freight, cost_left)
        transaction.set_rollback(True)


def _spend(member: str, amount: int, number: int) -> int:
    from saas.ledger import services as ledger

    amount = min(amount, book.available(wallet_of(member)))
    if amount:
        move = ledger.Move(wallet_of(member), "bank", amount)
        ledger.post_entry(key=f"spent:{number}", kind="test", moves=[move], document="test", occurred_at=NOW)
    return amount


def _check(order: PaidOrder, payees: tuple[str, ...], sent_back: int, spent: int) -> None:
    sums = sales.posted()
    total = order.freight + sum(line.facts.cash for line in order.lines)
    assert sums.get("channel", 0) == sent_back - total
    assert book.uncleared() == []
    settlement = OrderSettlement.objects.filter(order_ulid=order.ulid).first()
    if settlement is None:
        return
    awards = list(Award.objects.all())
    assert all(0 <= one.clawed_amount <= one.amount <= one.full_amount for one in awards)
    rows = list(LineSettlement.objects.all())
    for row in rows:
        assert row.awarded_amount == sum(one.net_amount for one in awards if one.line_id == row.pk)
    released = settlement.state == "released"
    for payee in payees:
        kept = sum(one.net_amount for one in awards if one.payee_ulid == payee)
        found = book.balances([wallet_of(payee), debt_of(payee)])
        wallet, debt = found[wallet_of(payee)], found[debt_of(payee)].posted
        assert wallet.held_in == (0 if released else kept)
        used = spent if payee == payees[1] else 0
        assert wallet.posted + debt == (kept if released else 0) - used
    if released:
        assert book.balance(order.escrow) == 0
        assert sums.get("house", 0) == sum(row.house_amount for row in rows) + order.freight
        assert sums.get("own_goods", 0) == sum(row.cost_amount for row in rows)


def _check_end(order: PaidOrder, left: list[int], freight: int, cost_left: list[int]) -> None:
    rows = list(LineSettlement.objects.order_by("position"))
    assert [row.cash_amount - row.returned_cash_amount for row in rows] == left
    assert [row.cost_amount for row in rows] == cost_left
    for row, cash in zip(rows, left, strict=True):
        if not cash:
            assert row.awarded_amount == 0
        assert row.house_amount == cash - row.cost_amount - row.awarded_amount
    assert OrderSettlement.objects.get().state == "released"
    assert freight == order.freight
