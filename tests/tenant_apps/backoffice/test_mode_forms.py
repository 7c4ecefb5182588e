"""The generated forms of the earning modes: what staff see and type, and what is published of it."""

import re

import pytest

from tenant_apps.modes import selectors
from tenant_apps.modes.forms import LevelsField, TableField, initial_of, settings_form
from tenant_apps.modes.registry import SETTINGS

pytestmark = pytest.mark.usefixtures("rehearsing")  # what takes two persons: test_two_persons.py

PUBLISHED = {"step": "publish", "reason": "New season", "accept_cautions": "1", "expected_number": "0"}


def typed(mode: str, **changes: str) -> dict[str, str]:
    """A form as a browser would send it: the defaults, and what somebody typed instead."""
    form = settings_form(mode)(initial=initial_of(SETTINGS[mode]()))
    sent: dict[str, str] = {}
    for bound in form:
        value = bound.value()
        if isinstance(bound.field, TableField | LevelsField):
            named = value.items() if isinstance(value, dict) else zip("123", value, strict=False)
            sent |= {f"{bound.name}_{part}": str(one) for part, one in named}
        elif value is not False:
            sent[bound.name] = "on" if value is True else str(value)
    return sent | PUBLISHED | changes


@pytest.mark.parametrize("mode", ["differential", "gift_pack", "regional", "store_income", "link21"])
def test_every_setting_has_a_field_with_its_label(owner, mode):
    answer = owner.get(f"/backoffice/settings/{mode}/", HTTP_ACCEPT_LANGUAGE="en")
    assert answer.status_code == 200
    page = answer.content.decode()
    names = set(re.findall(r'name="(\w+)"', page))
    assert set(typed(mode)) - {"step"} <= names | {"accept_cautions"}


@pytest.mark.parametrize(
    ("mode", "changes", "setting", "stored"),
    [
        ("differential", {"max_depth": "2", "rank_rate_ppm_v2": "7.5"}, "rank_rate_ppm", {"v2": 75_000}),
        ("differential", {"max_depth": "2", "upgrade_own_fen_v1": "88.80"}, "upgrade_own_fen", {"v1": 8_880}),
        ("gift_pack", {"max_depth": "2", "area_ppm_city": "1.25"}, "area_ppm", {"city": 12_500}),
        ("regional", {"rate_ppm_street": "0.5"}, "rate_ppm", {"street": 5_000, "district": 30_000}),
        ("store_income", {"overrides": "product p off\nsku s 12.5"}, "overrides", None),
        ("link21", {"products": "a\nb\na"}, "products", None),
    ],
)
def test_tables_lists_and_overrides_are_published(owner, mode, changes, setting, stored):
    answer = owner.post(f"/backoffice/settings/{mode}/", typed(mode, **changes))
    assert answer.status_code == 302, re.findall(r'(?s)class="bo-(?:error|note)[^>]*>([^<]*)', answer.content.decode())
    values = selectors.history(mode=mode).first().values[setting]
    if stored is not None:
        assert stored.items() <= values.items()
    elif mode == "link21":
        assert values == ["a", "b"]
    else:
        assert [(one["scope"], one["key"], one["rate_ppm"]) for one in values] == [
            ("product", "p", [0]),
            ("sku", "s", [125_000]),
        ]


@pytest.mark.parametrize(
    ("mode", "changes"),
    [
        ("differential", {"max_depth": "2", "rank_rate_ppm_v3": "1"}),
        ("differential", {"max_depth": "2", "rank_rate_ppm_v3": ""}),
        ("differential", {"max_depth": "2", "rank_rate_ppm_v3": "50.01"}),
        ("differential", {}),  # three steps where the mall sells through WeChat
        ("gift_pack", {"max_depth": "2", "payout_cap_ppm": "70.01"}),
        ("regional", {"rate_ppm_city": "10.01"}),
        ("store_income", {"rate_ppm": "2.99"}),
        ("link21", {"enabled": "on"}),
        ("link21", {"need_directs": "3"}),
    ],
)
def test_what_is_wrong_is_named_and_nothing_published(owner, mode, changes):
    answer = owner.post(f"/backoffice/settings/{mode}/", typed(mode, **changes))
    assert answer.status_code in (409, 422)
    assert re.search(r'class="bo-(error|note bo-note-bad)"', answer.content.decode())
    assert not selectors.history(mode=mode).exists()
