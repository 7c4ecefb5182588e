"""Moves as control sees them: refused by name, told to the right cell, the place follows the flip, undone or retired once."""

import pytest
from django.test import Client

from provisioning.orchestrator import services as provisioning
from provisioning.orchestrator.models import Run
from provisioning.orchestrator.services import moves
from provisioning.rules import RunKind, Way, steps_of
from saas.identity.models import User
from saas.kernel.errors import DomainError
from saas.messaging.bus import services as bus
from saas.messaging.bus.models import OutboxEvent
from saas.tenants.vendors import ruling
from saas.tenants.vendors import services as vendors
from saas.tenants.vendors.models import Cell, Vendor
from tests.control.provisioning.orchestrator.test_runs import all_done, report


@pytest.fixture
def place(sign_up, now):
    run = sign_up()
    all_done(run, now)
    vendors.ensure_cell(cell_id="c2", internal_origin="http://127.0.0.1:8200")
    return run.place


def move(place, now, **changes):
    values = {"target": "c2", "way": "dump", "keep_days": 7, "reason": "c1 is full", "key": "m1", "actor": "user:op"}
    return provisioning.move_mall(mall=place.mall, **{**values, **changes}, now=now)


def told(topic):
    return [(one.destination, one.payload) for one in OutboxEvent.objects.filter(topic=topic).order_by("pk")]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"way": "mail"}, "way"), ({"keep_days": 0}, "keep_days"), ({"keep_days": 91}, "keep_days"),
        ({"reason": "  "}, "reason"), ({"target": "c9"}, "target"), ({"target": "c1"}, "target"),
        ({"target": "full"}, "target"), ({"target": "kept"}, "target"), ({"target": "nowhere"}, "target"),
    ],
)  # fmt: skip
def test_a_bad_order_is_refused_by_its_field_and_changes_nothing(place, now, changes, field):
    other = User.objects.create_user(phone="+8613900139000", phone_verified=True, name="Wang Min")
    vendor = Vendor.objects.create(ulid="01JOTHER", company="Peony", contact_name="W", owner=other, created_at=now)
    for name, values in (("full", {"ceiling": 0}), ("kept", {"dedicated_to": vendor}), ("nowhere", {"database": ""})):
        Cell.objects.create(cell_id=name, internal_origin="http://x", **{"database": "x/y", **values})
    before = (Run.objects.count(), OutboxEvent.objects.count())
    with pytest.raises(DomainError) as refused:
        move(place, now, **changes)
    assert refused.value.field == field
    assert (Run.objects.count(), OutboxEvent.objects.count()) == before


@pytest.mark.parametrize("way", list(Way))
def test_each_way_has_its_steps(place, now, way):
    move(place, now, way=way.value)
    order = told("provision.requested")[-1][1]
    assert (order["steps"], order["move"]["way"]) == ([step.value for step in steps_of(RunKind.MOVE, way)], way.value)


def test_the_new_cell_is_told_and_the_same_key_is_the_same_run(place, now):
    run = move(place, now)
    assert move(place, now, target="c9").pk == run.pk
    destination, order = told("provision.requested")[-1]
    assert destination == "c2"
    assert order["move"] == {
        "source": "c1", "target": "c2", "source_database": "cells/c1/owner-url",
        "target_database": "cells/c2/owner-url", "epoch": 1, "way": "dump", "keep_days": 7,
    }  # fmt: skip
    assert order["steps"] == ["check", "freeze", "drain", "copy", "public_rows", "digest", "flip", "open"]


def test_a_mall_that_is_not_made_does_not_move(sign_up, now):
    run = sign_up()
    vendors.ensure_cell(cell_id="c2", internal_origin="http://127.0.0.1:8200")
    with pytest.raises(moves.MallNotMovable):
        move(run.place, now)


def test_the_flip_relocates_tells_both_cells_and_repeats_what_was_said_meanwhile(place, now):
    run = move(place, now)
    ruling.stop_mode(mall=place.mall, mode="distribution", until=None, reason="checked", actor="user:op", now=now)
    steps = run.order["steps"]
    report(run, now, *((name, n, "succeeded") for n, name in enumerate(steps[:6], start=1)))
    assert (run.place.cell.cell_id, run.place.epoch) == ("c1", 1)
    report(run, now, ("flip", 7, "succeeded"), ("flip", 7, "succeeded"))
    run.place.refresh_from_db()
    assert (run.place.cell.cell_id, run.place.epoch, run.place.state) == ("c2", 2, "rehearsal")
    assert [destination for destination, _ in told("mode.ruled")] == ["c1", "c2"]
    assert told("mall.moved_away") == [("c1", {"mall": place.mall})]
    late = ruling.lift_stop(mall=place.mall, mode="distribution", reason="again", actor="user:op", now=now)
    assert late is not None
    report(run, now, ("open", 8, "succeeded"))
    assert run.state == "succeeded"
    assert [destination for destination, _ in told("mode.ruled")] == ["c1", "c2", "c2"]
    due = OutboxEvent.objects.get(topic="move.retire_due")
    assert ((due.available_at - now).days, due.destination) == (7, "local")


def test_the_old_copy_is_retired_once_by_its_date_or_by_hand(place, now):
    run = move(place, now)
    with pytest.raises(moves.NothingKept):
        provisioning.retire_copy(run_ulid=run.ulid, reason="x", actor="user:op", now=now)
    all_done(run, now)
    OutboxEvent.objects.filter(topic="move.retire_due").update(available_at=now)
    event = OutboxEvent.objects.get(topic="move.retire_due")
    assert bus.deliver(event.event_id, now=now)
    retire = Run.objects.get(kind="move_retire")
    assert (retire.order["cell"], retire.order["steps"]) == ("c1", ["retire"])
    assert told("provision.requested")[-1][0] == "c1"
    assert provisioning.retire_copy(run_ulid=run.ulid, reason="x", actor="user:op", now=now).pk == retire.pk
    all_done(retire, now)
    retire.place.refresh_from_db()
    assert (retire.state, retire.place.cell.cell_id, retire.place.epoch) == ("succeeded", "c2", 2)


def test_a_failed_move_is_undone_by_the_cell_where_the_mall_stands(place, now):
    run = move(place, now)
    report(run, now, ("check", 1, "succeeded"), ("freeze", 2, "succeeded"), ("drain", 3, "failed"))
    run.place.refresh_from_db()
    assert (run.state, run.place.state) == ("failed", "rehearsal")
    undo = provisioning.undo_move(run_ulid=run.ulid, reason="relay down", key="u1", actor="user:op", now=now)
    assert (undo.order["cell"], undo.order["steps"]) == ("c1", ["freeze", "copy"])
    report(undo, now, ("freeze", 1, "succeeded"))
    undo.place.refresh_from_db()
    assert (undo.place.cell.cell_id, undo.place.epoch) == ("c1", 2)
    with pytest.raises(moves.MoveNotUndoable):
        provisioning.undo_move(run_ulid=run.ulid, reason="again", key="u2", actor="user:op", now=now)


def test_a_move_whose_mall_has_left_is_not_undone(place, now):
    run = move(place, now)
    steps = run.order["steps"][:7]
    report(run, now, *((name, n, "succeeded") for n, name in enumerate(steps, start=1)), ("open", 9, "failed"))
    with pytest.raises(moves.MoveNotUndoable):
        provisioning.undo_move(run_ulid=run.ulid, reason="x", key="u1", actor="user:op", now=now)
    assert Run.objects.filter(kind="move_undo").count() == 0


def test_a_cancelled_move_is_cancelled_in_the_cell_that_works_on_it(place, now):
    run = move(place, now)
    provisioning.cancel_run(run_ulid=run.ulid, actor="user:op", now=now, reason="not today")
    assert told("provision.cancel_requested")[-1][0] == "c2"
    run.place.refresh_from_db()
    assert run.place.state == "rehearsal"


def test_the_page_moves_undoes_and_retires(place, now):
    browser = Client(HTTP_ACCEPT_LANGUAGE="en")
    browser.force_login(User.objects.create_user(email="op@example.test", is_staff=True, is_superuser=True))
    page = f"/console/malls/{place.mall}/move"
    form = {"target": "c2", "way": "dump", "keep_days": 3, "reason": "full", "key": "01JKEYKEYKEYKEYKEYKEYKEYKE"}
    assert "The old copy is kept 1 to 90 days" in browser.post(page, {**form, "keep_days": 0}).content.decode()
    assert browser.post(page, form).status_code == 302
    run = Run.objects.get(kind="move")
    report(run, now, ("check", 1, "failed"))
    assert "Undo the move" in browser.get(page).content.decode()
    browser.post(f"/console/moves/{run.ulid}/undo", {"reason": "x"})
    undo = Run.objects.get(kind="move_undo")
    all_done(undo, now)
    browser.post(page, {**form, "key": "01JKEYKEYKEYKEYKEYKEYKEYK2"})
    second = Run.objects.filter(kind="move").latest("pk")
    assert second.order["move"]["epoch"] == 2
    all_done(second, now)
    assert "Old copy in cell c1" in browser.get(page).content.decode()
    browser.post(f"/console/moves/{second.ulid}/retire", {"reason": "disk"})
    assert Run.objects.filter(kind="move_retire").count() == 1
    assert "Old copy in cell c1" not in browser.get(page).content.decode()
