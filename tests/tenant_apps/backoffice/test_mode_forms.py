"""The generated forms of the earning modes: what staff see and type, and what is published of it."""

import re

import pytest
from django.utils import translation

from tenant_apps.modes import selectors, services
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


WRONG = {
    "distribution": {"rate_ppm": [600_000, 500_000]},
    "link21": {"direct_fen": -1},
    "gift_pack": {"level_ppm": [600_000, 500_000]},
    "store_income": {"rate_ppm": 29_999},
    "differential": {"upgrade_own_fen": {"v1": 2, "v2": 1, "v3": 0}},
    "regional": {"rate_ppm": {"city": 100_001}},
    "partner_membership": {"fee_fen": "x"},
    "manager_award": {"tier_from_fen": [0, 5, 5], "tier_rate_ppm": [0, 1, 2]},
    "shop_growth": {"level_from_fen": [3]},
    "merchant_referral": {"rate_ppm": 1_000_001},
    "settlement": {"aftersales_days": 6},
    "orders": {"max_quantity": "many"},
}


@pytest.mark.parametrize("mode", SETTINGS)
def test_every_models_refusal_names_the_setting_in_chinese(mode):
    """What the model itself says, whoever asks (form, API): the setting by its label, the reason, no English word."""
    values = WRONG.get(mode, {"enabled": "perhaps"})
    with translation.override("zh-hans"), pytest.raises(services.SettingsInvalid) as refused:
        services.parse_settings(mode, values)
    name = next(iter(values))
    assert str(refused.value.field).split(".")[0] == name
    with translation.override("zh-hans"):
        label = translation.gettext(SETTINGS[mode].model_fields[name].title)
    assert label in refused.value.text
    assert not re.search(r"[A-Za-z]{4,}", refused.value.text), refused.value.text


@pytest.mark.parametrize("values", [{"no_such_key": 1}, {"levels": None}])
def test_unknown_keys_and_nothing_are_refused_in_chinese(values):
    with translation.override("zh-hans"), pytest.raises(services.SettingsInvalid) as refused:
        services.parse_settings("distribution", values)
    assert next(iter(values)) == refused.value.field and re.search(r"[一-龥]", refused.value.text)


@pytest.mark.parametrize(
    ("mode", "changes", "words"),
    [
        ("distribution", {"overrides": "product"}, "第 1 行"),
        ("distribution", {"overrides": "product p x%"}, "不是百分比"),
        ("distribution", {"rate_ppm_1": "60", "rate_ppm_2": "50"}, "最多|不能超过|可填|范围"),
        ("store_income", {"rate_ppm": "2.99"}, "门店分成为 0"),
        ("differential", {"max_depth": "2", "rank_rate_ppm_v3": "1"}, "较高等级的比例不能更低"),
        ("gift_pack", {"payout_cap_ppm": "70.01"}, "%"),
    ],
)
def test_the_form_says_in_chinese_what_is_wrong(owner, mode, changes, words):
    answer = owner.post(f"/backoffice/settings/{mode}/", typed(mode, **changes))
    errors = re.findall(
        r'class="bo-(?:error|note bo-note-bad)"[^>]*>(.*?)</(?:p|div)', answer.content.decode(), re.DOTALL
    )
    assert answer.status_code == 422 and re.search(words, " ".join(errors)), errors
    assert all(re.search(r"[一-龥]", one) for one in errors), errors
