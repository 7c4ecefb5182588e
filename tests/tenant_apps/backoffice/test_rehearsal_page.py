"""The rehearsal's page: the clock moves by a job, test people are made, staff look with their eyes and come back."""

import datetime as dt

import pytest
from django.conf import settings
from django.db import connection
from django.utils import translation
from django_tenants.utils import schema_context

from saas.config import jobs
from saas.identity.models import AuditRecord
from saas.kernel import clock
from saas.ledger import selectors as book
from saas.tenants.jobs import selectors
from saas.tenants.jobs.rules import JobState
from saas.tenants.malls import selectors as malls
from tenant_apps.members.models import Member
from tenant_apps.orders.models import Order
from tenant_apps.rehearsal import services
from tenant_apps.rehearsal.rules import CAST, ORDERS
from tests.factories.people import make_member
from tests.tenant_apps.payments.conftest import sandbox, sandbox_server  # noqa: F401


def run_jobs(mall, kind):
    job = selectors.of_mall(mall.ulid, kind)[0]
    with schema_context("public"):
        while jobs.take(job.ulid):
            pass
    connection.set_tenant(malls.mall_by_ulid(mall.ulid))
    return selectors.job(job.ulid)


@pytest.fixture
def english():
    with translation.override("en"):
        yield


def test_the_clock_is_moved_from_its_page(owner, rehearsing, english):
    start = clock.now()
    page = owner.get("/backoffice/rehearsal/", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "The clock has not been moved yet." in page and "Day 1" in page
    for bad in ({"days": "0"}, {"days": "-3"}, {"days": "ten"}, {"days": "401"}, {"date": "2020-01-01"}, {"date": "x"}):
        owner.post("/backoffice/rehearsal/clock", bad)
        assert selectors.of_mall(rehearsing.ulid) == []
    owner.post("/backoffice/rehearsal/clock", {"days": "7"})
    assert owner.get("/backoffice/rehearsal/").headers["Refresh"] == "3"
    owner.post("/backoffice/rehearsal/clock", {"days": "1"})
    assert len(selectors.of_mall(rehearsing.ulid)) == 1
    done = run_jobs(rehearsing, "clock")
    assert (done.state, done.progress["rounds"]) == (JobState.DONE, 9)  # the first stop, seven midnights, the arrival
    assert dt.timedelta(days=7) <= clock.now() - start < dt.timedelta(days=7, minutes=2)
    assert AuditRecord.objects.filter(action="rehearsal.clock_moved").count() == 1
    for address in ("/backoffice/rehearsal/", "/backoffice/"):
        page = owner.get(address, HTTP_ACCEPT_LANGUAGE="en").content.decode()
        assert f"Rehearsal, day 8, {clock.china_date(clock.now())}." in page
        assert "The clock is 7 days ahead." in page
    shop = owner.get("/", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert f"Rehearsal, day 8, {clock.china_date(clock.now())}. No real money" in shop


def test_a_live_mall_has_neither_clock_nor_test_people(owner, grocery, english):
    page = owner.get("/backoffice/rehearsal/", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "its people are real" in page and "rehearsal/clock" not in page
    member = make_member(name="Real")
    owner.post("/backoffice/rehearsal/clock", {"days": "7"})
    owner.post("/backoffice/rehearsal/people")
    owner.post(f"/backoffice/rehearsal/people/{member.ulid}/enter")
    assert selectors.of_mall(grocery.ulid) == []
    assert "/backoffice/" in owner.get("/backoffice/rehearsal/").wsgi_request.path
    assert not AuditRecord.objects.filter(action__startswith="rehearsal.").exists()
    assert "data-rehearsal" not in owner.get("/").content.decode()


def test_test_people_shop_and_staff_look_with_their_eyes(owner, rehearsing, sandbox, english, drain):  # noqa: F811
    settings.MALL_PORT = "1"
    owner.post("/backoffice/rehearsal/people")
    done = run_jobs(rehearsing, "people")
    assert done.state == JobState.DONE, done.error
    people = {one.name: one for one in Member.objects.select_related("referrer")}
    assert len(people) == len(CAST) and people["测试·庚"].referrer.name == "测试·丁"
    assert (people["测试·甲"].rank, people["测试·乙"].rank, people["测试·丙"].rank) == (3, 2, 1)
    states = [one.state for one in Order.objects.order_by("pk")]
    goal = {"placed": "pending_payment"}
    assert states == [goal.get(wanted, wanted) for _buyer, _pieces, wanted in ORDERS]
    drain()
    assert book.trial_balance()  # the money of six orders is in the books
    services.ask_people(mall=rehearsing, actor="user:o", now=clock.now())  # again: nothing twice
    assert run_jobs(rehearsing, "people").state == JobState.DONE
    assert (Member.objects.count(), Order.objects.count()) == (len(CAST), len(ORDERS))

    page = owner.get("/backoffice/rehearsal/", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert page.count("Enter as") == len(CAST) and "brought by 测试·甲" in page
    real = make_member(name="Walk-in")
    owner.post(f"/backoffice/rehearsal/people/{real.ulid}/enter")
    assert owner.get("/backoffice/rehearsal/").status_code == 200  # refused: still staff
    owner.post(f"/backoffice/rehearsal/people/{people['测试·庚'].ulid}/enter")
    shop = owner.get("/me", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "You look with the eyes of 测试·庚." in shop
    assert owner.get("/backoffice/rehearsal/").status_code in (302, 403)
    assert (
        AuditRecord.objects.filter(action="rehearsal.entered_as", target=f"member:{people['测试·庚'].ulid}").count()
        == 1
    )
    assert owner.post("/rehearsal/back").status_code == 302
    assert owner.get("/backoffice/rehearsal/").status_code == 200
    assert owner.post("/rehearsal/back").status_code == 404  # only from such a session
