"""How a setting is declared: one pydantic field with label, help, unit and range. Forms, schema and docs read it. Pure."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Unit = Literal["percent", "yuan", "days", "minutes", "pieces", "choice", "yes_no", "overrides", "keys"]


class Fault(ValueError):
    """Why values cannot be settings: a message id with its values, and the setting at fault. Put into words by `faults`."""

    def __init__(self, text: str, *, field: str = "", **data: Any) -> None:
        self.text, self.field, self.data = text, field, data
        super().__init__(text.format(**data))


class SettingsModel(BaseModel):
    """Base of every mode's settings: frozen, no unknown keys, no lenient conversions of money."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False, validate_default=True)


def setting(
    default: Any,
    *,
    label: str,
    help: str,
    unit: Unit,
    at_least: int | None = None,
    at_most: int | None = None,
    lengths: tuple[int, int] | None = None,
    table: bool = False,
) -> Any:
    """A field of a SettingsModel. Percents are stored in ppm, yuan in fen; `label` and `help` are message ids.

    `lengths`: a list of so many; `table`: a number by rank or grade (rate_tables). The range is then of each member.
    """
    extra: dict[str, Any] = {"unit": unit}
    if table:
        extra |= {"at_least": at_least, "at_most": at_most}
        return Field(default, title=label, description=help, json_schema_extra=extra)
    if lengths:
        extra |= {"at_least": at_least, "at_most": at_most}
        return Field(
            default,
            title=label,
            description=help,
            json_schema_extra=extra,
            min_length=lengths[0],
            max_length=lengths[1],
        )
    return Field(default, title=label, description=help, json_schema_extra=extra, ge=at_least, le=at_most)
