"""What members and stores are told of cards and bookings: each thing once, in the mall and, where it texts, by SMS."""

import datetime as dt
import re
import string

import pytest
from django.utils import translation

from saas.kernel import clock
from saas.messaging.bus.models import OutboxEvent
from saas.messaging.notices.kinds import KINDS
from saas.messaging.notices.models import Notice
from saas.tenants.senders.selectors import MALL_KINDS
from saas.tenants.senders.words import KINDS as WORDS
from tenant_apps.care import selectors as care
from tenant_apps.counter import tasks
from tenant_apps.counter.models import Told
from tenant_apps.counter.rules import telling as rules
from tenant_apps.counter.rules.telling import MEMBER_KINDS, NOT_TEXTED, STORE_KINDS, Facts
from tenant_apps.counter.selectors import telling as selectors
from tenant_apps.counter.services import bookings, cards_redeeming, cards_selling
from tests.factories import cards as make
from tests.factories import sales
from tests.factories import sellers as shops
from tests.factories.people import make_member
from tests.tenant_apps.counter.test_bookings import DAY, EN, NOW, at, opened, planned
from tests.tenant_apps.counter.test_visit_cards import paid_back, settled
from tests.tenant_apps.storefront.test_buying_pages import signed_in


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def store(grocery):
    sales.publish("orders", now=NOW - 3 * DAY, order_texts=True)
    return opened(shops.store(name="剪发店", owner=make_member(name="店主").ulid, now=NOW - 3 * DAY))


def told(member=None, store=""):
    rows = selectors.told(member) if member else selectors.told_store(store)
    return list(rows.order_by("pk").values_list("kind", flat=True))


def last(kind):
    return selectors.line(Told.objects.filter(kind=kind).latest("pk")).text


def test_rules_and_texts():
    assert [rules.runs_low(whole=10, before=b, left=n) for b, n in ((2, 1), (3, 2), (1, 1), (1, 0))] == [
        True, False, False, False
    ]  # fmt: skip
    assert rules.runs_low(whole=20_000, before=2_100, left=1_999) and not rules.runs_low(whole=3, before=1, left=0)
    end = NOW + 20 * DAY
    assert rules.ending_stage(NOW - 90 * DAY, end, NOW) == 30 and rules.ending_stage(NOW, end, NOW) is None
    assert rules.ending_stage(NOW, end, end - 7 * DAY) == 7 and rules.ending_stage(NOW, end, end) is None
    start = NOW + 3 * DAY
    assert rules.remind_at(start, NOW) == NOW + 2 * DAY
    assert rules.remind_at(start, start - dt.timedelta(hours=5)) == start - dt.timedelta(hours=2)
    assert rules.remind_at(start, start - dt.timedelta(hours=1)) is None
    facts = Facts(
        card="卡", shop="店", unit="visit_card", left=1, used=2, amount=350, at=NOW.isoformat(), reason="停电"
    )
    for kind in (*MEMBER_KINDS, *STORE_KINDS):
        wanted = {name for _text, name, _f, _c in string.Formatter().parse(KINDS[kind].subject) if name}
        assert wanted <= set(selectors.words(kind, facts)), kind
        assert (kind in MALL_KINDS and kind in WORDS) == (kind not in NOT_TEXTED), kind
        for language in ("en", "zh-hans"):
            with translation.override(language):
                text = selectors.line(Told(kind=kind, facts=vars(facts))).text
            assert "店" in text and "卡" in text and "{" not in text
            assert bool(re.search("[a-z]", text)) == (language == "en")


def test_a_visit_card_from_its_purchase_to_its_refund(store, drain):
    buyer, stranger = make_member(name="小美"), make_member()
    terms = make.offered(store, valid_days=60, now=NOW)
    planned(terms)
    card = make.bought(terms, buyer, now=NOW)
    make.bought(terms, stranger, now=NOW)
    settled(card)
    assert cards_selling.issue_card(order_ulid=card.order_ulid, now=NOW) == card  # a repeat tells nothing
    assert (told(buyer), told(store=store.ulid)) == (["card_bought"], ["shop_card_sold"] * 2)
    page = signed_in(buyer).get("/notices", **EN).content.decode()
    assert (
        "Your card “剪发三次卡” of “剪发店” is ready, with 3 visits." in page and f'href="/cards/{card.ulid}"' in page
    )

    row = bookings.book(card_ulid=card.ulid, store_ulid=store.ulid, starts_at=at(10), member=buyer, now=NOW)
    bookings.move(booking_ulid=row.ulid, starts_at=at(14), member=buyer, now=NOW)
    first, second = OutboxEvent.objects.filter(topic="counter.booking_due").order_by("pk")
    assert (first.available_at, second.available_at) == (at(10) - DAY, at(14) - DAY)
    drain(until=at(14))  # of the first time nobody is reminded: it was moved
    assert told(buyer)[1:] == ["booking_made", "booking_made", "booking_due"]
    assert (
        last("booking_due")
        == f"A reminder: you are expected in “剪发店” on {at(14):%Y-%m-%d} 14:00 (card “剪发三次卡”)."
    )
    bookings.cancel(booking_ulid=row.ulid, member=buyer, now=NOW)
    other = bookings.book(card_ulid=card.ulid, store_ulid=store.ulid, starts_at=at(11), member=buyer, now=NOW)
    bookings.cancel_at_store(
        booking_ulid=other.ulid, store_ulids=(store.ulid,), reason="停电", actor="member:x", now=NOW
    )
    assert "停电" in last("booking_cancelled")
    missed = bookings.book(card_ulid=card.ulid, store_ulid=store.ulid, starts_at=at(12), member=buyer, now=NOW)
    assert tasks.settle_missed(now=missed.ends_at + DAY) == 1 and tasks.settle_missed(now=missed.ends_at + DAY) == 0
    assert told(buyer)[4:] == ["booking_made", "booking_cancelled", "booking_made", "booking_missed"]
    assert told(store=store.ulid)[2:] == [
        "shop_booking_made", "shop_booking_made", "shop_booking_cancelled", "shop_booking_made", "shop_booking_made",
        "shop_booking_missed",
    ]  # fmt: skip

    code = cards_redeeming.show_code(card_ulid=card.ulid, member=buyer, now=NOW).code
    cards_redeeming.redeem_visits(store_ulid=store.ulid, code=code, visits=2, actor="member:x", now=NOW)
    card.refresh_from_db()
    assert last("card_low").endswith("runs out: 1 visit left.")
    assert last("card_used").startswith("2 visits of your card “剪发三次卡” were used in “剪发店”; 1 visit left.")
    for days, number in ((29, 0), (31, 2), (32, 0), (54, 2), (70, 0)):  # both cards, each stage once
        assert tasks.tell_of_ending(now=NOW + days * DAY) == number, days
    paid_back(cards_selling.ask_return(card_ulid=card.ulid, reason="搬家", member=buyer, now=NOW))
    assert last("card_returned").startswith("¥33.33 for your card")
    assert told(store=store.ulid)[-2:] == ["shop_card_used", "shop_card_returned"]

    sent = {kind for kind, _phone in Notice.objects.values_list("kind", "to_phone")}
    assert sent == (set(MEMBER_KINDS) | set(STORE_KINDS)) - {"card_back", *NOT_TEXTED}
    assert {one.to_phone for one in Notice.objects.filter(kind__startswith="shop_")} == {store.owner.user.phone}
    body = Notice.objects.filter(kind="card_bought").first().body
    assert "剪发店" in body and not re.search("[a-z]", body)  # in the mall's language, whoever's request it was
    keeper = signed_in(store.owner)
    here = f"/seller/{store.ulid}/notices"
    assert "has sold a card" in keeper.get(here, **EN).content.decode()
    assert here in keeper.get(f"/seller/{store.ulid}/desk", **EN).content.decode()
    assert keeper.post(here).status_code == 302 and selectors.unread_of_store(store.ulid) == 0
    Told.objects.update(at=clock.now())  # the test lives in tomorrow
    number = len(told(buyer))
    assert care.notices(buyer, others=selectors.told(buyer)).unread >= number
    signed_in(buyer).post("/notices/read")
    assert care.unread_notices(buyer, others=selectors.told(buyer)) == care.unread_notices(buyer)
