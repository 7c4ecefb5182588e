"""Why values cannot be settings, in the reader's language: what pydantic and the models themselves say about a draft."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from tenant_apps.modes import units
from tenant_apps.modes.contract import noop as _
from tenant_apps.modes.settings_model import Fault

# Kinds of pydantic's own errors that a draft of settings can run into; `{…}` are its context's values.
_TEXTS = {
    "greater_than_equal": _("at least {limit}"),
    "greater_than": _("more than {limit}"),
    "less_than_equal": _("at most {limit}"),
    "less_than": _("less than {limit}"),
    "too_short": _("at least {limit} of them"),
    "too_long": _("at most {limit} of them"),
    "string_too_short": _("at least {limit} characters"),
    "string_too_long": _("at most {limit} characters"),
    "missing": _("this is needed"),
    "extra_forbidden": _("there is no such setting"),
    "enum": _("one of: {expected}"),
    "literal_error": _("one of: {expected}"),
}
_LIMITS = ("ge", "gt", "le", "lt", "min_length", "max_length")
_NUMBERS = ("int_", "float_", "decimal_")
_LENGTHS = ("too_short", "too_long", "string_too_short", "string_too_long")


def fault_text(error: ValueError) -> str:
    """A fault of a settings model, or of a text that a person typed, in the active language."""
    if not isinstance(error, Fault):
        return str(error)
    data = {name: fault_text(value) if name.endswith("_fault") else value for name, value in error.data.items()}
    return gettext(error.text).format(**data)


def fields_at_fault(model: type[BaseModel], error: ValidationError) -> dict[str, str]:
    """What is wrong with each setting: its name (`rate_ppm.1` is the second of a list) and a text that names it too."""
    found: dict[str, str] = {}
    for one in error.errors(include_url=False):
        fault = one.get("ctx", {}).get("error")
        path = [str(part) for part in one["loc"]]
        if not path and isinstance(fault, Fault) and fault.field:
            path = [fault.field]
        name = ".".join(path) or "settings"
        found.setdefault(name, f"{_label(model, path)}: {_text(model, path, one, fault)}")
    return found


def _label(model: type[BaseModel], path: list[str]) -> str:
    field = model.model_fields.get(path[0]) if path else None
    if field is None:
        return path[0] if path else gettext(_("these settings"))
    place = f" {int(path[1]) + 1}" if len(path) > 1 and path[1].isdigit() else ""
    return f"{gettext(field.title or path[0])}{place}"


def _text(model: type[BaseModel], path: list[str], one: ErrorDetails, fault: Any) -> str:
    if isinstance(fault, Fault):
        return fault_text(fault)
    kind, context = one["type"], one.get("ctx", {})
    if kind.startswith(_NUMBERS):
        return gettext(_("a whole number is needed"))
    if kind.startswith("bool_"):
        return gettext(_("yes or no is needed"))
    if kind not in _TEXTS:
        return gettext(_("this value cannot be used"))
    return gettext(_TEXTS[kind]).format(
        limit=_limit(model, path, kind, context), expected=str(context.get("expected", "")).replace(" or ", ", ")
    )


def _limit(model: type[BaseModel], path: list[str], kind: str, context: Mapping[str, Any]) -> str:
    value = next((context[name] for name in _LIMITS if name in context), "")
    field = model.model_fields.get(path[0]) if path else None
    extra = field.json_schema_extra if field is not None and isinstance(field.json_schema_extra, dict) else {}
    if field is None or kind in _LENGTHS or not isinstance(value, int):
        return str(value)
    return units.with_sign(str(extra["unit"]), value) if "unit" in extra else str(value)
