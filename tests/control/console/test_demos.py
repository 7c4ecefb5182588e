"""Operators make a rehearsal a public demo, have it made anew, clone a live mall; each by a role, with a reason, on record."""

import pytest
from django.test import Client
from django.utils import translation

from provisioning.lifecycle import services
from provisioning.lifecycle.models import Demo, DemoReset
from provisioning.lifecycle.services.demos import LiveIsNoDemo, NotADemo, note_reset
from provisioning.orchestrator.models import Run
from saas.identity.models import AuditRecord, User
from saas.identity.operators import OperatorRole, set_operator_roles
from saas.kernel import clock
from saas.kernel.errors import InvalidInput
from saas.messaging.bus.models import OutboxEvent
from saas.tenants.vendors import services as vendors
from saas.tenants.vendors.models import Place
from saas.tenants.vendors.rules import PlaceState


@pytest.fixture
def place(sign_up, now):
    place = sign_up().place
    return vendors.change_place_state(mall=place.mall, wanted=PlaceState.REHEARSAL, actor="provisioning", now=now)


def browser(*roles: str) -> Client:
    email = f"{'-'.join(roles) or 'owner'}@example.test"
    user = User.objects.create_user(email=email, name="Olga", is_staff=True, is_superuser=not roles)
    if roles:
        set_operator_roles(user=user, roles=[OperatorRole(role) for role in roles], actor="user:op", now=clock.now())
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(user)
    return client


def fact(place, **changes):
    return {
        "reset": "01J", "mall": place.mall, "cell": "c1", "state": "done", "actor": "system", "error": "", "rows": 512,
        "pictures": 1, "dropped": 7, "seconds": 3, "started_at": "2026-11-22T20:00:00+00:00",
        "finished_at": "2026-11-22T20:00:03+00:00", **changes,
    }  # fmt: skip


def test_a_demo_is_switched_made_anew_and_ended(place, now):
    page, act = f"/console/malls/{place.mall}/lifecycle/", f"/console/malls/{place.mall}/lifecycle/"
    operator = browser("deployment")
    assert b"Not made anew yet." in operator.get(page).content
    for posted, code in (({"hour": "4"}, "give a reason"), ({"hour": "24", "reason": "x"}, "from 0 to 23")):
        answer = operator.post(f"{act}demo", posted, follow=True).content.decode()
        assert code in answer.lower() and not Demo.objects.exists()
    operator.post(f"{act}demo", {"hour": "4", "reason": "for the website"})
    row = Demo.objects.get()
    told = OutboxEvent.objects.filter(topic="demo.switched", mall=place.mall)
    assert told.get().payload == {"mall": place.mall, "hour": 4, "seed": row.seed, "actor": row.actor}
    assert told.get().destination == place.cell.cell_id
    operator.post(f"{act}demo", {"hour": "5", "reason": "earlier"})
    assert (Demo.objects.get().hour, Demo.objects.get().seed) == (5, row.seed)
    operator.post(f"{act}demo", {"hour": "5", "reason": "new goods", "new_seed": "1"})
    assert Demo.objects.get().seed != row.seed and told.count() == 3
    operator.post(f"{act}reset", {"reason": "somebody wrote nonsense"})
    assert OutboxEvent.objects.filter(topic="demo.reset_asked", mall=place.mall).count() == 1
    note_reset(fact=fact(place))
    note_reset(fact=fact(place, state="failed", finished_at="2026-11-22T20:00:01+00:00"))  # an older word
    note_reset(fact=fact(place, reset="02J", state="failed", error="The seed of this demo is not there."))
    shown = operator.get(page).content.decode()
    assert "512" in shown and "Made anew every day at 5:00" in shown and "The seed of this demo is not there." in shown
    assert DemoReset.objects.get(ulid="01J").state == "done"
    viewer = browser("viewer")
    assert viewer.get(page).status_code == 200
    assert [viewer.post(f"{act}{what}", {"reason": "x"}).status_code for what in ("demo", "reset", "clone")] == [
        403
    ] * 3
    operator.post(f"{act}demo-off", {"reason": "over"})
    assert Demo.objects.get().hour is None and told.latest("pk").payload["hour"] is None
    with pytest.raises(NotADemo), translation.override("en"):
        services.reset_demo(mall=place.mall, reason="x", actor="user:op", now=now)
    actions = AuditRecord.objects.filter(target=f"mall:{place.mall}", action__startswith="demo.")
    assert list(actions.order_by("pk").values_list("action", "reason")) == [
        ("demo.switched", "for the website"),
        ("demo.switched", "earlier"),
        ("demo.switched", "new goods"),
        ("demo.reset_asked", "somebody wrote nonsense"),
        ("demo.switched", "over"),
    ]


def test_a_live_mall_is_no_demo_but_is_cloned_with_masked_people(place, now):
    act, operator = f"/console/malls/{place.mall}/lifecycle/", browser("deployment")
    clone = {"name": "Looked at safely", "subdomain": "cloned", "reason": "a new rule"}
    answer = operator.post(f"{act}clone", clone, follow=True).content.decode()
    assert "is not live" in answer and not Run.objects.filter(kind="restore").exists()
    place = vendors.change_place_state(mall=place.mall, wanted=PlaceState.LIVE, actor="provisioning", now=now)
    before = OutboxEvent.objects.count()
    with translation.override("en"):
        with pytest.raises(LiveIsNoDemo, match=place.name):
            services.switch_demo(
                mall=place.mall, hour=4, new_seed=False, reason="x", actor="user:op", now=now
            )  # fmt: skip
        with pytest.raises(NotADemo, match=place.name):
            services.reset_demo(mall=place.mall, reason="x", actor="user:op", now=now)
        with pytest.raises(InvalidInput):
            services.reset_demo(mall=place.mall, reason=" ", actor="user:op", now=now)
    assert (Demo.objects.count(), OutboxEvent.objects.count()) == (0, before)
    page = operator.get(act).content.decode()
    assert "Clone into a rehearsal" in page and "Make it a public demo" not in page
    assert (
        "give a reason" in operator.post(f"{act}clone", {**clone, "reason": ""}, follow=True).content.decode().lower()
    )
    made = operator.post(f"{act}clone", clone)
    run = Run.objects.get(kind="restore")
    assert made["Location"] == f"/console/runs/{run.ulid}/"
    assert run.order["restore"] == {"source": place.mall, "backup": "", "arrive": "rehearsal", "mask": "people"}
    assert Place.objects.get(mall=place.mall).state == "live"
    assert (
        AuditRecord.objects.filter(action="mall.restore_asked", target=f"mall:{place.mall}").get().reason
        == "a new rule"
    )
