"""The settings form of a mode, made from its settings model: people see percent and yuan, the store holds ppm and fen."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, get_args

from django import forms
from django.utils.functional import Promise
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.text import format_lazy
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from tenant_apps.modes import faults, units
from tenant_apps.modes.contract import noop as gettext_noop
from tenant_apps.modes.rate_tables import parts_of
from tenant_apps.modes.registry import SETTINGS

CHOICE_WORDS = {
    "paid": gettext_noop("what was paid in money"),
    "gross": gettext_noop("goods before discounts"),
    "profit": gettext_noop("profit: paid less the supply price"),
    "concession": gettext_noop("the seller's concession"),
    "registered": gettext_noop("everybody who is signed up"),
    "approved": gettext_noop("promoters who applied and were approved (free)"),
    "designated": gettext_noop("people the mall has chosen"),
    "partners": gettext_noop("partners, as long as their membership runs"),
    "by_seller": gettext_noop("own goods: what was paid in money; a concession seller's: his concession"),
    "independent": gettext_noop("each its whole rate"),
    "differential": gettext_noop("only the difference to the grade below"),
    "platform": gettext_noop("stays with the mall"),
    "owners": gettext_noop("goes to those who hold the rest"),
    "first_click": gettext_noop("when he signs up by the link, or agrees to it"),
    "first_order": gettext_noop("with the first order"),
    "first_payment": gettext_noop("with the first payment"),
    "voucher": gettext_noop("vouchers for spending in the mall"),
    "cash": gettext_noop("money in the wallet"),
    "on_payment": gettext_noop("from payment on, as frozen"),
    "on_receipt": gettext_noop("once the goods are received"),
    "never": gettext_noop("a rank is never lost"),
    "month_end": gettext_noop("looked at on the last day of each month"),
    "turnover": gettext_noop("the turnover paid in money"),
    "by_trigger": gettext_noop("by the trigger"),
    "period": gettext_noop("this period with the one before"),
    "cumulative": gettext_noop("all turnover so far with that at the last period"),
    "global": gettext_noop("one pool for the mall"),
    "activity": gettext_noop("a pool for each campaign"),
    "ladder": gettext_noop("ladder: each lot's payout never falls"),
    "budget": gettext_noop("budget: the campaign's total never falls"),
    "flat": gettext_noop("is paid as the one before"),
    "hold": gettext_noop("is postponed until the deadline"),
    "calendar": gettext_noop("by the calendar"),
    "growth": gettext_noop("when turnover has grown"),
    "growth_or_deadline": gettext_noop("when turnover has grown, at the latest on the deadline"),
    "region": gettext_noop("a pool for each province"),
    "the_mall": gettext_noop("the mall"),
    "the_seller": gettext_noop("the seller of the goods"),
    "look_all": gettext_noop("new products and every change"),
    "look_new": gettext_noop("new products alone"),
    "look_none": gettext_noop("nothing"),
}


PART_WORDS = {
    "v1": "V1",
    "v2": "V2",
    "v3": "V3",
    "custom": gettext_noop("area of its own"),
    "street": gettext_noop("street"),
    "district": gettext_noop("district"),
    "city": gettext_noop("city"),
    "province": gettext_noop("province"),
    "region": gettext_noop("region of provinces"),
}


class UnitField(forms.CharField):
    """A number in a unit: typed as percent, yuan or days, cleaned to what is stored."""

    def __init__(self, *, unit: str, at_least: int | None, at_most: int | None, **more: Any) -> None:
        self.unit, self.at_least, self.at_most = unit, at_least, at_most
        more.setdefault("max_length", 20)
        super().__init__(**more)
        self.widget.attrs |= {"inputmode": "decimal", "data-unit": unit, "autocomplete": "off"}

    def prepare_value(self, value: Any) -> Any:
        return units.to_shown(self.unit, value) if isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if text == "":
            return None
        try:
            stored = units.to_stored(self.unit, text)
        except ValueError:
            raise forms.ValidationError(_("Please enter a number."), code="invalid") from None
        if (self.at_least is not None and stored < self.at_least) or (
            self.at_most is not None and stored > self.at_most
        ):
            raise forms.ValidationError(str(range_text(self.unit, self.at_least, self.at_most)), code="range")
        return stored


class LevelsWidget(forms.MultiWidget):
    """One input a level."""

    def __init__(self, count: int) -> None:
        super().__init__(
            {str(number): forms.TextInput(attrs={"inputmode": "decimal"}) for number in range(1, count + 1)}
        )

    def decompress(self, value: Any) -> list[Any]:
        return list(value or ())


class LevelsField(forms.MultiValueField):
    """A list of numbers by level; levels at the end may be left empty, none in between."""

    widget: LevelsWidget

    def __init__(self, *, unit: str, at_least: int | None, at_most: int | None, count: int, **more: Any) -> None:
        parts = tuple(
            UnitField(unit=unit, at_least=at_least, at_most=at_most, required=False) for _number in range(count)
        )
        self.unit = unit
        super().__init__(fields=parts, widget=LevelsWidget(count), require_all_fields=False, **more)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, list | tuple) and all(isinstance(one, int) for one in value):
            return [units.to_shown(self.unit, one) for one in value]
        return value

    def compress(self, data_list: Sequence[int | None]) -> list[int]:
        values = list(data_list)
        while values and values[-1] is None:
            values.pop()
        if None in values:
            raise forms.ValidationError(_("Fill the levels from the first one on."), code="gap")
        return [value for value in values if value is not None]


class TableWidget(forms.MultiWidget):
    """One input a rank or grade, each with its name."""

    def __init__(self, parts: Sequence[str]) -> None:
        self.parts = list(parts)
        super().__init__(
            {part: forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}) for part in parts}
        )

    def decompress(self, value: Any) -> list[Any]:
        return [value.get(part) for part in self.parts] if isinstance(value, Mapping) else []

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        inputs = self.get_context(name, value, attrs)["widget"]["subwidgets"]
        shown: list[tuple[str, SafeString]] = [
            (gettext(PART_WORDS[part]), self._render(one["template_name"], {"widget": one}, renderer))  # type: ignore[attr-defined]
            for part, one in zip(self.parts, inputs, strict=True)
        ]
        return format_html_join("", '<label class="bo-part"><span>{}</span> {}</label>', shown)


class TableField(forms.MultiValueField):
    """A number by rank or grade, all of them given."""

    widget: TableWidget

    def __init__(
        self, *, unit: str, at_least: int | None, at_most: int | None, parts: Sequence[str], **more: Any
    ) -> None:
        self.unit, self.parts = unit, list(parts)
        fields = tuple(UnitField(unit=unit, at_least=at_least, at_most=at_most) for _part in parts)
        super().__init__(fields=fields, widget=TableWidget(parts), **more)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {part: units.to_shown(self.unit, one) for part, one in value.items()}
        return value

    def compress(self, data_list: Sequence[int | None]) -> dict[str, int | None]:
        return dict(zip(self.parts, data_list, strict=True))


class KeysField(forms.CharField):
    """Keys of products or SKUs, one a line."""

    widget = forms.Textarea(attrs={"rows": 3, "spellcheck": "false"})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> Any:
        return list(dict.fromkeys(super().clean(value).split()))


class OverridesField(forms.CharField):
    """Rates of single categories, sellers, products and SKUs, one a line."""

    widget = forms.Textarea(attrs={"rows": 4, "spellcheck": "false"})

    def prepare_value(self, value: Any) -> Any:
        return units.overrides_to_text(value) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> Any:
        try:
            return units.overrides_from_text(super().clean(value))
        except ValueError as error:
            raise forms.ValidationError(faults.fault_text(error), code="invalid") from None


class SettingsForm(forms.Form):
    """Base of the generated forms: `values()` is what `services.publish_settings` takes."""

    settings_key = ""

    def values(self) -> dict[str, Any]:
        """The cleaned values, in stored units."""
        return {name: self.cleaned_data[name] for name in SETTINGS[self.settings_key].model_fields}


def settings_form(mode: str) -> type[SettingsForm]:
    """The form class of a mode: one field a setting, in the model's order, with label, help, range and default."""
    fields = {name: _form_field(field) for name, field in SETTINGS[mode].model_fields.items()}
    return type(f"{mode.title()}Form", (SettingsForm,), {"settings_key": mode, **fields})


def initial_of(settings: BaseModel) -> dict[str, Any]:
    """What an unbound form shows for settings in force."""
    return settings.model_dump(mode="json")


def range_text(unit: str, at_least: int | None, at_most: int | None) -> str | Promise:
    """The range in the unit that people see."""
    if at_least is not None and at_most is not None:
        low, high = units.with_sign(unit, at_least), units.with_sign(unit, at_most)
        return format_lazy(_("Allowed: {low} to {high}."), low=low, high=high)
    return ""


def extras(field: FieldInfo) -> Mapping[str, Any]:
    """What `setting()` recorded beside pydantic's own: unit, and the range of list members."""
    extra = field.json_schema_extra
    return extra if isinstance(extra, dict) else {}


def bounds(field: FieldInfo) -> tuple[int | None, int | None]:
    """Range of a number, or of each member of a list."""
    extra = extras(field)
    low, high = extra.get("at_least"), extra.get("at_most")
    for rule in field.metadata:
        low = getattr(rule, "ge", low)
        high = getattr(rule, "le", high)
    return low, high


def _form_field(field: FieldInfo) -> forms.Field:
    unit = extras(field)["unit"]
    low, high = bounds(field)
    common: dict[str, Any] = {
        "label": gettext_lazy(field.title or ""),
        "help_text": _help(field, unit, low, high),
        "initial": field.default,
    }
    if unit == "yes_no":
        return forms.BooleanField(required=False, **common)
    if unit == "choice":
        enum: type[StrEnum] = field.annotation  # type: ignore[assignment]
        choices = [(one.value, gettext_lazy(CHOICE_WORDS.get(one.value, one.value))) for one in enum]
        return forms.ChoiceField(choices=choices, **common)
    if unit == "overrides":
        return OverridesField(required=False, initial=list(common.pop("initial")), **common)
    if unit == "keys":
        return KeysField(required=False, **common)
    if parts := parts_of(field.annotation):
        common["initial"] = field.default.model_dump(mode="json")
        return TableField(unit=unit, at_least=low, at_most=high, parts=parts, **common)
    if get_args(field.annotation):
        lengths = [rule for rule in field.metadata if hasattr(rule, "max_length")]
        required = any(getattr(rule, "min_length", 0) for rule in field.metadata)
        count = lengths[0].max_length if lengths else 3
        return LevelsField(unit=unit, at_least=low, at_most=high, count=count, required=required, **common)
    return UnitField(unit=unit, at_least=low, at_most=high, **common)


def _help(field: FieldInfo, unit: str, low: int | None, high: int | None) -> Any:
    text = gettext_lazy(field.description or "")
    if low is None or high is None:
        return text
    return format_lazy("{text} {range}", text=text, range=range_text(unit, low, high))
