"""An export of another installation on the console: looked into, made a mall of by a run, refused by name, thrown away."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from billing import selectors as billing
from provisioning.archives import bundles, rules
from provisioning.lifecycle import handlers
from provisioning.lifecycle.services import arrivals
from provisioning.orchestrator import services as provisioning
from provisioning.orchestrator.models import Run
from saas.identity.models import AuditRecord, User
from saas.identity.operators import OperatorRole, add_operator
from saas.messaging.bus.models import OutboxEvent
from saas.messaging.bus.services import Event
from saas.tenants.malls.storage import mall_storage
from saas.tenants.vendors.models import Cell, CellHealth, Place
from tests.control.provisioning.orchestrator.test_runs import all_done, report

FORM = {
    "mall_name": "青禾鲜选",
    "subdomain": "movedin",
    "target": "lin@example.test",
    "plan": "starter",
    "key": "01JIMPORTIMPORTIMPORTIMPOR",
}


@pytest.fixture(autouse=True)
def storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def operator(db):
    return User.objects.create_user(email="op@example.test", name="Operator", is_staff=True, is_superuser=True)


@pytest.fixture
def browser(operator):
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(operator)
    return client


def archive(*, posted=(-500, 500), migrations="m1", damaged=False) -> bytes:
    """A small export: 250 goods of a mall that had what the middle plan gives, and two hosts."""
    file = io.BytesIO()
    writer = bundles.Writer(file)
    writer.add("rows/catalog_product.jsonl", [b'{"id":1}\n'] * 250, packed=False)
    files = dict(writer.files)
    if damaged:
        files["rows/catalog_product.jsonl"] |= {"sha256": "0" * 64}
    families = zip(("bank", "member.wallet"), posted, strict=True)
    manifest = {
        "format": rules.EXPORT_FORMAT, "format_version": rules.FORMAT_VERSION, "export": "01JEXPORT", "files": files,
        "installation": "elsewhere.example", "taken_at": "2026-11-20T10:00:00+00:00", "migrations": migrations,
        "mall": {
            "ulid": "01JGRCERYGRCERYGRCERYGRCER", "schema": "t_grocery", "name": "青禾鲜选",
            "hosts": [{"domain": "shop.qinghe.example"}],
            "entitlements": billing.plan_by_code("growth").features.model_dump(mode="json"),
        },
        "tables": {"catalog_product": {"rows": 250}, "orders_order": {"rows": 0}}, "media": [], "events": 3,
        "trial_balance": [{"family": name, "asset": "CNY", "posted": amount} for name, amount in families],
        "withheld": [{"table": "identity_user", "column": "password", "why": "a secret"}],
    }  # fmt: skip
    writer.add(rules.MANIFEST, [rules.canonical(manifest)])
    writer.close()
    return file.getvalue()


def bring(browser, content):
    return browser.post("/console/imports/", {"file": SimpleUploadedFile("export.zip", content)})


def stored():
    return [name for name, _size in mall_storage().walk("arrivals/")]


def reports(cell, version):
    CellHealth.objects.create(
        cell=Cell.objects.get(cell_id=cell.cell_id), reported_at="2026-11-22T02:00:00Z", version=version, malls=0, malls_behind=0,
        database_bytes=1, outbox_waiting=0, outbox_lag_seconds=0,
    )  # fmt: skip


def test_a_file_becomes_a_held_mall_by_a_run(browser, operator, cell, now):
    reports(cell, "m1")
    assert "No file waits." in browser.get("/console/imports/").content.decode()
    address = bring(browser, archive()).url
    name = address.split("/")[3]
    assert stored() == [f"arrivals/{name}.zip"]
    taken = AuditRecord.objects.get(action="export.taken_in")
    assert (taken.actor, taken.target) == (f"user:{operator.public_id}", f"export:{name}")
    assert f"{name}.zip" in browser.get("/console/imports/").content.decode()
    page = browser.get(f"{address}?plan=starter").content.decode()
    for told in (
        "Can be imported", "青禾鲜选 · elsewhere.example", "2 tables with 250 rows, 0 pictures, 3 events that wait",
        "2 groups of accounts, every asset adds up to zero", "shop.qinghe.example", "2026-11-20 18:00",
        "250 in the file, the plan allows 200: nothing is lost, nothing can be added",
    ):  # fmt: skip
        assert told in page, told
    assert "2 类科目" in browser.get(address, HTTP_ACCEPT_LANGUAGE="zh-hans").content.decode()
    assert "Nothing: the plan gives what the mall had." in browser.get(f"{address}?plan=growth").content.decode()

    answer = browser.post(address, FORM)
    run = Run.objects.get()
    assert answer.url == f"/console/runs/{run.ulid}/"
    assert browser.post(address, FORM).url == answer.url  # sent twice by an impatient hand
    looked = arrivals.look_into(name)
    assert (run.kind, run.order["import"]) == (
        "import",
        {"file": f"arrivals/{name}.zip", "sha256": looked.sha256, "arrive": "held"},
    )
    assert (run.place.subdomain, run.place.plan_code) == ("movedin", "starter")
    assert run.place.vendor.owner.email == "lin@example.test"
    asked = AuditRecord.objects.get(action="mall.import_asked")
    assert (asked.actor, asked.target) == (f"user:{operator.public_id}", f"mall:{run.place.mall}")
    assert "Prove book and storefront" in browser.get(answer.url).content.decode()

    browser.post(f"{address}discard")  # while the run reads it
    assert stored() == [f"arrivals/{name}.zip"]
    all_done(run, now)
    assert (run.state, run.place.state) == ("succeeded", "held")
    told = OutboxEvent.objects.get(topic="run.ended")
    handlers.on_run_ended(Event(str(told.event_id), told.topic, told.mall, 1, told.payload, now))
    assert stored() == []
    assert browser.post(address, FORM).url == answer.url  # the run goes on answering


def test_what_cannot_be_used_is_refused_by_name_and_leaves_nothing(browser, cell):
    reports(cell, "m2")
    for content, told in (
        (b"no zip", "it is no archive, or it is damaged"),
        (archive(damaged=True), "a file differs from its digest (rows/catalog_product.jsonl)"),
    ):
        answer = bring(browser, content)
        assert answer.status_code == 422
        assert told in answer.content.decode()
    assert "Please choose the file of an export." in browser.post("/console/imports/").content.decode()
    assert stored() == []
    for content, told in (
        (archive(), "it was made by another release (m1 ≠ m2)"),
        (archive(migrations="m2", posted=(-500, 499)), "its book does not balance"),
    ):
        address = bring(browser, content).url
        page = browser.get(address).content.decode()
        assert "Cannot be used" in page and told in page and FORM["key"] not in page
        assert told in browser.post(address, FORM).content.decode()
    taken = {**FORM, "subdomain": "admin"}
    address = bring(browser, archive(migrations="m2")).url
    page = browser.post(address, {**taken, "mall_name": ""}).content.decode()
    assert page.count('class="errorlist"') == 2
    assert (Run.objects.count(), Place.objects.count()) == (0, 0)
    assert not User.objects.filter(email="lin@example.test").exists()
    assert browser.get("/console/imports/01JNOSUCHFILE/").status_code == 404
    browser.post(f"{address}discard")
    assert f"arrivals/{address.split('/')[3]}.zip" not in stored()
    assert AuditRecord.objects.filter(action="export.discarded").count() == 1


def test_a_failed_import_keeps_its_file_for_the_retry(browser, cell, now):
    address = bring(browser, archive()).url  # no cell has reported: the run itself looks at the release
    browser.post(address, FORM)
    run = Run.objects.get()
    report(run, now, ("take", 1, "failed"))
    told = OutboxEvent.objects.get(topic="run.ended")
    handlers.on_run_ended(Event(str(told.event_id), told.topic, told.mall, 1, told.payload, now))
    assert len(stored()) == 1
    back = provisioning.roll_back(mall=run.place.mall, key="b", actor="system", now=now, reason="failed")
    all_done(back, now)
    assert browser.post(address, {**FORM, "key": "01JAGAINAGAINAGAINAGAINAGA"}).status_code == 302
    assert sorted(Run.objects.values_list("kind", "state")) == [
        ("import", "failed"), ("import", "running"), ("rollback", "succeeded"),
    ]  # fmt: skip


def test_only_deployment_may_import(cell, now):
    add_operator(email="mei@example.test", name="Mei", roles=[OperatorRole.SUPPORT], actor="system", now=now)
    support = Client(HTTP_ACCEPT_LANGUAGE="en")
    support.force_login(User.objects.get(email="mei@example.test"))
    assert support.get("/console/imports/").status_code == 200
    assert bring(support, archive()).status_code == 403
    assert stored() == []
