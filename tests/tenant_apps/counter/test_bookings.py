"""Booking a card's visits: times from the store's hours, the last place once, moving in time, who does not come."""

import datetime as dt
import re
import threading

import pytest
from django.db import connection, transaction
from django.utils import translation
from django_tenants.utils import schema_context

from saas.identity.roles import Role
from saas.kernel import clock
from saas.kernel.clock import CHINA
from saas.kernel.errors import InvalidInput, NotFound
from saas.kernel.states import IllegalTransition
from saas.tenants.malls.activation import in_mall
from saas.tenants.malls.models import Mall
from tenant_apps.counter import tasks
from tenant_apps.counter.models import Booking, BookingPlan, CardUse, StoreProfile
from tenant_apps.counter.rules import bookings as rules
from tenant_apps.counter.rules.bookings import PlanDraft, Taken
from tenant_apps.counter.rules.hours import Closing, Span
from tenant_apps.counter.selectors import bookings as selectors
from tenant_apps.counter.services import bookings, cards_redeeming, cards_selling
from tests.factories import cards as make
from tests.factories import sellers as shops
from tests.factories.people import make_member, make_staff
from tests.tenant_apps.backoffice.conftest import signed_in as staff_in
from tests.tenant_apps.storefront.test_buying_pages import signed_in

DAY = dt.timedelta(days=1)
# Nine in the morning of tomorrow in China: every time of the day after is still to come.
NOW = dt.datetime.combine(clock.now().astimezone(CHINA).date(), dt.time(9), CHINA).astimezone(dt.UTC)
TOMORROW = NOW.astimezone(CHINA).date() + DAY
EN = {"HTTP_ACCEPT_LANGUAGE": "en"}


def at(hour, minute=0, day=TOMORROW):
    return dt.datetime.combine(day, dt.time(hour, minute), CHINA)


def opened(store):
    """Open from ten to one and from two to five, every day."""
    StoreProfile.objects.create(
        seller_ulid=store.ulid, hours=[[[600, 780], [840, 1020]]] * 7, closings=[], updated_at=NOW
    )
    return store


def planned(terms, **changes):
    draft = PlanDraft(**{"minutes": 60, "change_hours": 2, **changes})
    return bookings.save_plan(product_ulid=terms.product_ulid, draft=draft, actor=make.CLERK, now=NOW)


@pytest.fixture
def store(grocery):
    return opened(shops.store(owner=make_member(name="店主").ulid, now=NOW - 3 * DAY))


def card_of(terms, name="小美"):
    return make.bought(terms, make_member(name=name), now=NOW)


def book(card, hour, *, technician="", now=NOW, store=""):
    return bookings.book(
        card_ulid=card.ulid,
        store_ulid=store or card.seller_ulid,
        starts_at=at(hour),
        technician=technician,
        member=card.member,
        now=now,
    )


def test_times_follow_the_hours_and_places_are_counted():
    week = ((Span(600, 780),),) * 7
    day = dt.date(2027, 2, 5)
    begins = rules.starts(week, (), day, 50, CHINA)
    assert [one.strftime("%H:%M") for one in begins] == ["10:00", "10:50", "11:40"]
    assert rules.starts(week, (Closing(day, day),), day, 50, CHINA) == []
    begin = begins[1]
    other = Taken(begin - dt.timedelta(minutes=10), begin + dt.timedelta(minutes=20), "王")
    before = Taken(begin - dt.timedelta(minutes=60), begin, "李")  # ends as this begins
    left = rules.free(begin, minutes=50, capacity=2, technicians=(), taken=[other, before], busy=[])
    assert left.left == 1
    named = rules.free(begin, minutes=50, capacity=9, technicians=("王", "李"), taken=[], busy=[other, before])
    assert (named.left, named.technicians) == (1, ("李",))
    for changes, field in (
        ({"minutes": 9}, "minutes"),
        ({"capacity": 0}, "capacity"),
        ({"technicians": ("王", "王")}, "technicians"),
        ({"days_ahead": 61}, "days_ahead"),
        ({"change_hours": 169}, "change_hours"),
    ):
        assert rules.plan_fault(PlanDraft(**changes)) == field


def test_a_visit_is_booked_moved_attended_or_missed(store):
    terms = make.offered(store, now=NOW)
    card, other = card_of(terms), card_of(terms, "小李")
    with pytest.raises(NotFound):  # its visits are not booked
        book(card, 10)
    planned(terms, technicians=("王师傅", "李师傅"), missed_costs_visit=True)
    plan = BookingPlan.objects.get()
    times = selectors.times(plan, store_ulid=store.ulid, day=TOMORROW, now=NOW)
    assert [one.starts_at.astimezone(CHINA).hour for one in times] == [10, 11, 12, 14, 15, 16]
    first = book(card, 10, technician="李师傅")
    with pytest.raises(bookings.TimeTaken):
        book(other, 10, technician="李师傅")
    assert book(other, 10).technician == "王师傅"  # whoever is free
    with pytest.raises(bookings.TimeTaken):  # both are taken
        book(card_of(terms), 10)
    for hour in (9, 13, 17):
        with pytest.raises(bookings.TimeTaken):
            book(card, hour)
    second, third = book(card, 11), book(card, 14)
    with pytest.raises(bookings.NoVisitLeft):  # three visits, three bookings
        book(card, 15)
    with pytest.raises(NotFound):
        book(card, 15, store="01OTHER")
    late = at(10) - dt.timedelta(hours=1)
    with pytest.raises(bookings.TooLateToChange):
        bookings.move(booking_ulid=first.ulid, starts_at=at(16), member=card.member, now=late)
    with pytest.raises(bookings.TooLateToChange):
        bookings.cancel(booking_ulid=first.ulid, member=card.member, now=late)
    with pytest.raises(NotFound):
        bookings.cancel(booking_ulid=first.ulid, member=other.member, now=NOW)
    moved = bookings.move(booking_ulid=third.ulid, starts_at=at(16), member=card.member, now=NOW)
    assert (moved.starts_at, moved.moved) == (at(16), 1)
    bookings.cancel(booking_ulid=moved.ulid, member=card.member, now=NOW)

    code = cards_redeeming.show_code(card_ulid=card.ulid, member=card.member, now=at(10)).code
    cards_redeeming.redeem_visits(store_ulid=store.ulid, code=code, actor="member:owner", now=at(10))
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == ("attended", "booked")
    assert tasks.settle_missed(now=at(12, 29)) == 1  # the other member's of ten o'clock
    assert tasks.settle_missed(now=at(12, 30)) == 1
    assert tasks.settle_missed(now=at(12, 30)) == 0
    card.refresh_from_db()
    assert (card.visits_used, CardUse.objects.filter(card=card).count()) == (2, 2)  # missing it cost the visit
    with pytest.raises(IllegalTransition):
        bookings.cancel_at_store(
            booking_ulid=second.ulid, store_ulids=(store.ulid,), reason="x", actor=make.CLERK, now=NOW
        )


def test_a_booking_ends_with_its_card_and_a_store_says_why(store):
    terms = make.offered(store, now=NOW, valid_days=1)
    card = card_of(terms)
    planned(terms, capacity=2)
    with pytest.raises(bookings.NoVisitLeft):  # the card has ended by then
        book(card, 14)
    kept = make.offered(store, now=NOW, title="洗头卡")
    planned(kept, capacity=2)
    card = card_of(kept)
    row = book(card, 10)
    with pytest.raises(InvalidInput):
        bookings.cancel_at_store(booking_ulid=row.ulid, store_ulids=(store.ulid,), reason=" ", actor="x", now=NOW)
    with pytest.raises(NotFound):
        bookings.cancel_at_store(booking_ulid=row.ulid, store_ulids=("01X",), reason="停电", actor="x", now=NOW)
    done = bookings.cancel_at_store(booking_ulid=row.ulid, store_ulids=(store.ulid,), reason="停电", actor="x", now=NOW)
    assert (done.state, done.note) == ("cancelled", "停电")
    again = book(card, 10)
    card.closed_at = NOW
    card.save()
    cards_selling.cancel_bookings(card=card, now=NOW)
    again.refresh_from_db()
    assert again.state == "cancelled"


def test_the_last_place_goes_to_one_of_twenty(committed):
    with schema_context("public"):
        mall = Mall.objects.get(schema_name="t_test_grocery")
    with in_mall(mall), transaction.atomic():
        store = opened(shops.store(now=NOW - 3 * DAY))
        terms = make.offered(store, now=NOW)
        planned(terms, capacity=1)
        cards = [card_of(terms, f"会员{number}") for number in range(20)]
    start, lock, answers = threading.Barrier(20), threading.Lock(), []

    def run(card):
        try:
            with in_mall(mall):
                start.wait()
                try:
                    book(card, 10)
                    answer = "booked"
                except bookings.TimeTaken:
                    answer = "taken"
            with lock:
                answers.append(answer)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(card,)) for card in cards]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(answers) == ["booked"] + ["taken"] * 19
    with in_mall(mall):
        assert Booking.objects.count() == 1


def test_the_pages_of_member_store_and_staff(grocery):
    with translation.override("en"):
        now = clock.now()
        owner, buyer = make_member(name="店主"), make_member(name="小美")
        store = opened(shops.store(owner=owner.ulid, now=now - 3 * DAY))
        terms = make.offered(store)
        card = make.bought(terms, buyer)
        staff = staff_in(make_staff(Role.GOODS, Role.ORDERS))
        page = f"/backoffice/store-cards/offers/{terms.product_ulid}/bookings"
        form = {"minutes": "60", "capacity": "1", "technicians": "王师傅", "days_ahead": "7", "change_hours": "2"}
        refused = staff.post(page, form | {"minutes": "5"}, **EN)
        assert refused.status_code == 422 and re.search(r'id="f-minutes"[^>]*aria-invalid', refused.content.decode())
        assert staff.post(page, form | {"is_open": "1"}, **EN).status_code == 302
        assert staff.get(page, **EN).status_code == 200
        phone = signed_in(buyer)
        assert "Book a time" in phone.get(f"/cards/{card.ulid}", **EN).content.decode()
        day = clock.now().astimezone(CHINA).date() + DAY
        shown = phone.get(f"/cards/{card.ulid}/book?day={day}", **EN).content.decode()
        time = re.search(r'value="([^"|]+)\|王师傅"', shown)[1]
        assert phone.post(f"/cards/{card.ulid}/book", {"time": "x"}, **EN).status_code == 409
        answer = phone.post(f"/cards/{card.ulid}/book", {"time": f"{time}|王师傅", "day": str(day)}, **EN)
        assert answer["Location"] == f"/cards/{card.ulid}"
        row = Booking.objects.get()
        assert "王师傅" in phone.get("/cards", **EN).content.decode()
        moving = phone.get(f"/cards/{card.ulid}/book?booking={row.ulid}&day={day}", **EN).content.decode()
        assert "Booked so far" in moving
        till = signed_in(owner)
        assert "小美" in till.get(f"/seller/bookings?day={day}", **EN).content.decode()
        assert "Nobody has booked this day." in till.get("/seller/bookings?day=2020-01-01", **EN).content.decode()
        assert "王师傅" in staff.get(f"/backoffice/bookings/?day={day}", **EN).content.decode()
        till.post(f"/seller/bookings/{row.ulid}/cancel", {"reason": "停电", "day": str(day)}, **EN)
        row.refresh_from_db()
        assert (row.state, row.note) == ("cancelled", "停电")
        assert "停电" in phone.get(f"/cards/{card.ulid}", **EN).content.decode()
