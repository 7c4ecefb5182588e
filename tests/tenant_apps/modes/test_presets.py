"""Six named sets: publishable, told to the fen by the rules, applied as a whole or not at all."""

import datetime as dt

import pytest
from django.utils import translation

from saas.kernel.errors import InvalidInput, NotFound
from saas.tenants import presets as shared
from tenant_apps.modes import preset_figures, presets, selectors, services
from tenant_apps.modes.contract import Refusal
from tenant_apps.modes.models import SavedPreset, SettingsVersion
from tests.factories import catalog, sales

NOW = dt.datetime(2026, 3, 1, 4, 0, tzinfo=dt.UTC)
EVERY = pytest.mark.parametrize("preset", presets.PRESETS, ids=lambda preset: preset.key)


def use(key: str, **more: object) -> list[SettingsVersion]:
    arguments = {"actor": "user:01OWNER", "reason": "start", "now": NOW, "accept_cautions": True, **more}
    return services.apply_settings_set(settings=presets.BY_KEY[key].settings, **arguments)  # type: ignore[arg-type]


def on() -> dict[str, bool]:
    return {
        key: one.values.enabled
        for key, one in selectors.settings_in_force(now=NOW).items()
        if hasattr(one.values, "enabled")
    }


def test_the_keys_are_those_that_signup_offers() -> None:
    assert tuple(presets.BY_KEY) == shared.KEYS


def test_the_public_pages_show_what_the_rules_compute() -> None:
    assert shared.figures() == preset_figures.figures(), "run preset_figures.write()"


@EVERY
def test_a_set_is_lawful_and_its_example_within_what_the_sale_leaves(preset: presets.Preset) -> None:
    assert not [one for one in presets.legal_problems(preset.settings) if isinstance(one, Refusal)]
    answer = preset_figures.answer_of(preset.settings, preset.example)
    assert answer.cut == 0
    assert answer.house > 0
    assert answer.paid == sum(row.amount for row in answer.rows) == 10_000


@pytest.mark.parametrize(
    ("key", "amounts"),
    [
        ("brand_promoters", [5_000, 800, 300, 3_900]),
        ("community_stores", [5_000, 300, 800, 200, 3_700]),
        ("group_leaders", [6_000, 1_000, 300, 2_700]),
        ("merchant_alliance", [8_000, 400, 200, 60, 40, 20, 1_280]),
        ("points_mall", [7_000, 300, 2_700]),
        ("wholesale", [7_000, 300, 500, 2_200]),
    ],
)
def test_who_earns_what_on_a_hundred_yuan(key: str, amounts: list[int]) -> None:
    preset = presets.BY_KEY[key]
    assert [row.amount for row in preset_figures.answer_of(preset.settings, preset.example).rows] == amounts


@EVERY
def test_an_empty_mall_starts_with_any_of_them(rehearsing: object, preset: presets.Preset) -> None:
    made = use(preset.key)
    assert {(one.mode, one.zone) for one in made} == {presets.split(key) for key in preset.settings}
    assert use(preset.key) == []  # nothing is left to change


def test_another_set_switches_off_what_it_does_not_name_and_zones_follow_the_mall(grocery: object) -> None:
    use("points_mall")
    assert on() == {"distribution": True, "distribution@member": False}
    use("group_leaders")
    assert on() == {"distribution": False, "store_income": True}


def test_a_set_that_pays_more_than_a_product_leaves_publishes_nothing(grocery: object) -> None:
    catalog.single("Thin", price=1_000, supply=980)
    with pytest.raises(services.SettingsRefused) as refused:
        use("brand_promoters")
    assert "Thin" in refused.value.text
    assert not SettingsVersion.objects.exists()


def test_cautions_are_read_and_a_reason_is_given_first(grocery: object) -> None:
    with pytest.raises(services.CautionsUnread):
        use("brand_promoters", accept_cautions=False)
    with pytest.raises(InvalidInput):
        use("brand_promoters", reason=" ")
    assert not SettingsVersion.objects.exists()


def test_a_vendor_keeps_a_set_of_his_own_and_returns_to_it(rehearsing: object) -> None:
    use("brand_promoters")
    sales.publish(now=NOW, rate_ppm=[70_000])
    kept = services.save_preset(actor="user:01OWNER", name="Spring", now=NOW)
    with pytest.raises(services.NameTaken):
        services.save_preset(actor="user:01OWNER", name="Spring", now=NOW)
    with pytest.raises(InvalidInput):
        services.save_preset(actor="user:01OWNER", name=" ", now=NOW)
    use("group_leaders")
    services.apply_settings_set(
        actor="user:01OWNER",
        settings=services.settings_of_preset(kept.ulid),
        reason="back",
        now=NOW,
        accept_cautions=True,
    )
    assert on() == {"distribution": True, "store_income": False}
    assert selectors.current_settings(mode="distribution", now=NOW).values.rate_ppm == (70_000,)  # type: ignore[union-attr]
    services.delete_preset(actor="user:01OWNER", ulid=kept.ulid, now=NOW)
    assert not SavedPreset.objects.exists()
    with pytest.raises(NotFound):
        services.settings_of_preset(kept.ulid)


def test_flags_are_said_in_the_readers_language() -> None:
    with translation.override("en"):
        assert [refuses for refuses, _text in preset_figures.flags(presets.BY_KEY["wholesale"].settings)] == [False]
        assert preset_figures.titles(presets.BY_KEY["points_mall"].settings) == ["Distribution"]
