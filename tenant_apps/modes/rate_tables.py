"""Settings that hold one number a rank or one a grade of area. Pure."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tenant_apps.modes.contract import noop as _
from tenant_apps.modes.settings_model import Fault

Rate = Annotated[int, Field(ge=0, le=500_000, strict=True)]
GradeRate = Annotated[int, Field(ge=0, le=100_000, strict=True)]
Fen = Annotated[int, Field(ge=0, le=10**12, strict=True)]


class Table(BaseModel):
    """Base of the tables: frozen, a number by name, no other names."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class RankAmounts(Table):
    """Fen by rank; 0: there is no such amount."""

    v1: Fen = 0
    v2: Fen = 0
    v3: Fen = 0

    def of(self, rank: int) -> int:
        """Fen of V1 to V3."""
        return (0, self.v1, self.v2, self.v3)[rank]


class RankRates(Table):
    """Rates by rank: a higher rank never has a lower one."""

    v1: Rate = 50_000
    v2: Rate = 80_000
    v3: Rate = 100_000

    @model_validator(mode="after")
    def _never_falling(self) -> "RankRates":
        require_rising((self.v1, self.v2, self.v3))
        return self

    def of(self, rank: int) -> int:
        """Rate of a rank in ppm; 0 for somebody without one."""
        return (0, self.v1, self.v2, self.v3)[rank]


class GradeRates(Table):
    """Rates by grade of area (MODES 8)."""

    custom: GradeRate = 0
    street: GradeRate = 0
    district: GradeRate = 30_000
    city: GradeRate = 20_000
    province: GradeRate = 10_000
    region: GradeRate = 0

    def of(self, grade: str) -> int:
        """Rate of a grade, by its name, in ppm."""
        rate: int = getattr(self, grade)
        return rate


class PackGradeRates(Table):
    """Rates of a gift pack's areas (MODES 6)."""

    district: GradeRate = 30_000
    city: GradeRate = 20_000
    province: GradeRate = 10_000

    def of(self, grade: str) -> int:
        """Rate of a grade, by its name, in ppm; 0 for a grade that gift packs do not know."""
        rate: int = getattr(self, grade, 0)
        return rate


def require_rising(rates: tuple[int, ...]) -> None:
    """Raises ValueError where a higher rank has a lower rate."""
    if list(rates) != sorted(rates):
        raise Fault(_("a higher rank may not have a lower rate"))


def parts_of(annotation: Any) -> list[str]:
    """Names in a table, in their order; empty where the annotation is no table."""
    is_table = isinstance(annotation, type) and issubclass(annotation, Table)
    return list(annotation.model_fields) if is_table else []
