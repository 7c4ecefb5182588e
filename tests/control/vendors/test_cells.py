"""Cells in control's book: registered whole or not at all, watched by their reports, filled up to their ceiling."""

import datetime as dt

import pytest
from django.test import Client

from saas.identity.models import AuditRecord, User
from saas.kernel.errors import InvalidInput
from saas.messaging.bus.services import Event
from saas.tenants.vendors import cells, handlers, selectors
from saas.tenants.vendors.models import Cell, CellHealth, Vendor

WANTED = {
    "cell_id": "c7",
    "name": "East 7",
    "internal_origin": "http://10.0.3.7:8100",
    "database": "cells/c7/owner-url",
    "region": "cn-east-1",
    "ceiling": 2,
    "dedicated_to": "",
    "actor": "user:op",
}


def fact(at, **changes):
    return {
        "cell": "c1", "at": at.isoformat(), "version": "abc", "malls": 3, "malls_behind": 1, "database_bytes": 9_000,
        "outbox_waiting": 2, "outbox_lag_seconds": 5, **changes,
    }  # fmt: skip


def report(at, **changes):
    handlers.on_cell_reported(Event("01JREPORT", "cell.reported", "", 0, fact(at, **changes), at))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("cell_id", "control"), ("cell_id", "local"), ("cell_id", "C7"), ("cell_id", "7"), ("cell_id", "c" * 33),
        ("name", " "),
        ("internal_origin", "10.0.3.7:8100"), ("internal_origin", "http://a/b"), ("internal_origin", "http://u:p@a"),
        ("database", ""), ("database", "postgresql://mall:secret@10.0.3.7/cell"),
        ("region", "中国"), ("ceiling", 0), ("ceiling", 501), ("dedicated_to", "01JNOBODY"),
    ],
)  # fmt: skip
def test_refuses_a_bad_field_by_its_name_and_registers_nothing(db, now, field, value):
    with pytest.raises(InvalidInput) as refused:
        cells.register_cell(**{**WANTED, field: value}, now=now)
    assert refused.value.field == field
    assert (Cell.objects.count(), AuditRecord.objects.count()) == (0, 0)


def test_a_registered_cell_takes_malls_only_once_it_has_reported_and_somebody_says_so(db, now):
    cells.register_cell(**WANTED, now=now)
    with pytest.raises(cells.CellTaken):
        cells.register_cell(**WANTED, now=now)
    with pytest.raises(cells.CellSilent):
        cells.start_placing(cell_id="c7", reason="ready", actor="user:op", now=now)
    report(now, cell="c7")
    with pytest.raises(cells.ReasonMissing):
        cells.start_placing(cell_id="c7", reason=" ", actor="user:op", now=now)
    assert Cell.objects.get().accepts_new is False
    cells.start_placing(cell_id="c7", reason="ready", actor="user:op", now=now)
    cells.stop_placing(cell_id="c7", reason="disk", actor="user:op", now=now)
    assert Cell.objects.get().accepts_new is False
    assert list(AuditRecord.objects.order_by("pk").values_list("action", "reason")) == [
        ("cell.registered", ""), ("cell.placing_started", "ready"), ("cell.placing_stopped", "disk"),
    ]  # fmt: skip


def test_the_newest_report_counts_and_an_unknown_cell_is_ignored(cell, now):
    report(now, malls=4)
    report(now - dt.timedelta(minutes=1), malls=9)
    report(now, cell="nobody")
    assert list(CellHealth.objects.values_list("malls", "malls_behind", "database_bytes")) == [(4, 1, 9_000)]


@pytest.mark.parametrize(
    ("later", "lag", "state"), [(60, 5, "well"), (60, 61, "lagging"), (180, 0, "well"), (181, 0, "silent")]
)
def test_how_a_cell_does_is_told_by_its_report(cell, now, later, lag, state):
    assert selectors.cell_load("c1", now=now).state == "unknown"
    report(now, outbox_lag_seconds=lag)
    assert selectors.cell_load("c1", now=now + dt.timedelta(seconds=later)).state == state


def test_a_dedicated_cell_takes_its_vendor_first_and_nobody_else(sign_up, cell, now):
    first = sign_up()
    cells.register_cell(**{**WANTED, "ceiling": 1, "dedicated_to": first.place.vendor.ulid}, now=now)
    report(now, cell="c7")
    cells.start_placing(cell_id="c7", reason="ready", actor="user:op", now=now)
    stranger = User.objects.create_user(phone="+8613900139000", phone_verified=True, name="Wang Min")
    assert sign_up(owner=stranger, subdomain="peony", key="k2").place.cell.cell_id == "c1"
    assert sign_up(subdomain="second", key="k3").place.cell.cell_id == "c7"
    assert sign_up(subdomain="third", key="k4").place.cell.cell_id == "c1"  # its own is full


def test_a_cell_in_which_others_stand_is_not_made_one_vendors_own(sign_up, cell, now):
    place = sign_up().place
    other = User.objects.create_user(phone="+8613900139000", phone_verified=True, name="Wang Min")
    vendor = Vendor.objects.create(ulid="01JOTHER", company="Peony", contact_name="W", owner=other, created_at=now)
    wanted = {"cell_id": "c1", "name": "One", "database": "c1-url", "region": "", "ceiling": 1, "actor": "user:op"}
    with pytest.raises(cells.CellShared):
        cells.change_cell(**wanted, dedicated_to=vendor.ulid, reason="sold", now=now)
    cell.refresh_from_db()
    assert (cell.dedicated_to, cell.ceiling) == (None, 300)
    cells.change_cell(**wanted, dedicated_to=place.vendor.ulid, reason="sold", now=now)
    cell.refresh_from_db()
    assert (cell.dedicated_to, cell.ceiling) == (place.vendor, 1)


def test_the_pages_register_change_and_stop(sign_up, cell, now):
    sign_up()
    browser = Client(HTTP_ACCEPT_LANGUAGE="en")
    browser.force_login(User.objects.create_user(email="op@example.test", is_staff=True, is_superuser=True))
    form = {name: value for name, value in WANTED.items() if name != "actor"}
    refused = browser.post("/console/cells/new", {**form, "database": "postgresql://a:b@c/d"})
    assert "never the address itself" in refused.content.decode()
    assert not Cell.objects.filter(cell_id="c7").exists()
    assert browser.post("/console/cells/new", form).url == "/console/cells/c7/"
    assert "Never reported" in browser.get("/console/cells/").content.decode()
    page = browser.post("/console/cells/c7/placing", {"placing": "start", "reason": "x"}, follow=True).content.decode()
    assert "has not reported lately" in page
    assert Cell.objects.get(cell_id="c7").accepts_new is False
    browser.post("/console/cells/c7/", {**form, "ceiling": 40, "reason": "bigger disk"})
    assert Cell.objects.get(cell_id="c7").ceiling == 40
    report(now, outbox_waiting=7)
    page = browser.get("/console/cells/c1/").content.decode()
    assert "Green Basket" in page and "Facts that wait for the relay" in page
    browser.post("/console/cells/c1/placing", {"placing": "stop", "reason": "full disk"})
    assert Cell.objects.get(cell_id="c1").accepts_new is False
