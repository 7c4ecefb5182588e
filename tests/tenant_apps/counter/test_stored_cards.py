"""Stored-value cards: owed by the store, good for its goods alone, refunds go back to the card, every account to the fen."""

import datetime as dt

import pytest

from saas.kernel import clock
from saas.kernel.errors import InvalidInput, NotFound
from saas.kernel.ids import new_ulid
from saas.ledger import selectors as book
from saas.messaging.notices.models import Notice
from tenant_apps.counter.models import Card
from tenant_apps.counter.rules.cards import CardKind, CardState
from tenant_apps.counter.selectors import cards as selectors
from tenant_apps.counter.selectors import telling
from tenant_apps.counter.services import cards_paying, cards_redeeming, cards_selling
from tenant_apps.orders import services as orders
from tenant_apps.orders.models import Order, OrderLine
from tenant_apps.orders.rules import RefundWish, WantedLine
from tenant_apps.sellers.rules import payable_of, prepaid_of
from tenant_apps.settlement import facts
from tenant_apps.settlement import services as settlement
from tenant_apps.settlement.models import Award
from tenant_apps.settlement.rules import back_to_card
from tests.factories import cards as make
from tests.factories import orders as make_orders
from tests.factories import sales
from tests.factories import sellers as shops
from tests.factories.people import make_member

NOW = clock.now()
DAY = dt.timedelta(days=1)


@pytest.fixture
def store(grocery):
    return shops.store(owner=make_member(name="店主").ulid, rate_ppm=50_000, now=NOW - 30 * DAY)


@pytest.fixture
def buyer(store):
    return make_member(name="小美")


def loaded(store, buyer, drain, amount=10_000):
    """A card with money on it, through the real wiring."""
    terms = make.offered(
        store, kind=CardKind.STORED, title="储值卡", visits=0, price_amount=amount, filing_number="440106-0001", now=NOW
    )
    order = make.ordered(terms, buyer, amount=amount, now=NOW)
    orders.mark_paid(order_ulid=order.ulid, payment=make_orders.fund(order, now=NOW), amount=amount, now=NOW)
    drain(until=clock.real_now() + dt.timedelta(minutes=1))
    return Card.objects.get(order_ulid=order.ulid)


def buy(buyer, *lines, total, cards=(), key=""):
    return cards_paying.place_purchase(
        member=buyer,
        cards=[card.ulid for card in cards],
        lines=[WantedLine(sku.ulid, qty) for sku, qty in lines],
        address=make_orders.HOME,
        expected_total=total,
        idempotency_key=key or new_ulid(),
        now=NOW,
    )


def paid(order):
    orders.mark_paid(
        order_ulid=order.ulid, payment=make_orders.fund(order, now=NOW), amount=order.payable_amount, now=NOW
    )
    settlement.award_order(order=facts.paid_order(order.ulid), now=NOW)


def refund(order, value, drain):
    """So much of the goods goes back, through the events; what the channel gets is booked as arrived."""
    line = OrderLine.objects.get(order=order)
    case = orders.request_refund(
        order_ulid=order.ulid, reason="x", actor=make.CLERK, now=NOW, wishes=[RefundWish(line.ulid, 0, value)],
        freight_amount=0,
    )  # fmt: skip
    orders.approve_refund(refund_ulid=case.ulid, actor=make.CLERK, now=NOW)
    _, approved = facts.approved_refund(case.ulid)
    settlement.apply_refund(order=facts.paid_order(order.ulid), refund=approved, now=NOW)
    return case


@pytest.mark.parametrize(
    ("total", "by_card", "refunds", "back"),
    [
        (10_000, 10_000, [3_333, 6_667], [3_333, 6_667]),
        (10_000, 2_500, [1, 9_999], [0, 2_500]),
        (10_001, 3_333, [3_000, 3_000, 4_001], [999, 1_000, 1_334]),
        (500, 0, [500], [0]),
    ],
)
def test_refunds_go_back_in_proportion_and_together_exactly(total, by_card, refunds, back):
    before, found = 0, []
    for amount in refunds:
        found.append(back_to_card(total=total, by_card=by_card, before=before, now=amount))
        before += amount
    assert found == back and sum(found) == by_card


def test_money_on_a_card_is_a_debt_of_its_store_and_pays_its_goods_alone(store, buyer, drain):
    sales.publish("distribution", now=NOW - DAY)
    other = shops.store(name="别人的店", now=NOW - DAY)
    own, theirs = shops.goods(store, price=3_000, now=NOW - DAY), shops.goods(other, price=3_000, now=NOW - DAY)
    card = loaded(store, buyer, drain)
    prepaid = prepaid_of(store.ulid)
    assert (book.balance(prepaid), book.balance("house"), book.balance(payable_of(store.ulid))) == (10_000, 0, 0)
    assert not Award.objects.exists() and (card.expires_at, card.left) == (None, 10_000)
    with pytest.raises(cards_redeeming.CodeUnknown):  # it shows no code for visits
        cards_redeeming.redeem_visits(store_ulid=store.ulid, code="1234567890", actor="x", now=NOW)
    with pytest.raises(NotFound):  # another's card
        buy(make_member(), (own, 1), total=3_800, cards=[card])
    second = loaded(store, buyer, drain)
    with pytest.raises(InvalidInput):
        buy(buyer, (own, 1), total=3_800, cards=[card, second])
    assert not Order.objects.filter(seller_ulid=store.ulid, lines__kind="goods").exists()

    together = buy(buyer, (own, 1), (theirs, 1), total=7_600, cards=[card])  # two sellers, one payment
    mine = next(one for one in together.orders if one.seller_ulid == store.ulid)
    foreign = next(one for one in together.orders if one.seller_ulid == other.ulid)
    assert [(one.card_amount, one.card_ulid) for one in (mine, foreign)] == [(3_800, card.ulid), (0, "")]
    assert together.total_amount == 3_800
    card.refresh_from_db()
    assert card.left == 6_200
    orders.cancel_order(order_ulid=mine.ulid, actor="system", reason="x", now=NOW)
    drain()
    card.refresh_from_db()
    assert (card.left, OrderLine.objects.get(ulid=card.line_ulid).used_value_amount) == (10_000, 0)
    assert book.balance(prepaid) == 20_000
    kinds = telling.told(buyer).order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["card_bought", "card_bought", "card_used", "card_back"]
    assert not Notice.objects.filter(kind__startswith="card_").exists()  # the mall sends no texts

    key = new_ulid()
    covered = buy(buyer, (own, 2), total=6_800, cards=[card], key=key).first
    assert buy(buyer, (own, 2), total=6_800, cards=[card], key=key).first == covered  # a double click
    covered.refresh_from_db()
    card.refresh_from_db()
    assert (covered.state, covered.payable_amount, card.left) == ("paid", 0, 3_200)
    assert book.balance(prepaid) == 13_200
    settlement.award_order(order=facts.paid_order(covered.ulid), now=NOW)
    Order.objects.filter(pk=covered.pk).update(state="completed", shipped_at=NOW, received_at=NOW, completed_at=NOW)
    settlement.release_order(order=facts.paid_order(covered.ulid), now=NOW)
    assert (book.balance(payable_of(store.ulid)), book.balance("house")) == (
        6_500,
        300,
    )  # 5 % of the goods; freight is his
    with pytest.raises(orders.RefundAbovePaid):  # what was spent is not paid back with the card
        orders.request_refund(
            order_ulid=card.order_ulid, reason="x", actor=make.CLERK, now=NOW,
            wishes=[RefundWish(card.line_ulid, 0, 3_201)],
        )  # fmt: skip
    assert [(one.cards, one.amount) for one in selectors.owed()] == [(2, 13_200)]
    assert sum(row.posted for row in book.trial_balance()) == 0


def test_a_refund_goes_back_to_the_card_even_when_the_rest_was_paid_back_meanwhile(store, buyer, drain):
    goods = shops.goods(store, price=9_200, now=NOW - DAY)
    card = loaded(store, buyer, drain, amount=7_500)
    order = buy(buyer, (goods, 1), total=10_000, cards=[card]).first  # 75.00 by card, 25.00 by the channel
    paid(order)
    assert (order.card_amount, order.payable_amount, book.balance(prepaid_of(store.ulid))) == (7_500, 2_500, 0)
    case = refund(order, 4_000, drain)
    card.refresh_from_db()
    assert (card.left, book.balance(prepaid_of(store.ulid))) == (3_000, 3_000)  # three quarters of it
    assert book.balance("clearing.refund") == 1_000  # the channel's part is under way
    from tenant_apps.payments.models import PaymentRefund

    assert PaymentRefund.objects.get(ulid=case.ulid).amount == 1_000
    back = cards_selling.ask_return(card_ulid=card.ulid, reason="搬家", member=buyer, now=NOW)
    orders.approve_refund(refund_ulid=back.ulid, actor=make.CLERK, now=NOW)
    _, approved = facts.approved_refund(back.ulid)
    settlement.apply_refund(order=facts.paid_order(card.order_ulid), refund=approved, now=NOW)
    orders.mark_refunded(refund_ulid=back.ulid, now=NOW)
    cards_selling.close_returned(line_ulids=[card.line_ulid], now=NOW)
    card.refresh_from_db()
    assert (back.amount, card.left, selectors.state(card, now=NOW)) == (3_000, 0, CardState.RETURNED)
    assert book.balance(prepaid_of(store.ulid)) == 0
    orders.mark_refunded(refund_ulid=case.ulid, now=NOW)
    refund(order, 5_200, drain)
    card.refresh_from_db()
    assert (card.left, selectors.state(card, now=NOW)) == (3_900, CardState.ACTIVE)  # it lives again
    assert book.balance(prepaid_of(store.ulid)) == 3_900
    assert sum(row.posted for row in book.trial_balance()) == 0


def test_what_a_card_paid_whole_has_arrived_with_its_approval(store, buyer, drain):
    goods = shops.goods(store, price=2_000, now=NOW - DAY)
    card = loaded(store, buyer, drain)
    order = buy(buyer, (goods, 1), total=2_800, cards=[card]).first
    case = orders.request_refund(order_ulid=order.ulid, reason="x", actor=make.CLERK, now=NOW)
    orders.approve_refund(refund_ulid=case.ulid, actor=make.CLERK, now=NOW)
    drain()
    case.refresh_from_db()
    order.refresh_from_db()
    card.refresh_from_db()
    assert (case.state, order.state, card.left) == ("refunded", "refunded", 10_000)
    assert book.balance(prepaid_of(store.ulid)) == 10_000 and book.balance("clearing.refund") == 0
    assert book.balance(f"order.escrow.{order.ulid}") == 0
