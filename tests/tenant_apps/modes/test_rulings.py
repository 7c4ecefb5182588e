"""What operators' rulings mean at an instant: pure."""

import datetime as dt

import pytest

from saas.tenants.approvals import MODE_KEYS, RulingKind, Subject
from tenant_apps.modes.distribution.settings import DistributionSettings
from tenant_apps.modes.registry import MODES
from tenant_apps.modes.rulings import Ruling, Rulings, needed, read_rulings

NOW = dt.datetime(2026, 11, 22, 4, 0, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(days=1)
THREE = DistributionSettings(rate_ppm=(50_000, 20_000, 10_000))
TWO = DistributionSettings()


def test_plans_and_stops_know_every_mode_of_the_registry():
    assert set(MODES) <= set(MODE_KEYS)


def test_only_a_third_level_needs_approval_in_distribution():
    assert needed("distribution", THREE) == [Subject.THIRD_LEVEL]
    assert needed("distribution", TWO) == []
    override = {"scope": "sku", "key": "S", "rate_ppm": (10_000, 10_000, 10_000)}
    assert needed("distribution", DistributionSettings(overrides=(override,))) == [Subject.THIRD_LEVEL]
    assert needed("distribution", DistributionSettings(rate_ppm=(1, 1, 1), enabled=False)) == []


@pytest.mark.parametrize("mode", ["differential", "gift_pack", "link21"])
def test_a_third_person_above_the_buyer_needs_the_same_approval_in_every_mode(mode):
    settings = MODES[mode].settings
    on = {"enabled": True} if "enabled" in settings.model_fields else {}
    assert Subject.THIRD_LEVEL in needed(mode, settings(max_depth=3, **on))
    assert Subject.THIRD_LEVEL not in needed(mode, settings(max_depth=2, **on))


def test_link21_and_subsidy_need_approval_whatever_their_settings():
    assert needed("link21", None) == [Subject.LINK21]
    assert needed("subsidy", None) == [Subject.SUBSIDY]


def test_an_approval_ends_at_its_instant():
    ruled = Rulings({(RulingKind.APPROVAL, Subject.THIRD_LEVEL): Ruling(True, LATER)})
    assert ruled.missing("distribution", THREE, NOW) == []
    assert not ruled.bars("distribution", THREE, LATER - dt.timedelta(microseconds=1))
    assert ruled.missing("distribution", THREE, LATER) == [Subject.THIRD_LEVEL]
    assert ruled.bars("distribution", THREE, LATER)


def test_a_stop_bars_one_mode_and_only_while_it_holds():
    ruled = read_rulings([("stop", "distribution", True, LATER.isoformat(), "complaints")])
    assert ruled.bars("distribution", TWO, NOW)
    assert ruled.stop("distribution", NOW).reason == "complaints"
    assert not ruled.bars("regional", TWO, NOW)
    assert not ruled.bars("distribution", TWO, LATER)
    assert not read_rulings([("stop", "distribution", False, None, "")]).bars("distribution", TWO, NOW)


def test_switching_off_is_never_barred():
    off = DistributionSettings(enabled=False)
    assert not read_rulings([("stop", "distribution", True, None, "")]).bars("distribution", off, NOW)
