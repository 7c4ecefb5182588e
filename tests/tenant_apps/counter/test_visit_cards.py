"""A visit card from its terms to its last visit: bought by an order, redeemed by codes, the unused rest paid back."""

import datetime as dt
import threading

import pytest
from django.db import connection, transaction
from django_tenants.utils import schema_context

from saas.identity.models import AuditRecord
from saas.kernel import clock
from saas.kernel.errors import InvalidInput, NotFound
from saas.ledger import selectors as book
from saas.tenants.malls.activation import in_mall
from saas.tenants.malls.models import Mall
from tenant_apps.counter.models import Card, CardUse
from tenant_apps.counter.rules import cards as rules
from tenant_apps.counter.rules.cards import CardKind, CardState
from tenant_apps.counter.selectors import cards as selectors
from tenant_apps.counter.services import cards_offering, cards_redeeming, cards_selling
from tenant_apps.orders import services as orders
from tenant_apps.orders.models import Order, OrderLine
from tenant_apps.orders.rules import WantedLine
from tenant_apps.sellers.rules import SettlementKind, payable_of
from tenant_apps.settlement import facts
from tenant_apps.settlement import services as settlement
from tenant_apps.settlement.models import Award, LineSettlement
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


def redeem(card, store, *, now=NOW, visits=1):
    code = cards_redeeming.show_code(card_ulid=card.ulid, member=card.member, now=now).code
    use = cards_redeeming.redeem_visits(store_ulid=store.ulid, code=code, visits=visits, actor="member:owner", now=now)
    card.refresh_from_db()
    return use


def settled(card):
    settlement.award_order(order=facts.paid_order(card.order_ulid), now=NOW)


def completed(card):
    Order.objects.filter(ulid=card.order_ulid).update(state="completed", completed_at=NOW)
    settlement.release_order(order=facts.paid_order(card.order_ulid), now=NOW)


def paid_back(case):
    """The case is approved and its money arrives; the handlers of `order.refunded` are called as the outbox would."""
    orders.approve_refund(refund_ulid=case.ulid, actor=make.CLERK, now=NOW)
    order_ulid, refund = facts.approved_refund(case.ulid)
    settlement.apply_refund(order=facts.paid_order(order_ulid), refund=refund, now=NOW)
    sales.return_money(refund, now=NOW)
    orders.mark_refunded(refund_ulid=case.ulid, now=NOW)
    line = OrderLine.objects.get(order__ulid=order_ulid)
    cards_selling.close_returned(line_ulids=[line.ulid], now=NOW)
    return line


@pytest.mark.parametrize(
    ("value", "visits", "worth"),
    [(10_000, 3, [3_334, 3_333, 3_333]), (10_001, 3, [3_334, 3_334, 3_333]), (7, 7, [1] * 7), (500_000, 1, [500_000])],
)
def test_visits_are_worth_the_price_to_the_fen(value, visits, worth):
    assert rules.visit_values(value, visits) == worth
    assert [rules.used_value(value, visits, used) for used in (0, visits)] == [0, value]


def test_a_card_is_offered_by_an_open_store_of_one_owner_and_within_the_law(store):
    sister = shops.store(name="越秀店", owner=store.owner.ulid, now=NOW - DAY)
    stranger = shops.store(name="别人的店", licence_number="91330100MA27XYZ999", now=NOW - DAY)
    merchant = shops.opened(name="商户", now=NOW - DAY)
    supplied = shops.store(name="供货店", settlement=SettlementKind.SUPPLIER, rate_ppm=0, now=NOW - DAY)
    wrong = [
        (store, {"title": "x"}, "title"),
        (store, {"price_amount": 500_001}, "price_amount"),
        (store, {"price_amount": 2}, "price_amount"),
        (store, {"visits": 0}, "visits"),
        (store, {"visits": 366}, "visits"),
        (store, {"valid_days": 1_831}, "valid_days"),
        (store, {"text": "短"}, "text"),
        (store, {"stores": (stranger.ulid,)}, "stores"),
        (store, {"kind": CardKind.STORED, "filing_number": "440100", "valid_days": 30}, "valid_days"),
        (store, {"kind": CardKind.STORED}, "filing_number"),
        (merchant, {}, "seller"),
        (supplied, {}, "seller"),
    ]
    for seller, changes, field in wrong:
        with pytest.raises(cards_offering.CardInvalid) as refused:
            make.offered(seller, now=NOW, **changes)
        assert refused.value.field == field, changes
    assert selectors.offers() == []
    first = make.offered(store, stores=(sister.ulid,), now=NOW)
    assert first.stores == [store.ulid, sister.ulid]
    second = cards_offering.offer_card(
        draft=make.draft(store, price_amount=9_000), actor=make.CLERK, now=NOW, product_ulid=first.product_ulid
    )
    (offer,) = selectors.offers(on_sale_only=True)
    assert (offer.terms, offer.offer.price_amount, offer.on_sale) == (second, 9_000, True)
    cards_offering.withdraw_card(product_ulid=first.product_ulid, actor=make.CLERK, now=NOW)
    assert selectors.offers(on_sale_only=True) == [] and not selectors.offers()[0].on_sale
    assert [row.action for row in AuditRecord.objects.filter(action__startswith="store_card.").order_by("pk")] == [
        "store_card.offered",
        "store_card.offered",
        "store_card.withdrawn",
    ]


def test_a_card_is_bought_only_under_the_terms_that_were_read(store, buyer):
    terms = make.offered(store, now=NOW)
    given = {"product_ulid": terms.product_ulid, "member": buyer, "key": "k" * 12, "now": NOW}
    with pytest.raises(InvalidInput) as refused:
        cards_selling.buy_card(**given, terms_ulid=terms.ulid, accepted=False, expected_amount=10_000)
    assert refused.value.field == "accepted"
    with pytest.raises(orders.TermsNotAccepted):
        orders.place_order(
            member=buyer,
            lines=[WantedLine(terms.sku_ulid, 1)],
            address=None,
            expected_total=10_000,
            idempotency_key="l" * 12,
            now=NOW,
        )
    newer = cards_offering.offer_card(
        draft=make.draft(store, text=make.TEXT + "新。"), actor=make.CLERK, now=NOW, product_ulid=terms.product_ulid
    )
    with pytest.raises(cards_selling.TermsChanged):
        cards_selling.buy_card(**given, terms_ulid=terms.ulid, accepted=True, expected_amount=10_000)
    with pytest.raises(orders.PriceChanged):
        cards_selling.buy_card(**given, terms_ulid=newer.ulid, accepted=True, expected_amount=9_999)
    assert not Order.objects.exists() and not Card.objects.exists()
    order = cards_selling.buy_card(**given, terms_ulid=newer.ulid, accepted=True, expected_amount=10_000)
    assert (order.seller_ulid, order.freight_amount, order.total_amount) == (store.ulid, 0, 10_000)
    assert cards_selling.issue_card(order_ulid=order.ulid, now=NOW) is None  # not paid yet
    orders.mark_paid(order_ulid=order.ulid, payment=make_orders.fund(order, now=NOW), amount=10_000, now=NOW)
    card = cards_selling.issue_card(order_ulid=order.ulid, now=NOW)
    assert cards_selling.issue_card(order_ulid=order.ulid, now=NOW) == card  # the event came twice
    assert (card.terms, card.visits, card.value_amount, card.accepted_at) == (newer, 3, 10_000, order.placed_at)
    assert Card.objects.count() == 1


def test_three_visits_are_redeemed_and_the_store_is_paid_without_any_award(store, buyer, drain):
    sales.publish("distribution", now=NOW - DAY)
    terms = make.offered(store, now=NOW)
    order = make.ordered(terms, buyer, now=NOW)
    orders.mark_paid(order_ulid=order.ulid, payment=make_orders.fund(order, now=NOW), amount=10_000, now=NOW)
    drain()  # the real wiring: received, awarded, issued
    card = Card.objects.get()
    order.refresh_from_db()
    assert (order.state, order.aftersales_days) == ("received", 7)
    uses = [redeem(card, store, now=NOW + number * DAY) for number in (1, 2, 3)]
    assert [use.amount for use in uses] == [3_334, 3_333, 3_333]
    assert (card.visits_left, card.used_amount, selectors.state(card, now=NOW)) == (0, 10_000, CardState.USED_UP)
    with pytest.raises(cards_redeeming.CardNotUsable):
        cards_redeeming.show_code(card_ulid=card.ulid, member=buyer, now=NOW)
    with pytest.raises(cards_selling.NothingLeft):
        cards_selling.ask_return(card_ulid=card.ulid, reason="x", member=buyer, now=NOW)
    with pytest.raises(orders.NothingToRefund):  # nor by staff: what was used stays paid
        orders.request_refund(order_ulid=order.ulid, reason="x", actor=make.CLERK, now=NOW)
    completed(card)
    assert (book.balance(payable_of(store.ulid)), book.balance("house")) == (9_500, 500)
    assert not Award.objects.exists() and book.balance(f"order.escrow.{order.ulid}") == 0
    assert selectors.owed() == [] and [held.card for held in selectors.cards_of(buyer, now=NOW)] == [card]


def test_a_code_is_good_once_for_two_minutes_and_at_its_store(store, buyer):
    other = shops.store(name="别人的店", now=NOW - DAY)
    card = make.bought(make.offered(store, now=NOW), buyer, now=NOW)
    shown = cards_redeeming.show_code(card_ulid=card.ulid, member=buyer, now=NOW)
    assert cards_redeeming.show_code(card_ulid=card.ulid, member=buyer, now=NOW).code == shown.code
    with pytest.raises(NotFound):
        cards_redeeming.show_code(card_ulid=card.ulid, member=make_member(), now=NOW)

    def scan(code, where=store, now=NOW, visits=1):
        return cards_redeeming.redeem_visits(
            store_ulid=where.ulid, code=code, actor="member:owner", now=now, visits=visits
        )

    for code in ("", "abc", "123", "0000000000"):
        with pytest.raises(cards_redeeming.CodeUnknown):
            scan(code)
    with pytest.raises(cards_redeeming.CardElsewhere):
        scan(shown.code, other)
    with pytest.raises(cards_redeeming.CodeUnknown):
        scan(shown.code, now=NOW + dt.timedelta(seconds=120))
    with pytest.raises(cards_redeeming.TooManyVisits):
        scan(shown.code, visits=4)
    assert not CardUse.objects.exists()
    assert scan(f"https://mall.example/seller/cards?code={shown.code}", visits=2).visits == 2
    with pytest.raises(cards_redeeming.CodeUsed):
        scan(shown.code)
    later = cards_redeeming.show_code(card_ulid=card.ulid, member=buyer, now=NOW)
    assert later.code != shown.code and later.visits_left == 1
    renewed = cards_redeeming.show_code(card_ulid=card.ulid, member=buyer, now=NOW + dt.timedelta(seconds=90))
    assert renewed.code != later.code


def test_unused_visits_are_paid_back_to_the_fen_before_and_after_completion(store, buyer):
    terms = make.offered(store, now=NOW, valid_days=30)
    early, late = make.bought(terms, buyer, now=NOW), make.bought(terms, buyer, now=NOW)
    for card in (early, late):
        settled(card)
        redeem(card, store)
    completed(late)
    assert book.balance(payable_of(store.ulid)) == 9_500
    after = NOW + 40 * DAY  # the card has ended and the window has closed: the rest is still owed
    assert selectors.state(late, now=after) is CardState.EXPIRED
    with pytest.raises(cards_redeeming.CardNotUsable):
        cards_redeeming.show_code(card_ulid=late.ulid, member=buyer, now=after)
    assert [(one.cards, one.visits, one.amount) for one in selectors.owed()] == [(2, 4, 13_332)]
    for card, when in ((early, NOW), (late, after)):
        code = cards_redeeming.show_code(card_ulid=card.ulid, member=buyer, now=NOW).code
        case = cards_selling.ask_return(card_ulid=card.ulid, reason="搬家", member=buyer, now=when)
        assert (case.amount, case.due_at is not None) == (6_666, True)
        with pytest.raises(orders.RefundOpen):  # frozen while the case is open
            cards_redeeming.redeem_visits(store_ulid=store.ulid, code=code, actor="member:owner", now=NOW)
        line = paid_back(case)
        card.refresh_from_db()
        assert (line.refunded_cash_amount, line.used_value_amount) == (6_666, 3_334)
        assert (card.closed_at, card.visits_left, selectors.state(card, now=NOW)) == (NOW, 0, CardState.RETURNED)
        with pytest.raises(cards_redeeming.CodeUnknown):
            cards_redeeming.redeem_visits(store_ulid=store.ulid, code=code, actor="member:owner", now=NOW)
    completed(early)
    assert [row.payable_amount for row in LineSettlement.objects.order_by("pk")] == [3_168, 3_168]  # 3 334 less 5 %
    assert book.balance(payable_of(store.ulid)) == 2 * 3_168 and book.balance("clearing.refund") == 0
    assert sum(row.posted for row in book.trial_balance()) == 0 and selectors.owed() == []


def test_a_refund_by_amount_leaves_the_visits_and_is_not_given_twice(store, buyer):
    card = make.bought(make.offered(store, now=NOW), buyer, now=NOW)
    settled(card)
    line = OrderLine.objects.get()
    case = orders.request_refund(
        order_ulid=card.order_ulid,
        reason="补偿",
        actor=make.CLERK,
        now=NOW,
        wishes=[orders_wish(line, 4_000)],
    )
    paid_back(case)
    card.refresh_from_db()
    assert card.closed_at is None and card.visits_left == 3
    redeem(card, store, visits=2)
    line.refresh_from_db()
    assert (line.used_value_amount, line.refunded_value_amount) == (6_000, 4_000)


def orders_wish(line, value):
    from tenant_apps.orders.rules import RefundWish

    return RefundWish(line.ulid, 0, value)


def test_one_code_in_fifty_parallel_scans_is_redeemed_once(committed):
    with schema_context("public"):
        mall = Mall.objects.get(schema_name="t_test_grocery")
    with in_mall(mall), transaction.atomic():
        store = shops.store(now=NOW - DAY)
        card = make.bought(make.offered(store, now=NOW), make_member(), now=NOW)
        code = cards_redeeming.show_code(card_ulid=card.ulid, member=card.member, now=NOW).code
    start, lock = threading.Barrier(50), threading.Lock()
    answers = []

    def scan():
        try:
            with in_mall(mall):
                start.wait()
                try:
                    with transaction.atomic():
                        cards_redeeming.redeem_visits(store_ulid=store.ulid, code=code, actor="member:owner", now=NOW)
                    answer = "redeemed"
                except cards_redeeming.CodeUsed:
                    answer = "used"
            with lock:
                answers.append(answer)
        finally:
            connection.close()

    threads = [threading.Thread(target=scan) for _ in range(50)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(set(answers)) == ["redeemed", "used"] and answers.count("redeemed") == 1 and len(answers) == 50
    with in_mall(mall):
        card.refresh_from_db()
        assert (card.visits_used, CardUse.objects.count()) == (1, 1)
