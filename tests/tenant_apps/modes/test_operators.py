"""Approvals and stops in the mall: facts received, publishing refused, new orders unpinned, orders placed unharmed."""

import datetime as dt

import pytest

from saas.config import facts
from saas.identity.models import AuditRecord
from saas.messaging.bus.models import OutboxEvent
from saas.messaging.bus.services import Event
from saas.messaging.notices.models import Notice
from saas.tenants.approvals import Subject
from saas.tenants.malls import services as malls
from tenant_apps.modes import operators, selectors, services
from tenant_apps.modes.models import ModeRuling, SettingsVersion
from tenant_apps.modes.selectors import ModeStanding
from tests.factories import people
from tests.factories.sales import NOW, publish

DAY = dt.timedelta(days=1)
THREE = [50_000, 20_000, 10_000]


def fact(**changes: object) -> dict[str, object]:
    """What control sends."""
    values: dict[str, object] = {
        "kind": "approval",
        "subject": "third_level",
        "is_on": True,
        "until": (NOW + 30 * DAY).isoformat(),
        "reason": "opinion of 2026-11-01",
        "version": 1,
        "ruled_at": NOW.isoformat(),
    }
    return {**values, **changes}


def approve(**changes: object) -> bool:
    return operators.receive_ruling(fact=fact(**changes), now=NOW)


def stop(mode: str = "distribution", **changes: object) -> bool:
    values = {"kind": "stop", "subject": mode, "until": "", "reason": "complaints", **changes}
    return operators.receive_ruling(fact=fact(**values), now=NOW)


def test_a_third_level_is_refused_without_approval_and_nothing_is_stored(grocery):
    with pytest.raises(services.SettingsRefused) as refused:
        publish(rate_ppm=THREE)
    assert "approval_missing" in [one.code for one in refused.value.data["problems"]]
    assert "第三级" in refused.value.text or "third" in refused.value.text.lower()
    assert not SettingsVersion.objects.exists()


def test_an_approval_opens_it_and_its_end_takes_it_out_of_new_orders_only(grocery):
    assert approve()
    version = publish(rate_ppm=THREE)
    pins = selectors.current_version_ids(now=NOW)
    assert pins == {"distribution": version.ulid}
    assert selectors.mode_state("distribution", now=NOW).standing is ModeStanding.ON
    after = NOW + 30 * DAY
    assert selectors.current_version_ids(now=after - dt.timedelta(seconds=1)) == pins
    assert selectors.current_version_ids(now=after) == {}
    state = selectors.mode_state("distribution", now=after)
    assert (state.standing, state.missing) == (ModeStanding.NEEDS_APPROVAL, (Subject.THIRD_LEVEL,))
    assert selectors.settings_for_order(pins)["distribution"].values.rate_ppm == tuple(THREE)


def test_an_approval_of_one_mall_opens_nothing_in_another(grocery, beauty):
    from saas.tenants.malls.activation import in_mall

    with in_mall(grocery):
        approve()
    with in_mall(beauty), pytest.raises(services.SettingsRefused):
        publish(rate_ppm=THREE)


def test_two_malls_of_a_cell_are_opened_for_the_same_thing(grocery, beauty):
    from saas.tenants.malls.activation import in_mall

    for mall in (grocery, beauty):
        with in_mall(mall):
            assert approve()
            assert ModeRuling.objects.get().is_on
    ends = OutboxEvent.objects.filter(topic="mode.ruling_due")
    assert {one.mall for one in ends} == {grocery.ulid, beauty.ulid}


def test_a_stop_refuses_publishing_and_unpins_but_leaves_placed_orders(grocery):
    version = publish()
    pins = selectors.current_version_ids(now=NOW)
    assert stop()
    assert selectors.current_version_ids(now=NOW) == {}
    assert selectors.settings_in_force(now=NOW).keys() == {"settlement", "orders"}
    state = selectors.mode_state("distribution", now=NOW)
    assert (state.standing, state.reason, state.latest) == (ModeStanding.STOPPED, "complaints", version)
    with pytest.raises(services.SettingsRefused) as refused:
        publish(rate_ppm=[10_000])
    assert [one.code for one in refused.value.data["problems"]] == ["mode_stopped"]
    assert SettingsVersion.objects.count() == 1
    assert selectors.settings_for_order(pins)["distribution"].ulid == version.ulid
    publish(enabled=False, rate_ppm=[10_000])  # switching off is always possible


def test_lifting_the_stop_brings_the_same_version_back(grocery):
    version = publish()
    stop(version=1)
    assert stop(is_on=False, version=2)
    assert selectors.current_version_ids(now=NOW) == {"distribution": version.ulid}


def test_facts_may_come_twice_and_in_any_order(grocery):
    assert approve(version=3, is_on=False, until="", reason="withdrawn")
    assert not approve(version=2)
    assert not approve(version=3, is_on=True)
    row = ModeRuling.objects.get()
    assert (row.version, row.is_on, row.reason) == (3, False, "withdrawn")
    assert AuditRecord.objects.filter(target="mode:third_level").count() == 1


def test_owners_are_told_of_each_ruling_and_of_its_end_once(grocery):
    owner = people.make_staff(name="Owner")
    approve()
    assert [(one.kind, one.to_phone) for one in Notice.objects.order_by("pk")] == [("mode_approved", owner.phone)]
    due = OutboxEvent.objects.get(topic="mode.ruling_due")
    assert due.available_at == NOW + 30 * DAY
    end = NOW + 30 * DAY
    arguments = {"kind": "approval", "subject": "third_level", "version": 1}
    assert not operators.note_end(**arguments, now=end - dt.timedelta(seconds=1))
    assert operators.note_end(**arguments, now=end)
    operators.note_end(**arguments, now=end)
    assert list(Notice.objects.order_by("pk").values_list("kind", flat=True)) == [
        "mode_approved",
        "mode_approval_expired",
    ]


def test_the_end_of_an_older_ruling_says_nothing(grocery):
    people.make_staff(name="Owner")
    approve(version=1)
    approve(version=2, until=(NOW + 60 * DAY).isoformat())
    assert not operators.note_end(kind="approval", subject="third_level", version=1, now=NOW + 31 * DAY)


def test_a_fact_reaches_its_own_mall(grocery, beauty):
    event = Event("01E", "mode.ruled", grocery.ulid, 1, fact(kind="stop", subject="distribution", until=""), NOW)
    facts.on_mode_ruled(event)  # the beauty mall is active
    assert not ModeRuling.objects.exists()
    from saas.tenants.malls.activation import in_mall

    with in_mall(grocery):
        assert ModeRuling.objects.get().subject == "distribution"


def test_a_mode_outside_the_plan_is_refused_by_name(grocery):
    malls.copy_entitlements(grocery, {"modes": ["partner_membership"]}, version=1)
    assert selectors.mode_state("distribution", now=NOW).standing is ModeStanding.NOT_IN_PLAN
    with pytest.raises(services.SettingsRefused) as refused:
        publish()
    assert [one.code for one in refused.value.data["problems"]] == ["mode_not_in_plan"]
    assert not SettingsVersion.objects.exists()
    malls.copy_entitlements(grocery, {"modes": ["distribution"]}, version=2)
    assert publish().number == 1


def test_a_gift_pack_that_grants_an_agency_needs_the_approval(grocery):
    with pytest.raises(operators.ApprovalMissing):
        operators.require_approval(Subject.GIFT_PACK_AGENCY, now=NOW)
    approve(subject="gift_pack_agency")
    operators.require_approval(Subject.GIFT_PACK_AGENCY, now=NOW)
