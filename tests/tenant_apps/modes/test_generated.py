"""Form, schema and docs table follow the settings model by themselves."""

from pathlib import Path

import pytest
from django.http import QueryDict

from tenant_apps.modes import describing, forms, units
from tenant_apps.modes.distribution.settings import DistributionSettings
from tenant_apps.modes.registry import SETTINGS

PAGES = Path(__file__).resolve().parents[3] / "docs" / "vendors" / "modes"
EVERY = pytest.mark.parametrize("mode", list(SETTINGS))

SENT = (
    "enabled=on&rate_ppm_1=8.25&rate_ppm_2=3&rate_ppm_3=&fixed_fen_1=&fixed_fen_2=&fixed_fen_3=&base=profit"
    "&who_promotes=approved&bind_when=first_click&bind_days=0&overrides=product+P1+10+2&withdraw_min_fen=50&withdraw_fee_ppm=6.5%25"
    "&seller_least_ppm=0&seller_most_ppm=5"
)


def bound(text: str) -> forms.SettingsForm:
    return forms.settings_form("distribution")(QueryDict(text))


@EVERY
def test_form_has_a_field_a_setting_with_label_and_help(mode: str) -> None:
    form = forms.settings_form(mode)()
    assert list(form.fields) == list(SETTINGS[mode].model_fields)
    assert all(str(field.label) and str(field.help_text) for field in form.fields.values())


def test_form_reads_percent_and_yuan_into_ppm_and_fen() -> None:
    form = bound(SENT)
    assert form.is_valid(), form.errors
    settings = DistributionSettings.model_validate(form.values())
    assert settings.rate_ppm == (82_500, 30_000)
    assert (settings.withdraw_min_fen, settings.withdraw_fee_ppm) == (5000, 65_000)
    assert (settings.base, settings.self_buy, settings.fixed_fen) == ("profit", False, ())
    assert settings.overrides[0].rate_ppm == (100_000, 20_000)


def test_form_shows_what_is_in_force_in_peoples_units() -> None:
    settings = DistributionSettings(
        rate_ppm=(82_500, 30_000), overrides=[{"scope": "sku", "key": "S", "rate_ppm": [1]}]
    )
    page = forms.settings_form("distribution")(initial=forms.initial_of(settings)).as_p()
    assert 'value="8.25"' in page
    assert 'value="100.00"' in page
    assert "sku S 0.0001" in page


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (("rate_ppm_1=8.25", "rate_ppm_1=50.01"), "rate_ppm"),
        (("rate_ppm_1=8.25", "rate_ppm_1="), "rate_ppm"),
        (("rate_ppm_1=8.25", "rate_ppm_1=a"), "rate_ppm"),
        (("withdraw_min_fen=50", "withdraw_min_fen=0.5"), "withdraw_min_fen"),
        (("product+P1+10+2", "product+P1"), "overrides"),
        (("base=profit", "base=headcount"), "base"),
    ],
)
def test_form_names_the_setting_at_fault(change: tuple[str, str], field: str) -> None:
    form = bound(SENT.replace(*change))
    assert not form.is_valid()
    assert list(form.errors) == [field]


@EVERY
def test_schema_carries_units_and_ranges(mode: str) -> None:
    properties = describing.api_schema(mode)["properties"]
    assert list(properties) == list(SETTINGS[mode].model_fields)
    assert all({"unit", "title", "description", "default"} <= set(one) for one in properties.values())


@EVERY
def test_docs_table_is_the_generated_one(mode: str) -> None:
    page = (PAGES / f"{mode}.md").read_text(encoding="utf-8")
    begin, end = "<!-- settings: begin (generated) -->\n", "<!-- settings: end -->"
    assert page[page.index(begin) + len(begin) : page.index(end)] == describing.docs_table(mode), (
        f"write describing.docs_table({mode!r}) into {PAGES.name}/{mode}.md"
    )


@EVERY
def test_a_version_is_told_in_words(mode: str) -> None:
    told = dict(describing.described(mode, SETTINGS[mode]().model_dump(mode="json")))
    assert len(told) == len(SETTINGS[mode].model_fields)
    assert all(told.values())


@pytest.mark.parametrize("text", ["", "1e3", "nan", "1.00001", "a"])
def test_percentages_are_exact_or_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"percentage|decimals"):
        units.percent_to_ppm(text)
