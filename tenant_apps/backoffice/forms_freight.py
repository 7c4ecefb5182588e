"""The form of a freight template: rates a row each, regions by name, amounts in yuan."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.http import QueryDict
from django.utils.translation import gettext as _

from saas.kernel.errors import InvalidInput
from saas.kernel.money import format_yuan, parse_yuan
from tenant_apps.members import divisions as china
from tenant_apps.orders.freight import Basis, Rate, Template
from tenant_apps.orders.models import FreightTemplate
from tenant_apps.orders.services import as_rule

EMPTY_ROWS = 3
MAX_ROWS = 40


@dataclass(frozen=True)
class Row:
    """One rate as it stands in the form."""

    regions: str = ""
    first: str = ""
    first_amount: str = ""
    next: str = ""
    next_amount: str = ""
    free_from_amount: str = ""
    free_from_count: str = ""


@dataclass(frozen=True)
class Values:
    """The whole form as text."""

    name: str = ""
    basis: str = Basis.PIECE.value
    unreachable: str = ""
    is_default: bool = False
    rows: Sequence[Row] = field(
        default_factory=lambda: [Row(first="1", first_amount="8.00", next="1", next_amount="0")]
    )

    @property
    def all_rows(self) -> list[Row]:
        """Those filled in, and some to fill."""
        return [*self.rows, *[Row() for _row in range(EMPTY_ROWS)]][:MAX_ROWS]


def values_of(row: FreightTemplate) -> Values:
    """A stored template as the form shows it."""
    template = as_rule(row)
    return Values(
        name=row.name,
        basis=row.basis,
        unreachable=names_of(template.unreachable),
        is_default=row.is_default,
        rows=[_shown(rate) for rate in template.rates],
    )


def typed(posted: QueryDict) -> Values:
    """What was typed; rows left empty are dropped."""
    columns = {name: posted.getlist(name)[:MAX_ROWS] for name in Row.__dataclass_fields__}
    number = min((len(values) for values in columns.values()), default=0)
    rows = [Row(**{name: values[place].strip() for name, values in columns.items()}) for place in range(number)]
    return Values(
        name=posted.get("name", ""),
        basis=posted.get("basis", ""),
        unreachable=posted.get("unreachable", ""),
        is_default=posted.get("is_default") == "1",
        rows=[row for row in rows if row != Row()],
    )


def template_of(values: Values, ulid: str) -> Template:
    """What was typed as a template. Raises InvalidInput naming the field, and the row where it stands in one."""
    if values.basis not in list(Basis):
        raise InvalidInput(_("Choose whether pieces or grams are counted."), field="basis")
    return Template(
        ulid=ulid,
        name=values.name,
        basis=Basis(values.basis),
        rates=tuple(_rate(row, number) for number, row in enumerate(values.rows, 1)),
        unreachable=codes_of(values.unreachable, "unreachable"),
    )


def codes_of(text: str, where: str, number: int = 0) -> tuple[str, ...]:
    """`广东省, 深圳市` as codes. Raises InvalidInput naming what is no province or city."""
    known = _by_name()
    found = []
    for name in text.replace("，", " ").replace("、", " ").replace(",", " ").split():
        code = known.get(name) or (name if name in known.values() else "")
        if not code:
            message = _("“%(name)s” is no province or city.") % {"name": name}
            raise InvalidInput(_at(number) + message, field=where)
        found.append(code)
    return tuple(dict.fromkeys(found))


def names_of(codes: Sequence[str]) -> str:
    """Codes as `广东省, 深圳市`."""
    names = {code: name for name, code in _by_name().items()}
    return ", ".join(names.get(code, code) for code in codes)


def _by_name() -> dict[str, str]:
    """Provinces and cities; a city that is called like its province is the province."""
    found: dict[str, str] = {}
    for province in china.divisions():
        for city in china.divisions(province.code):
            found.setdefault(city.name, city.code)
    return found | {province.name: province.code for province in china.divisions()}


def _rate(row: Row, number: int) -> Rate:
    return Rate(
        first=_whole(row.first, number),
        first_amount=_yuan(row.first_amount, number),
        next=_whole(row.next or "0", number),
        next_amount=_yuan(row.next_amount or "0", number),
        regions=codes_of(row.regions, "regions", number),
        free_from_amount=_yuan(row.free_from_amount, number) if row.free_from_amount else None,
        free_from_count=_whole(row.free_from_count, number) if row.free_from_count else None,
    )


def _shown(rate: Rate) -> Row:
    return Row(
        regions=names_of(rate.regions),
        first=str(rate.first),
        first_amount=format_yuan(rate.first_amount),
        next=str(rate.next),
        next_amount=format_yuan(rate.next_amount),
        free_from_amount="" if rate.free_from_amount is None else format_yuan(rate.free_from_amount),
        free_from_count="" if rate.free_from_count is None else str(rate.free_from_count),
    )


def _whole(text: str, number: int) -> int:
    if not text.isdecimal() or len(text) > 8:
        message = _("“%(text)s” is no whole number of pieces or grams.") % {"text": text}
        raise InvalidInput(_at(number) + message, field="rates")
    return int(text)


def _yuan(text: str, number: int) -> int:
    try:
        return parse_yuan(text)
    except ValueError:
        message = _("“%(text)s” is no amount such as 8.00.") % {"text": text}
        raise InvalidInput(_at(number) + message, field="rates") from None


def _at(number: int) -> str:
    return _("Row %(number)s:") % {"number": number} + " " if number else ""
