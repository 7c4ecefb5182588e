"""The launch checklist: by what the mall does, with files, renewed before it expires; theirs alone."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from provisioning.orchestrator import services as provisioning
from provisioning.orchestrator.models import RunStep
from saas.identity import operators
from saas.identity.models import AuditRecord, User
from saas.identity.operators import OperatorRole
from saas.messaging.bus.models import OutboxEvent
from saas.messaging.bus.services import Event
from saas.messaging.notices.models import Notice
from saas.support import handlers, tasks
from saas.support import services as support
from saas.support.models import LaunchFile, LaunchItem
from saas.support.rules import ItemState, WaitsFor, reminder_due
from saas.support.services import papers

PDF = b"%PDF-1.4 a licence"


def signed_in(user):
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(user)
    return client


@pytest.fixture
def mall(sign_up):
    return sign_up().place.mall


@pytest.fixture
def browser(owner):
    return signed_in(owner)


def item(mall, key):
    return LaunchItem.objects.get(mall=mall, key=key)


def operator(role, now):
    roles = [OperatorRole(role)]
    return operators.add_operator(email=f"{role}@example.test", name="Op", roles=roles, actor="system", now=now)


def told(mall):
    fact = OutboxEvent.objects.filter(topic="checklist.changed", mall=mall).latest("pk")
    assert fact.destination == "c1"
    return {one["key"]: one["blocks"] for one in fact.payload["value"]}, fact.payload["version"]


def test_licences_are_asked_by_what_the_mall_does(browser, mall, settings):
    page = f"/account/malls/{mall}"
    assert "Food licence" not in browser.get(page).content.decode()
    browser.post(f"{page}/activities", {"activity": ["food", "sellers", "nonsense"]})
    shown = browser.get(page).content.decode()
    assert "Food licence" in shown
    assert "EDI licence" in shown
    assert "ICP licence" not in shown
    assert (item(mall, "food_licence").state, item(mall, "food_licence").waits_for) == ("open", "vendor")
    asked = {"official_account": False, "domain": False, "mini_program": False, "public_security": False}
    assert told(mall) == ({**asked, "icp_filing": False, "edi_licence": True, "food_licence": True}, 2)
    settings.FILING_REQUIRED = True
    browser.post(f"{page}/activities", {"activity": ["sellers"]})
    assert item(mall, "food_licence").state == "not_needed"
    assert told(mall) == ({**asked, "icp_filing": True, "edi_licence": True}, 3)
    assert AuditRecord.objects.filter(action="launch_item.changed").count() == 3


def test_files_are_handed_in_read_and_taken_back_by_their_own_vendor(browser, mall, sign_up):
    url = f"/account/malls/{mall}/checklist/business_licence"
    assert browser.post(url, {"files": SimpleUploadedFile("x.pdf", b"<svg>")}).status_code == 422
    assert browser.post(url, {"reference": "1", "expires_on": "2020-01-01"}).status_code == 422
    assert browser.post(url, {"reference": "1", "expires_on": "2026-13-01"}).status_code == 422
    assert (item(mall, "business_licence").state, LaunchFile.objects.count()) == ("open", 0)
    two = [SimpleUploadedFile("a.pdf", PDF), SimpleUploadedFile("b.png", b"\x89PNG\r\n\x1a\nx")]
    assert browser.post(url, {"files": two, "expires_on": "2036-01-31"}).status_code == 302
    found = item(mall, "business_licence")
    assert (found.state, found.waits_for, found.expires_on) == ("in_review", "platform", dt.date(2036, 1, 31))
    first, second = LaunchFile.objects.order_by("pk")
    paper = f"/account/malls/{mall}/papers/{first.ulid}"
    answer = browser.get(paper)
    assert (answer.content, answer["Content-Type"]) == (PDF, "application/pdf")
    assert answer["Content-Disposition"].startswith("attachment;")
    assert "a.pdf" in browser.get(f"/account/malls/{mall}").content.decode()

    other = User.objects.create_user(phone="+8613900139000")
    theirs = sign_up(owner=other, subdomain="other", key="other").place.mall
    stranger = signed_in(other)
    for place in (mall, theirs):  # neither by our mall's address nor by their own
        assert stranger.get(f"/account/malls/{place}/papers/{first.ulid}").status_code == 404
        assert stranger.post(f"/account/malls/{place}/papers/{first.ulid}").status_code == 404
    assert browser.post(paper).status_code == 302
    assert list(LaunchFile.objects.values_list("ulid", flat=True)) == [second.ulid]
    for _ in range(5):
        assert browser.post(url, {"files": SimpleUploadedFile("c.pdf", PDF)}).status_code == 302
    assert browser.post(url, {"files": SimpleUploadedFile("d.pdf", PDF)}).status_code == 422  # the seventh
    assert LaunchFile.objects.count() == 6
    assert support.forget_mall(mall=mall) > 0
    assert LaunchFile.objects.count() == 0


def test_operators_decide_and_read_by_their_roles_and_the_vendor_is_told(browser, mall, now):
    browser.post(f"/account/malls/{mall}/checklist/icp_filing", {"files": SimpleUploadedFile("a.pdf", PDF)})
    file = LaunchFile.objects.get()
    helper, deployer = signed_in(operator("support", now)), signed_in(operator("deployment", now))
    page, url = f"/console/malls/{mall}/", f"/console/malls/{mall}/checklist/icp_filing"
    assert f'class="line may" method="post" action="{url}"' in helper.get(page).content.decode()
    assert url not in deployer.get(page).content.decode()
    values = {"state": "done", "waits_for": "nobody", "note": "seen", "expires_on": "2027-01-31"}
    assert deployer.post(url, values).status_code == 403
    assert deployer.post(f"/console/malls/{mall}/activities", {"activity": "food"}).status_code == 403
    assert helper.get(f"/console/malls/{mall}/papers/{file.ulid}").content == PDF
    assert "Green Basket" in helper.get("/console/checklists/").content.decode()
    assert helper.post(url, {**values, "expires_on": "2020-01-01"}).status_code == 302  # refused: it is over
    assert item(mall, "icp_filing").state == "in_review"
    helper.post(url, values)
    assert (item(mall, "icp_filing").state, item(mall, "icp_filing").expires_on) == ("done", dt.date(2027, 1, 31))
    assert browser.post(f"/account/malls/{mall}/papers/{file.ulid}").status_code == 409  # settled: it stays
    helper.post(url, {"state": "open", "waits_for": "vendor", "note": "The stamp is missing."})
    assert list(Notice.objects.filter(kind__startswith="launch").order_by("pk").values_list("kind", flat=True)) == [
        "launch_item_done",
        "launch_item_back",
    ]
    assert "The stamp is missing." in browser.get(f"/account/malls/{mall}").content.decode()


def test_a_paper_that_ends_is_told_twice_and_opened_again_once(mall, now):
    assert [reminder_due(dt.date(2026, 12, 31), dt.date(2026, *day)) for day in ((11, 30), (12, 1), (12, 24))] == [
        None,
        30,
        7,
    ]
    decided = {"mall": mall, "key": "icp_filing", "waits_for": WaitsFor.NOBODY, "note": "", "actor": "user:x"}
    support.decide_item(**decided, state=ItemState.DONE, expires_on=dt.date(2026, 12, 31), now=now)
    told = []
    for day in (20, 20, 34, 39, 40, 41):  # 12 Dec twice, 26 Dec, 31 Dec, 1 Jan, 2 Jan
        papers.remind_expiring(now=now + dt.timedelta(days=day))
        told.append((Notice.objects.filter(kind__startswith="launch_item_exp").count(), item(mall, "icp_filing").state))
    assert told == [(1, "done"), (1, "done"), (2, "done"), (2, "done"), (3, "open"), (3, "open")]
    found = item(mall, "icp_filing")
    assert (found.waits_for, AuditRecord.objects.filter(action="launch_item.changed", actor="system").count()) == (
        "vendor",
        1,
    )


def test_the_server_is_settled_by_its_run(sign_up, now):
    run = sign_up()
    for name in RunStep.objects.filter(run=run).values_list("name", flat=True):
        fact = {"run": run.ulid, "serial": 1, "sequence": 1, "step": name, "outcome": "succeeded", "attempt": 1}
        provisioning.apply_step_fact(fact={**fact, "log": ""}, now=now)
    assert (item(run.place.mall, "server").state, item(run.place.mall, "server").reference) == ("done", "")


def test_the_round_has_the_name_by_which_the_beat_calls_it(db):
    assert tasks.run.name == "saas.support.tasks.run"
    assert tasks.run.apply().successful()


def test_what_the_mall_does_by_itself_settles_its_item_and_nothing_else(mall, browser, now):
    def seen(*done):
        handlers.on_launch_seen(Event("01E", "launch.seen", mall, 1, {"done": list(done)}, now))

    support.submit_item(mall=mall, key="payment_merchant", reference="1900000001", actor="user:1", now=now)
    version = told(mall)[1] if OutboxEvent.objects.filter(topic="checklist.changed", mall=mall).exists() else 0
    seen("first_products", "business_licence", "nonsense")  # a licence is read by a person
    assert (item(mall, "first_products").state, item(mall, "first_products").waits_for) == ("done", "nobody")
    assert (item(mall, "business_licence").state, item(mall, "legal_texts").state) == ("open", "open")
    seen("first_products", "legal_texts", "payment_merchant")
    assert [item(mall, key).state for key in ("legal_texts", "payment_merchant")] == ["done", "done"]
    assert item(mall, "payment_merchant").reference == "1900000001"  # what the vendor wrote stays
    seen("first_products")  # an older fact comes late
    assert item(mall, "legal_texts").state == "done"
    assert told(mall)[1] == version + 3
    assert AuditRecord.objects.filter(action="launch_item.changed", actor="system").count() == 3
    assert "1900000001" in browser.get(f"/account/malls/{mall}").content.decode()
