"""Units of settings between people and the store: percent ↔ ppm, yuan ↔ fen, lines of text ↔ overrides. Pure."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from saas.kernel.money import format_percent, format_yuan, parse_yuan
from tenant_apps.modes.contract import noop as _
from tenant_apps.modes.settings_model import Fault

OFF = "off"  # instead of rates: the mode earns nobody anything here


def percent_to_ppm(text: str) -> int:
    """`5.25` or `5.25%` → 52 500. Raises ValueError for anything finer than 0.0001 %, or not a number."""
    cleaned = text.strip().removesuffix("%").removesuffix("％").strip()
    try:
        value = Decimal(cleaned)
    except InvalidOperation:
        raise Fault(_("not a percentage: {given}"), given=text.strip()) from None
    if not value.is_finite() or "e" in cleaned.lower():
        raise Fault(_("not a percentage: {given}"), given=text.strip())
    ppm = value * 10_000
    if ppm != ppm.to_integral_value():
        raise Fault(_("more than four decimals: {given}"), given=text.strip())
    return int(ppm)


def ppm_to_percent(rate_ppm: int) -> str:
    """52 500 → `5.25`."""
    return format_percent(rate_ppm).removesuffix("%")


def to_stored(unit: str, text: str) -> int:
    """What a person typed, as it is stored. Raises ValueError."""
    if unit == "percent":
        return percent_to_ppm(text)
    if unit == "yuan":
        return parse_yuan(text)
    return int(text.strip())


def to_shown(unit: str, value: int) -> str:
    """What is stored, as a person types it."""
    if unit == "percent":
        return ppm_to_percent(value)
    return format_yuan(value) if unit == "yuan" else str(value)


def with_sign(unit: str, value: int) -> str:
    """What is stored, with its sign: `5%`, `¥100.00`, `7`."""
    if unit == "percent":
        return format_percent(value)
    return f"¥{format_yuan(value)}" if unit == "yuan" else str(value)


def overrides_to_text(overrides: Sequence[Mapping[str, Any]]) -> str:
    """One line an override: `product 01J… 8 3`, or `product 01J… off`."""
    return "\n".join(" ".join([one["scope"], one["key"], *_override_rates(one["rate_ppm"])]) for one in overrides)


def _override_rates(rates: Sequence[int]) -> list[str]:
    return [ppm_to_percent(rate) for rate in rates] if any(rates) else [OFF]


def overrides_from_text(text: str) -> list[dict[str, Any]]:
    """The lines of `overrides_to_text`. Raises ValueError naming the line."""
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        scope, *rest = line.split()
        if len(rest) < 2:
            raise Fault(_("line {number}: scope, key and at least one percentage are needed"), number=number)
        try:
            rates = [0] if rest[1:] == [OFF] else [percent_to_ppm(part) for part in rest[1:]]
        except Fault as error:
            raise Fault(_("line {number}: {why_fault}"), number=number, why_fault=error) from None
        found.append({"scope": scope.lower(), "key": rest[0], "rate_ppm": rates})
    return found
