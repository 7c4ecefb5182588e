"""Rollouts as control sees them: asked for once a cell, filled by facts in any order, tried again."""

import pytest
from django.test import Client

from provisioning.orchestrator import services as provisioning
from provisioning.orchestrator.models import Rollout, RolloutMall
from provisioning.orchestrator.services import rollouts
from saas.identity.models import User
from saas.kernel.errors import InvalidInput
from saas.messaging.bus.models import OutboxEvent


def fact(ulid, sequence, state, *malls, now, **counts):
    rows = [
        {"mall": mall, "wave": 0, "state": how, "method": "replayed", "attempts": 1, "error": error, "milliseconds": 26}
        for mall, how, error in malls
    ]
    found = {"pending": 0, "done": 0, "failed": 0, **counts}
    return {
        "rollout": ulid, "cell": "c1", "sequence": sequence, "version": "abc", "state": state, "by": "system",
        "reason": "release", "started_at": now.isoformat(), "finished_at": None, "counts": found, "malls": rows,
    }  # fmt: skip


def test_is_asked_for_once_a_cell_and_told_to_it(cell, now):
    with pytest.raises(InvalidInput) as refused:
        provisioning.request_rollout(cell_id="c9", reason="release", actor="user:op", now=now)
    assert refused.value.field == "cell"
    with pytest.raises(InvalidInput):
        provisioning.request_rollout(cell_id="c1", reason=" ", actor="user:op", now=now)
    made = provisioning.request_rollout(cell_id="c1", reason="release 7", actor="user:op", now=now)
    with pytest.raises(rollouts.RolloutUnderWay):
        provisioning.request_rollout(cell_id="c1", reason="again", actor="user:op", now=now)
    assert list(OutboxEvent.objects.values_list("topic", "destination")) == [("rollout.requested", "c1")]
    assert OutboxEvent.objects.get().payload == {"rollout": made.ulid, "by": "user:op", "reason": "release 7"}


def test_facts_may_come_twice_and_out_of_order(cell, now):
    def apply(*args, **counts):
        provisioning.apply_rollout_fact(fact=fact(*args, now=now, **counts), now=now)

    apply("R1", 3, "failed", ("m1", "done", ""), ("m2", "failed", "boom"), done=1, failed=1)
    apply("R1", 2, "running", ("m1", "done", ""), ("m2", "pending", ""), ("m3", "pending", ""), done=1, pending=2)
    apply("R1", 3, "failed", ("m2", "failed", "boom"), done=1, failed=1)
    found = Rollout.objects.get()
    assert (found.state, found.malls, found.done, found.failed) == ("failed", 2, 1, 1)
    rows = RolloutMall.objects.order_by("mall").values_list("mall", "state", "error")
    assert list(rows) == [("m1", "done", ""), ("m2", "failed", "boom"), ("m3", "pending", "")]


def test_the_pages_ask_show_and_retry(sign_up, cell, now):
    mall = sign_up().place.mall
    browser = Client(HTTP_ACCEPT_LANGUAGE="en")
    browser.force_login(User.objects.create_user(email="op@example.test", is_staff=True, is_superuser=True))
    assert "No rollout yet" in browser.get("/console/rollouts/").content.decode()
    url = browser.post("/console/rollouts/", {"cell": "c1", "reason": "release 7"}).url
    made = Rollout.objects.get()
    assert url == f"/console/rollouts/{made.ulid}/"
    assert "has not reported yet" in browser.get(url).content.decode()
    browser.post(f"{url}retry", {"reason": "x"})
    assert OutboxEvent.objects.filter(topic="rollout.retry_requested").count() == 0
    done = fact(made.ulid, 5, "failed", (mall, "failed", "column exists"), now=now, failed=1)
    provisioning.apply_rollout_fact(fact=done, now=now)
    page = browser.get(url).content.decode()
    assert "Green Basket" in page and "column exists" in page
    browser.post(f"{url}retry", {"reason": "mended"})
    assert OutboxEvent.objects.get(topic="rollout.retry_requested").destination == "c1"
    made.refresh_from_db()
    assert made.state == "requested"
