"""A settings model as documents: the API's schema, the docs' table, a version in words. Generated, never written by hand."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from tenant_apps.modes import units
from tenant_apps.modes.forms import CHOICE_WORDS, PART_WORDS, bounds, extras
from tenant_apps.modes.rate_tables import Table
from tenant_apps.modes.registry import SETTINGS

_UNITS = {
    "percent": "percent (ppm)",
    "yuan": "yuan (fen)",
    "days": "days",
    "yes_no": "yes or no",
    "minutes": "minutes",
    "pieces": "pieces",
    "choice": "choice",
    "overrides": "lines",
    "keys": "lines",
}


def api_schema(mode: str) -> dict[str, Any]:
    """JSON schema of a mode's settings, units included: what the API publishes and accepts."""
    return SETTINGS[mode].model_json_schema()


def docs_table(mode: str) -> str:
    """The table of docs/vendors/modes/<mode>.md, between its markers."""
    rows = ["| Setting | Key | Unit (stored as) | Range | Default | Meaning |", "|---|---|---|---|---|---|"]
    for name, field in SETTINGS[mode].model_fields.items():
        unit = extras(field)["unit"]
        cells = [
            field.title or name,
            f"`{name}`",
            _UNITS[unit],
            _range(field, unit),
            _default(field, unit),
            field.description or "",
        ]
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(rows) + "\n"


def described(mode: str, values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """A version's values in words and units, in the reader's language: (label, value)."""
    settings: BaseModel = SETTINGS[mode].model_validate(dict(values))
    stored = settings.model_dump(mode="json")
    return [
        (gettext(field.title or name), shown(extras(field)["unit"], stored[name]))
        for name, field in type(settings).model_fields.items()
    ]


def shown_value(mode: str, name: str, value: Any) -> str:
    """One stored setting as people read it."""
    return shown(extras(SETTINGS[mode].model_fields[name])["unit"], value)


def shown(unit: str, value: Any) -> str:
    """One stored value as people read it."""
    if unit == "yes_no":
        return gettext("yes") if value else gettext("no")
    if unit == "choice":
        return gettext(CHOICE_WORDS.get(value, value))
    if unit == "overrides":
        return units.overrides_to_text(value) or "–"
    if unit == "keys":
        return ", ".join(value) or "–"
    if isinstance(value, Mapping):
        return " / ".join(f"{gettext(PART_WORDS[part])} {units.with_sign(unit, one)}" for part, one in value.items())
    if isinstance(value, list | tuple):
        return " / ".join(units.with_sign(unit, one) for one in value) or "–"
    return units.with_sign(unit, value)


def _range(field: FieldInfo, unit: str) -> str:
    if unit == "choice" and isinstance(field.annotation, type) and issubclass(field.annotation, StrEnum):
        return ", ".join(f"`{one.value}`" for one in field.annotation)
    low, high = bounds(field)
    text = (
        f"{units.with_sign(unit, low)} – {units.with_sign(unit, high)}" if low is not None and high is not None else ""
    )
    lengths = {
        name: getattr(rule, name)
        for rule in field.metadata
        for name in ("min_length", "max_length")
        if hasattr(rule, name)
    }
    if "max_length" in lengths:
        text = f"{text}; {lengths.get('min_length', 0)} to {lengths['max_length']} of them".lstrip("; ")
    return text


def _default(field: FieldInfo, unit: str) -> str:
    if unit == "yes_no":
        return "yes" if field.default else "no"
    if unit == "choice":
        return f"`{field.default}`"
    if unit in ("overrides", "keys"):
        return "none"
    if isinstance(field.default, Table):
        stored = field.default.model_dump(mode="json")
        return " / ".join(f"{PART_WORDS[part]} {units.with_sign(unit, one)}" for part, one in stored.items())
    if isinstance(field.default, tuple):
        return " / ".join(units.with_sign(unit, one) for one in field.default) or "none"
    return units.with_sign(unit, field.default)
