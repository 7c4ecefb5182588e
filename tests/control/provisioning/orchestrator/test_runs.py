"""Runs: facts applied once and in order, one active run a mall, retry, cancel, rollback."""

import pytest

from provisioning.orchestrator import services as provisioning
from provisioning.orchestrator.models import Run
from provisioning.orchestrator.services.reports import UnknownRun
from provisioning.orchestrator.services.runs import RunNotCancellable
from saas.messaging.bus.models import OutboxEvent
from saas.tenants.vendors import services as vendors
from saas.tenants.vendors.models import HostClaim, Place
from saas.tenants.vendors.rules import PlaceState

STEPS = ["schema", "starter_data", "media_storage", "domain", "smoke_test"]


def fact(run, step, sequence, outcome, **changes):
    return {
        "run": run.ulid,
        "serial": run.serial,
        "sequence": sequence,
        "step": step,
        "outcome": outcome,
        "attempt": 1,
        "log": f"{step} {outcome}",
        "started_at": "2026-11-22T02:00:01+00:00",
        "finished_at": None if outcome == "started" else "2026-11-22T02:00:02+00:00",
        **changes,
    }


def report(run, now, *facts):
    for one in facts:
        provisioning.apply_step_fact(fact=fact(run, *one), now=now)
    run.refresh_from_db()
    run.place.refresh_from_db()


def states(run):
    return [step.state for step in run.steps.order_by("position")]


def all_done(run, now):
    report(run, now, *((name, n, "succeeded") for n, name in enumerate(run.order["steps"], start=1)))


def test_all_steps_done_end_the_run_in_rehearsal(sign_up, now):
    run = sign_up()
    all_done(run, now)
    assert (run.state, run.place.state, states(run)) == ("succeeded", "rehearsal", ["success"] * 5)


def test_facts_may_come_twice_and_out_of_order(sign_up, now):
    run = sign_up()
    report(run, now, ("schema", 2, "succeeded"), ("schema", 1, "started"), ("schema", 2, "succeeded"))
    report(run, now, ("starter_data", 3, "started"))
    assert states(run) == ["success", "running", "pending", "pending", "pending"]


def test_a_failed_step_fails_the_run_and_skips_the_rest(sign_up, now):
    run = sign_up()
    report(run, now, ("schema", 1, "succeeded"), ("starter_data", 2, "failed"))
    assert (run.state, run.place.state) == ("failed", "failed")
    assert states(run) == ["success", "failure", "skipped", "skipped", "skipped"]


def test_retry_goes_on_from_the_failed_step_and_tells_the_cell(sign_up, now):
    run = sign_up()
    report(run, now, ("schema", 1, "succeeded"), ("starter_data", 2, "failed"))
    old = fact(run, "starter_data", 9, "failed")
    provisioning.retry_run(run_ulid=run.ulid, actor="user:op", now=now)
    run.refresh_from_db()
    assert (run.state, run.serial, states(run)) == ("running", 2, ["success", *["pending"] * 4])
    told = OutboxEvent.objects.filter(topic="provision.requested").order_by("pk").last()
    assert (told.payload["serial"], told.payload["run"]) == (2, run.ulid)
    provisioning.apply_step_fact(fact=old, now=now)  # of the attempt that was given up
    run.refresh_from_db()
    assert run.state == "running"
    report(run, now, *((name, n, "succeeded") for n, name in enumerate(STEPS, start=3)))
    assert run.state == "succeeded"


def test_a_run_under_way_or_done_is_not_retried(sign_up, now):
    run = sign_up()
    asked = OutboxEvent.objects.count()
    with pytest.raises(provisioning.RunNotRetryable):
        provisioning.retry_run(run_ulid=run.ulid, actor="user:op", now=now)
    assert OutboxEvent.objects.count() == asked
    all_done(run, now)
    told = OutboxEvent.objects.count()
    with pytest.raises(provisioning.RunNotRetryable):
        provisioning.retry_run(run_ulid=run.ulid, actor="user:op", now=now)
    assert OutboxEvent.objects.count() == told


def test_the_database_allows_one_active_run_a_mall(sign_up, now):
    run = sign_up()
    with pytest.raises(provisioning.RunIsActive):
        provisioning.roll_back(mall=run.place.mall, key="rollback-1", actor="user:op", now=now)
    with pytest.raises(provisioning.RunIsActive):
        provisioning.start_run(place=run.place, order=run.order, key="another", actor="user:op", now=now)
    assert Run.objects.count() == 1


def test_cancel_then_roll_back_gives_the_address_back(sign_up, now):
    run = sign_up()
    report(run, now, ("schema", 1, "succeeded"))
    provisioning.cancel_run(run_ulid=run.ulid, actor="user:op", now=now, reason="typo in the name")
    run.refresh_from_db()
    assert (run.state, states(run)) == ("cancelled", ["success", *["skipped"] * 4])
    assert OutboxEvent.objects.filter(topic="provision.cancel_requested").count() == 1
    with pytest.raises(RunNotCancellable):
        provisioning.cancel_run(run_ulid=run.ulid, actor="user:op", now=now)

    rollback = provisioning.roll_back(mall=run.place.mall, key="rollback-1", actor="user:op", now=now)
    assert rollback.ulid == provisioning.roll_back(mall=run.place.mall, key="rollback-1", actor="x", now=now).ulid
    assert (rollback.kind, rollback.serial, rollback.order["steps"]) == ("rollback", 2, STEPS[::-1])
    all_done(rollback, now)
    place = Place.objects.get(mall=run.place.mall)
    assert (rollback.state, place.state, HostClaim.objects.count()) == ("succeeded", "removed", 0)
    sign_up(key="signup-2")  # the same subdomain can be had again


def test_a_live_mall_is_never_rolled_back(sign_up, now):
    run = sign_up()
    all_done(run, now)
    vendors.change_place_state(mall=run.place.mall, wanted=PlaceState.LIVE, actor="user:owner", now=now)
    with pytest.raises(provisioning.MallIsLive):
        provisioning.roll_back(mall=run.place.mall, key="rollback-1", actor="user:op", now=now)
    assert Run.objects.count() == 1


def test_a_fact_about_an_unknown_run_is_kept_for_an_operator(sign_up, now):
    run = sign_up()
    with pytest.raises(UnknownRun):
        provisioning.apply_step_fact(fact={**fact(run, "schema", 1, "started"), "run": "01UNKNOWN"}, now=now)
