"""The operators' console: for operators only; runs, rollback, new malls, plans, events."""

import pytest
from django.test import Client

from billing import selectors as billing
from billing.models import Plan
from provisioning.orchestrator import services as provisioning
from provisioning.orchestrator.models import Run
from saas.config import wiring
from saas.console import event_words
from saas.identity.models import AuditRecord, User
from saas.messaging.bus.models import OutboxEvent
from saas.support.models import LaunchItem
from saas.tenants.vendors.models import Place

PAGES = [
    "/console/",
    "/console/new-mall/",
    "/console/imports/",
    "/console/events/",
    "/console/settings/base-domain/",
    "/console/ledger/",
    "/console/vendors/place/",
    "/console/vendors/vendor/",
    "/console/cells/",
    "/console/cells/new",
    "/console/cells/c1/",
    "/console/servers/",
    "/console/servers/new",
    "/console/rollouts/",
    "/console/senders/",
    "/console/senders/tencent/",
    "/console/senders/smtp/",
    "/console/notices/",
    "/console/domains/",
    "/console/checklists/",
    "/console/backups/",
    "/console/departures/",
    "/console/orchestrator/run/",
    "/console/billing/plan/",
    "/console/identity/auditrecord/",
    "/console/identity/user/",
]


@pytest.fixture
def operator(db):
    return User.objects.create_user(email="op@example.test", name="Operator", is_staff=True, is_superuser=True)


@pytest.fixture
def browser(operator):
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(operator)
    return client


@pytest.mark.parametrize("page", PAGES)
def test_answers_operators_and_nobody_else(browser, owner, sign_up, page):
    sign_up()
    assert browser.get(page).status_code == 200
    vendor = Client()
    vendor.force_login(owner)
    assert vendor.get(page, follow=True).status_code == 403
    assert Client().get(page).url.startswith(("/auth/login/", "/console/login/"))


def test_a_failed_run_is_shown_with_its_log_and_retried(browser, operator, sign_up, now):
    run = sign_up()
    fact = {"run": run.ulid, "serial": 1, "sequence": 1, "step": "schema", "outcome": "failed", "attempt": 5}
    provisioning.apply_step_fact(fact={**fact, "log": "disk full"}, now=now)
    page = browser.get(f"/console/runs/{run.ulid}/").content.decode()
    assert "disk full" in page
    browser.post(f"/console/runs/{run.ulid}/retry", {"reason": "disk mended"})
    run.refresh_from_db()
    assert (run.state, run.serial) == ("running", 2)
    record = AuditRecord.objects.get(action="run.retried")
    assert (record.actor, record.reason) == (f"user:{operator.public_id}", "disk mended")


def test_cancel_and_roll_back(browser, sign_up):
    run = sign_up()
    browser.post(f"/console/runs/{run.ulid}/cancel", {"reason": "wrong name"})
    for _ in range(2):  # sent twice by an impatient hand
        browser.post(f"/console/malls/{run.place.mall}/roll-back", {"reason": "wrong name", "key": "k1"})
    assert sorted(Run.objects.values_list("kind", "state")) == [("provision", "cancelled"), ("rollback", "running")]


def test_a_new_mall_by_the_operators_form(browser, operator, cell):
    form = {
        "company": "Peony Beauty Ltd.",
        "contact_name": "Wang Min",
        "target": "wang@example.test",
        "mall_name": "Peony Beauty",
        "subdomain": "peony",
        "plan": "starter",
        "agreed": "on",
        "key": "01JCONSOLECONSOLECONSOLECO",
    }
    assert browser.post("/console/new-mall/", {**form, "subdomain": "admin"}).status_code == 200
    assert Place.objects.count() == 0
    answer = browser.post("/console/new-mall/", form)
    run = Run.objects.get()
    assert answer.url == f"/console/runs/{run.ulid}/"
    assert run.place.vendor.owner.email == "wang@example.test"
    assert run.requested_by == f"user:{operator.public_id}"
    assert browser.post("/console/new-mall/", form).status_code in (200, 302)
    assert Place.objects.count() == 1


def plan_form(plan, **changes):
    return {
        "position": plan.position,
        "name": plan.name,
        "name_en": plan.name_en,
        "description": plan.description,
        "description_en": plan.description_en,
        "on_sale": "on",
        "price": "399.00",
        "period": "month",
        "trial_days": "14",
        "staff_max": "3",
        "products_max": "200",
        "orders_month_max": "1000",
        "sms_month_max": "500",
        "storage_mb": "2048",
        "traffic_month_gb": "100",
        "modes": billing.versions_of(plan)[0].features["modes"],
        "fee_tiers": "100000.00 0%\n1000000.00 0.6%\nrest 0.3%",
        **changes,
    }


def test_other_terms_are_a_new_version_and_other_words_are_not(browser, operator):
    plan = Plan.objects.get(code="starter")
    page = f"/console/billing/plan/{plan.pk}/change/"
    assert browser.post(page, plan_form(plan, name_en="Start")).status_code == 302
    assert [version.number for version in billing.versions_of(plan)] == [1]
    assert browser.post(page, plan_form(plan, price="499", staff_max="")).status_code == 302
    newest, first = billing.versions_of(plan)
    assert (first.price_fen, first.features["staff_max"]) == (39_900, 3)
    assert (newest.number, newest.price_fen, newest.features["staff_max"]) == (2, 49_900, None)
    assert newest.published_by == f"user:{operator.public_id}"


@pytest.mark.parametrize(
    "changes",
    [{"price": "-1"}, {"price": "1.234"}, {"fee_tiers": "5 1%"}, {"fee_tiers": "rest 1%\n5 1%"}, {"storage_mb": "1"}],
)
def test_terms_that_make_no_sense_are_refused(browser, changes):
    plan = Plan.objects.get(code="starter")
    answer = browser.post(f"/console/billing/plan/{plan.pk}/change/", plan_form(plan, name_en="Changed", **changes))
    assert answer.status_code == 200
    plan.refresh_from_db()
    assert plan.name_en == "Starter"
    assert len(billing.versions_of(plan)) == 1


def test_an_item_is_decided(browser, sign_up):
    mall = sign_up().place.mall
    values = {"state": "done", "waits_for": "nobody", "note": "seen"}
    browser.post(f"/console/malls/{mall}/checklist/icp_filing", values)
    item = LaunchItem.objects.get(mall=mall, key="icp_filing")
    assert (item.state, item.note) == ("done", "seen")
    assert "seen" in browser.get(f"/console/malls/{mall}/").content.decode()


def test_a_failed_event_is_tried_again(browser, sign_up):
    sign_up()
    OutboxEvent.objects.update(attempts=12, last_error="boom")
    event = OutboxEvent.objects.get()
    shown = browser.get("/console/events/").content.decode()
    assert "boom" in shown
    assert (event.topic, "A run is ordered" in shown) == ("provision.requested", True)
    assert set(wiring.CONTROL) - set(event_words.TOPICS) == set()
    browser.post(f"/console/events/{event.event_id}/retry")
    event.refresh_from_db()
    assert event.attempts == 0
