"""The control room over a real pool: figures as in the book, a period run, what two persons do."""

import datetime as dt

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from saas.identity.roles import Role
from saas.ledger import selectors as book
from saas.ledger import services as ledger
from saas.ledger.services import Move
from tenant_apps.modes.subsidy import selectors
from tenant_apps.modes.subsidy.models import Cohort, Holder, Lot, Period, Pool, PoolAction
from tenant_apps.settlement import services
from tenant_apps.settlement.selectors.subsidy import check_pools
from tests.factories import subsidy as shop
from tests.factories.people import make_member, make_staff
from tests.statements import counted
from tests.tenant_apps.backoffice.conftest import signed_in

URL = "/backoffice/pool/"
WEEK = dt.timedelta(days=7)


@pytest.fixture
def pool(grocery):
    """Two completed orders of 1 000 and 500 yuan at 20 %, and the first period."""
    shop.approve()
    version = shop.publish()
    buyer = make_member(name="王小明")
    for goods in (100_000, 50_000):
        one = shop.sold(buyer, goods=goods, pins={"subsidy": version.ulid})
        services.award_order(order=one.order, now=shop.NOW)
        services.release_order(order=one.order, now=shop.NOW)
    Pool.objects.update(counted_from=shop.NOW - WEEK)
    services.run_period(key="", actor="system", now=shop.NOW)
    found = Pool.objects.get()
    found.buyer = buyer
    return found


def page(client, url=URL):
    answer = client.get(url, HTTP_ACCEPT_LANGUAGE="en")
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_empty_control_room_says_what_will_come(finance):
    assert "Nothing has entered a pool yet" in page(finance)


def test_figures_are_those_of_the_book(finance, pool):
    text = page(finance)
    assert book.balance("pool") == 18_000 - 300
    assert 'data-figure="fund">Fund<b>¥177.00</b>' in text
    assert 'data-figure="book-cohorts">¥3.00' in text
    assert 'data-figure="need">Next flat period needs<b>¥3.00</b>' in text
    assert "to the fen" in text
    assert text.count("<figure") == 4
    assert "¥3.00" in page(finance, f"{URL}periods/1")
    assert "1" in page(finance, f"{URL}periods/")
    assert "No cohort has left yet" in page(finance, f"{URL}cohorts/")


def test_a_period_that_is_not_due_is_refused(finance, pool):
    Pool.objects.update(counted_from=dt.datetime.now(dt.UTC))
    finance.post(f"{URL}run", {"pool": ""})
    assert Period.objects.count() == 1
    Pool.objects.update(counted_from=dt.datetime.now(dt.UTC) - WEEK)
    finance.post(f"{URL}run", {"pool": ""})
    assert Period.objects.order_by("-number").first().number == 2


def test_two_persons_take_surplus_out_and_never_more(finance, pool):
    other = signed_in(make_staff(Role.FINANCE, name="Second"))
    surplus = selectors.control_room(pool, now=shop.NOW).surplus_amount
    assert surplus == 17_700 - 11_700
    sent = {"pool": "", "kind": "withdrawal", "reason": "上季盈余"}
    finance.post(f"{URL}prepare", sent | {"amount": f"{(surplus + 1) / 100}"})
    assert not PoolAction.objects.exists()
    finance.post(f"{URL}prepare", sent | {"amount": f"{surplus / 100}"})
    row = PoolAction.objects.get()
    decide = f"{URL}actions/{row.ulid}/decide"
    finance.post(decide, {"step": "approve", "reason": "好"})
    row.refresh_from_db()
    assert (row.state, book.balance("pool")) == ("prepared", 17_700)
    other.post(decide, {"step": "approve", "reason": "同意"})
    row.refresh_from_db()
    assert (row.state, book.balance("pool")) == ("done", 17_700 - surplus)
    assert "to the fen" in page(finance)
    other.post(decide, {"step": "approve", "reason": "再来"})
    assert book.balance("pool") == 17_700 - surplus


def test_a_pool_without_postponed_periods_is_not_liquidated(finance, pool):
    finance.post(f"{URL}prepare", {"pool": "", "kind": "liquidation", "reason": "结束活动"})
    assert not PoolAction.objects.exists()


def test_a_liquidation_waits_seven_days_and_a_second_person(finance, pool):
    other = signed_in(make_staff(Role.FINANCE, name="Second"))
    Pool.objects.update(holds=3, consecutive_holds=3)
    finance.post(f"{URL}prepare", {"pool": "", "kind": "liquidation", "reason": "结束活动"})
    row = PoolAction.objects.get()
    decide = f"{URL}actions/{row.ulid}/decide"
    other.post(decide, {"step": "approve", "reason": "同意"})
    row.refresh_from_db()
    assert row.state == "prepared"
    PoolAction.objects.update(not_before=dt.datetime.now(dt.UTC) - WEEK)
    other.post(decide, {"step": "approve", "reason": "同意"})
    row.refresh_from_db()
    assert (row.state, row.amount, book.balance("pool")) == ("done", 17_700, 0)
    assert "to the fen" in page(finance)


def test_an_alarm_stands_on_the_home_page(finance, pool):
    assert "Subsidy pool" in page(finance, "/backoffice/")
    move = [Move("pool", "house", 10_000)]
    ledger.post_entry(key="t", kind="subsidy.withdrawal", moves=move, document="t:1", occurred_at=shop.NOW)
    assert "Subsidy pool: coverage" in page(finance, "/backoffice/")
    assert "Yellow" in page(finance)


def test_a_members_page_reads_in_ten_statements_with_500_lots(pool):
    other = make_member()
    lot = Lot.objects.filter(side="buyer").first()
    Lot.objects.bulk_create(
        Lot(cohort=lot.cohort, order_ulid=f"{number:026d}", side="buyer", holder_ulid=pool.buyer.ulid,
            granted_points=200, points=200, granted_at=shop.NOW)
        for number in range(498)
    )  # fmt: skip
    Cohort.objects.filter(pk=lot.cohort_id).update(weight=F("weight") + 498 * 200, lots=F("lots") + 498)
    account = lot.cohort.account
    moves = [Move("pool", account, 498), Move("issued", account, 498 * 200, "POINT")]
    ledger.post_entry(key="bulk", kind="test", moves=moves, document="t:2", occurred_at=shop.NOW)
    client = signed_in(pool.buyer.user)
    client.get("/me")  # the process has seen the mall and its brand
    Lot.objects.filter(cohort__side="merchant").update(holder_ulid=other.ulid)
    assert services.draw_vouchers(member_ulid=other.ulid, now=shop.NOW) == 150  # so the reserve has its account
    with CaptureQueriesContext(connection) as seen:
        first = client.get("/vouchers", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert len(counted(seen)) <= 10, "\n".join(counted(seen))
    assert 'data-figure="available">¥6.48' in first
    assert 'data-figure="entitled">¥6.48' in first
    assert book.balance("voucher.reserve") == 150 + 648
    assert check_pools() == []
    with CaptureQueriesContext(connection) as seen:
        text = client.get("/vouchers", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert len(counted(seen)) <= 10
    assert "450 older ones" in text
    assert "a ceiling, not a promised return" in text
    assert 'data-figure="mean">0.005×' in text


def test_a_member_asks_for_notices_and_sees_his_gold(pool):
    client = signed_in(pool.buyer.user)
    assert 'data-figure="gold">1500<' in client.get("/vouchers").content.decode()
    for wants in (True, False):
        answer = client.post("/vouchers/notices", {"wants": "1" if wants else "0"})
        assert (answer.status_code, answer["Location"]) == (302, "/vouchers")
        assert Holder.objects.get(member_ulid=pool.buyer.ulid).wants_notice is wants
        text = client.get("/vouchers", HTTP_ACCEPT_LANGUAGE="en").content.decode()
        assert ("Turn off" in text) is wants
