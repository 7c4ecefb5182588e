"""Publishing, pinning, comparing and going back: versions of settings."""

import datetime as dt

import pytest
from django.db import DatabaseError, transaction
from django.utils import translation

from saas.identity.models import AuditRecord
from saas.kernel.errors import InvalidInput
from tenant_apps.modes import selectors, services
from tenant_apps.modes.contract import LineFacts
from tenant_apps.modes.models import SettingsVersion
from tenant_apps.modes.worst_case import Combination

pytestmark = pytest.mark.usefixtures("rehearsing")  # what takes two persons: test_two_persons.py

NOW = dt.datetime(2026, 3, 1, 4, 0, tzinfo=dt.UTC)
TEA = Combination("Tea", LineFacts(line="1", level_amount=10000, supply_cost=4000))


def publish(values: dict, **more: object) -> SettingsVersion:
    arguments = {
        "actor": "user:01OWNER",
        "mode": "distribution",
        "reason": "start",
        "now": NOW,
        "combinations": [TEA],
        "accept_cautions": True,
        **more,
    }
    return services.publish_settings(values=values, **arguments)  # type: ignore[arg-type]


def test_a_mode_without_a_version_is_off(grocery: object) -> None:
    assert selectors.current_settings(mode="distribution", now=NOW) is None
    assert selectors.settlement_terms(now=NOW).aftersales_days == 7
    assert selectors.current_version_ids(now=NOW) == {}


def test_publishes_numbered_versions_with_author_and_reason(grocery: object) -> None:
    first = publish({})
    second = publish({"rate_ppm": [60_000]}, reason="more for promoters", now=NOW + dt.timedelta(hours=1))
    assert (first.number, second.number) == (1, 2)
    assert (second.author, second.reason) == ("user:01OWNER", "more for promoters")
    assert first.cautions == ["team_pay"]
    changed = selectors.changes(mode="distribution", before=first.values, after=second.values)
    assert [(change.name, change.before, change.after) for change in changed] == [
        ("rate_ppm", [50_000, 20_000], [60_000])
    ]
    record = AuditRecord.objects.get(target=f"settings:{second.ulid}")
    assert record.data["changes"] == {"rate_ppm": [[50_000, 20_000], [60_000]]}


def test_holds_from_its_day_on_and_orders_keep_what_they_pinned(grocery: object) -> None:
    first = publish({})
    pins = selectors.current_version_ids(now=NOW)
    later = publish({"rate_ppm": [10_000]}, effective_from=NOW + dt.timedelta(days=1))
    assert selectors.current_version_ids(now=NOW) == pins == {"distribution": first.ulid}
    assert selectors.current_version_ids(now=NOW + dt.timedelta(days=1)) == {"distribution": later.ulid}
    assert selectors.settings_for_order(pins)["distribution"].values.rate_ppm == (50_000, 20_000)


def test_a_zone_has_its_own_settings(grocery: object) -> None:
    publish({})
    publish({"rate_ppm": [30_000]}, zone="self_operated")
    of_zone = selectors.current_settings(mode="distribution", zone="self_operated", now=NOW)
    elsewhere = selectors.current_settings(mode="distribution", zone="other", now=NOW)
    assert of_zone and of_zone.values.rate_ppm == (30_000,)
    assert elsewhere and elsewhere.values.rate_ppm == (50_000, 20_000)


def test_going_back_is_a_new_version(grocery: object) -> None:
    first = publish({})
    publish({"rate_ppm": [60_000]})
    back = services.roll_back_settings(
        actor="user:01OWNER",
        version_ulid=first.ulid,
        reason="too dear",
        now=NOW,
        combinations=[TEA],
        accept_cautions=True,
    )
    assert (back.number, back.values) == (3, first.values)


def test_the_database_keeps_versions_as_they_are(grocery: object) -> None:
    version = publish({})
    for change in ("update", "delete"):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows = SettingsVersion.objects.filter(pk=version.pk)
            rows.update(reason="never") if change == "update" else rows.delete()


@pytest.mark.parametrize(
    ("values", "error", "naming"),
    [
        ({"rate_ppm": [500_001]}, services.SettingsInvalid, "rate_ppm"),
        ({"rate_ppm": [1, 1, 1, 1]}, services.SettingsInvalid, "rate_ppm"),
        ({"rate": 1}, services.SettingsInvalid, "rate"),
        ({"rate_ppm": [50_000, 20_000, 10_000]}, services.SettingsRefused, "rate_ppm"),
        ({"rate_ppm": [400_000, 300_000]}, services.SettingsRefused, None),
    ],
)
def test_refuses_and_publishes_nothing(grocery: object, values: dict, error: type, naming: str | None) -> None:
    with pytest.raises(error) as refused:
        publish(values)
    assert naming is None or str(refused.value.field).startswith(naming)
    assert not SettingsVersion.objects.exists()
    assert not AuditRecord.objects.exists()


def test_names_the_combination_that_could_pay_more_than_it_brings_in(grocery: object) -> None:
    with pytest.raises(services.SettingsRefused) as refused:
        publish({"rate_ppm": [400_000, 300_000]})
    assert "Tea" in refused.value.text
    assert "¥60.00" in refused.value.text
    assert "¥70.00" in refused.value.text


def test_asks_to_read_cautions_first(grocery: object) -> None:
    with pytest.raises(services.CautionsUnread) as asked:
        publish({"rate_ppm": [450_000]}, accept_cautions=False)
    assert [problem.code for problem in asked.value.data["problems"]] == ["payout_high"]
    assert not SettingsVersion.objects.exists()
    assert publish({"rate_ppm": [450_000]}).cautions == ["payout_high"]


def test_refuses_what_was_drafted_on_an_older_version(grocery: object) -> None:
    publish({})
    with pytest.raises(services.SettingsChanged):
        publish({"rate_ppm": [60_000]}, expected_number=0)
    assert SettingsVersion.objects.count() == 1


@pytest.mark.parametrize("more", [{"reason": " "}, {"effective_from": NOW - dt.timedelta(seconds=1)}])
def test_needs_a_reason_and_an_instant_to_come(grocery: object, more: dict) -> None:
    with pytest.raises(InvalidInput):
        publish({}, **more)
    assert not SettingsVersion.objects.exists()


def test_the_other_mall_sees_nothing_of_it(grocery: object, beauty: object) -> None:
    from saas.tenants.malls.activation import in_mall

    with in_mall(grocery):  # type: ignore[arg-type]
        publish({})
    with in_mall(beauty):  # type: ignore[arg-type]
        assert not SettingsVersion.objects.exists()
        assert selectors.current_settings(mode="distribution", now=NOW) is None


def test_tries_everything_on_shelf_if_no_offers_are_named(grocery: object) -> None:
    from tests.factories import catalog

    catalog.single("Cheap tea", price=10_000, supply=9_500)
    with pytest.raises(services.SettingsRefused) as refused:
        publish({}, combinations=None)
    assert "Cheap tea" in refused.value.text
    assert not SettingsVersion.objects.exists()
    assert publish({"rate_ppm": [30_000, 10_000]}, combinations=None).number == 1


def test_a_draft_is_stored_and_published_through_the_checks(grocery: object) -> None:
    with pytest.raises(services.SettingsInvalid):
        services.save_draft(actor="user:01A", mode="distribution", values={"rate_ppm": [1, 1, 1, 1]}, now=NOW)
    assert selectors.draft_of(mode="distribution") is None
    draft = services.save_draft(
        actor="user:01A", mode="distribution", values={"rate_ppm": [400_000, 300_000]}, now=NOW, note="too dear"
    )
    for error, more in (
        (services.SettingsRefused, {}),
        (services.DraftChanged, {"expected": "x"}),
        (services.NoDraft, {"zone": "member"}),
    ):
        with pytest.raises(error):
            services.publish_draft(
                actor="user:01B", mode="distribution", reason="go", now=NOW, combinations=[TEA], **more
            )
    assert not SettingsVersion.objects.exists()
    services.save_draft(
        actor="user:01A", mode="distribution", values={"rate_ppm": [60_000]}, now=NOW, expected=draft.stamp
    )
    made = services.publish_draft(actor="user:01B", mode="distribution", reason="go", now=NOW, combinations=[TEA])
    assert (made.author, made.values["rate_ppm"]) == ("user:01B", [60_000])
    assert selectors.open_drafts() == []


def test_a_draft_older_than_the_newest_version_is_refused(grocery: object) -> None:
    services.save_draft(actor="user:01A", mode="distribution", values={"rate_ppm": [60_000]}, now=NOW, zone="member")
    publish({}, zone="member")
    assert selectors.draft_of(mode="distribution", zone="member") is None
    services.save_draft(actor="user:01A", mode="distribution", values={"rate_ppm": [60_000]}, now=NOW)
    SettingsVersion.objects.create(
        ulid="0" * 26,
        mode="distribution",
        number=1,
        values={},
        effective_from=NOW,
        author="x",
        reason="x",
        created_at=NOW,
    )
    with pytest.raises(services.SettingsChanged):
        services.publish_draft(actor="user:01B", mode="distribution", reason="go", now=NOW, combinations=[TEA])


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"zone": "nowhere"}, services.UnknownZone),
        ({"mode": "settlement", "zone": "member"}, services.NoZoneOfItsOwn),
        ({"values": None}, services.NoZoneOfItsOwn),
        ({"values": None, "zone": "member"}, services.NoZoneOfItsOwn),
        ({"mode": "headcount"}, services.UnknownMode),
    ],
)
def test_refuses_zones_and_modes_that_are_not_there(grocery: object, more: dict, error: type) -> None:
    arguments = {"values": {}, **more}
    with pytest.raises(error):
        publish(arguments.pop("values"), **arguments)
    assert not SettingsVersion.objects.exists()


def test_a_zone_follows_the_whole_mall_again(grocery: object) -> None:
    publish({})
    own = publish({"rate_ppm": [30_000]}, zone="member")
    back = publish(None, zone="member", reason="simpler")  # type: ignore[arg-type]
    assert (back.inherits, back.values, back.number) == (True, {}, 2)
    assert selectors.current_version_ids(now=NOW).keys() == {"distribution"}
    current = selectors.current_settings(mode="distribution", zone="member", now=NOW)
    assert current and current.values.rate_ppm == (50_000, 20_000)
    assert selectors.settings_for_order({"distribution@member": own.ulid})["distribution@member"].values.rate_ppm == (
        30_000,
    )


def test_what_is_published_for_later_is_tried_together(grocery: object) -> None:
    """Today alone it would fit; with the store share that starts tomorrow it does not."""
    tomorrow = NOW + dt.timedelta(days=1)
    publish({"rate_ppm": 200_000}, mode="store_income", effective_from=tomorrow)
    with translation.override("en"), pytest.raises(services.SettingsRefused) as refused:
        publish({"rate_ppm": [450_000]})
    (problem,) = [one for one in refused.value.data["problems"] if one.code == "payout_above_funds"]
    assert dict(problem.data["parts_sum"]) == {"Distribution": 4_500, "Store income": 2_200}
    assert publish({"rate_ppm": [350_000]}).number == 1


def test_switching_off_publishes_the_same_settings_switched_off(grocery: object) -> None:
    publish({"rate_ppm": [60_000]})
    off = services.switch_mode(actor="user:01A", mode="distribution", on=False, reason="pause", now=NOW)
    assert (off.number, off.values["enabled"], off.values["rate_ppm"]) == (2, False, [60_000])
    back = services.switch_mode(
        actor="user:01A",
        mode="distribution",
        on=True,
        reason="again",
        now=NOW,
        combinations=[TEA],
        accept_cautions=True,
    )
    assert (back.number, back.values["enabled"], back.values["rate_ppm"]) == (3, True, [60_000])
    with pytest.raises(services.UnknownMode):
        services.switch_mode(actor="user:01A", mode="orders", on=False, reason="x", now=NOW)
