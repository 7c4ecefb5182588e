"""An operator asks for a mall made from another one's backup: a place of its own, beside it, never into one that is there."""

import pytest

from provisioning.orchestrator import services as provisioning
from provisioning.orchestrator.models import Run
from provisioning.rules import RunKind, steps_of
from saas.kernel.errors import DomainError
from saas.messaging.bus.models import OutboxEvent
from saas.tenants.vendors import services as vendors
from saas.tenants.vendors.models import HostClaim, Place
from saas.tenants.vendors.rules import PlaceState
from tests.control.provisioning.orchestrator.test_runs import all_done, report


def live(sign_up, now):
    place = sign_up().place
    all_done(Run.objects.get(place=place), now)
    return vendors.change_place_state(mall=place.mall, wanted=PlaceState.LIVE, actor="system", now=now)


def ask(place, now, **changes):
    values = {"mall": place.mall, "name": "Looked back at", "subdomain": "lookback", "reason": "goods lost"}
    values |= {"key": "restore:1", "actor": "user:op", "now": now, **changes}
    return provisioning.restore_mall(**values)


def test_it_gets_a_place_beside_and_arrives_held(sign_up, now):
    source = live(sign_up, now)
    run = ask(source, now)
    assert ask(source, now) == run  # the same key
    made = run.place
    assert (made.vendor, made.cell, made.subdomain, made.state) == (
        source.vendor,
        source.cell,
        "lookback",
        "provisioning",
    )
    assert run.order["steps"] == [step.value for step in steps_of(RunKind.RESTORE)]
    assert run.order["restore"] == {"source": source.mall, "backup": "", "arrive": "held", "mask": ""}
    told = OutboxEvent.objects.filter(topic="provision.requested", mall=made.mall).get()
    assert (told.destination, told.payload["schema"]) == ("c1", made.schema_name)
    all_done(run, now)
    assert (run.state, run.place.state) == ("succeeded", "held")


def test_it_fails_and_is_rolled_back_like_a_new_mall(sign_up, now):
    source = live(sign_up, now)
    run = ask(source, now, arrive=PlaceState.REHEARSAL, mask="people")
    report(run, now, ("take", 1, "succeeded"), ("load", 2, "failed"))
    assert (run.state, run.place.state) == ("failed", "failed")
    back = provisioning.roll_back(mall=run.place.mall, key="back", actor="user:op", now=now)
    assert "restore" not in back.order
    all_done(back, now)
    assert (back.state, back.place.state) == ("succeeded", "removed")
    assert Place.objects.get(mall=source.mall).state == "live"


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"subdomain": "greenbasket"}, "restore_into_mall", "subdomain"),
        ({"subdomain": " GreenBasket "}, "restore_into_mall", "subdomain"),
        ({"subdomain": "console"}, "subdomain_reserved", "subdomain"),
        ({"name": " "}, "invalid_input", "name"),
        ({"reason": ""}, "invalid_input", "reason"),
        ({"arrive": PlaceState.LIVE}, "invalid_input", "arrive"),
        ({"mall": "01JNOBODYNOBODYNOBODYNOBOD"}, "not_found", None),
    ],
)
def test_what_cannot_be_is_refused_by_name_and_makes_nothing(sign_up, now, changes, code, field):
    source = live(sign_up, now)
    before = (Place.objects.count(), Run.objects.count(), HostClaim.objects.count(), OutboxEvent.objects.count())
    with pytest.raises(DomainError) as refused:
        ask(source, now, **changes)
    assert (refused.value.code, refused.value.field) == (code, field)
    assert (
        Place.objects.count(),
        Run.objects.count(),
        HostClaim.objects.count(),
        OutboxEvent.objects.count(),
    ) == before
