"""Lines over periods as inline SVG: no script draws them, so they print and load with the page. Integers in, shapes out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import get_language

from saas.kernel.money import format_multiple, format_percent

WIDTH, HEIGHT = 1000, 400
_STEPS = (1, 2, 5)
_TICKS = 5
_CHINESE = ((10**12, "万亿"), (10**8, "亿"), (10**4, "万"))
_ENGLISH = ((10**12, "tn"), (10**9, "bn"), (10**6, "m"), (10**3, "k"))


@dataclass(frozen=True, kw_only=True)
class Series:
    """A line: a value a period, None where there is none. `tone` is a colour of the style sheet."""

    label: str | Promise
    tone: str
    values: Sequence[int | None]
    dashed: bool = False


@dataclass(frozen=True)
class Line:
    """A drawn series: its pieces between gaps, as SVG points."""

    label: str | Promise
    tone: str
    dashed: bool
    pieces: Sequence[str]
    values: Sequence[int | None]


@dataclass(frozen=True)
class Chart:
    """A picture: lines, marks of both axes as (percent from the left or bottom, text), and bands of held periods."""

    title: str | Promise
    unit: str
    lines: Sequence[Line]
    rows: Sequence[tuple[float, str]]
    columns: Sequence[tuple[float, str]]
    bands: Sequence[tuple[float, float]]
    first: int
    note: str | Promise = ""

    @property
    def data(self) -> list[dict[str, object]]:
        """What the read-out under a finger needs."""
        return [{"label": str(one.label), "tone": one.tone, "values": list(one.values)} for one in self.lines]


def draw(
    title: str | Promise,
    series: Sequence[Series],
    *,
    unit: str,
    first: int = 1,
    held: Sequence[bool] = (),
    note: str | Promise = "",
) -> Chart:
    """A chart of series that begin with period `first`; `unit`: yuan (fen), percent or times (ppm), points (cp)."""
    count = max([len(one.values) for one in series], default=0)
    values = [value for one in series for value in one.values if value is not None]
    marks = ticks(max([0, *values]), least=min([0, *values]))
    top, bottom = marks[-1], marks[0]
    lines = [
        Line(one.label, one.tone, one.dashed, _pieces(one.values, count, bottom, top), one.values) for one in series
    ]
    shown = SHOWN[unit]
    return Chart(
        title=title,
        unit=unit,
        lines=lines,
        rows=[(round((mark - bottom) * 100 / (top - bottom), 2), shown(mark)) for mark in marks],
        columns=_columns(count, first),
        bands=_bands(held, count),
        first=first,
        note=note,
    )


def ticks(most: int, *, least: int = 0) -> list[int]:
    """Round marks from at most `least` to at least `most`, about five of them, always two."""
    span = max(most - least, 1)
    step = 1
    while span > step * _TICKS:
        power = 10 ** (len(str(step)) - 1)
        lead = step // power
        step = power * next((one for one in _STEPS if one > lead), 10)
    low, high = least // step, -(-most // step)
    return [number * step for number in range(low, max(high, low + 1) + 1)]


def _x(place: int, count: int) -> float:
    return place * WIDTH / (count - 1) if count > 1 else WIDTH / 2


def _pieces(values: Sequence[int | None], count: int, bottom: int, top: int) -> list[str]:
    """The line, broken where there is no value; a single point is drawn as a short dash."""
    found: list[list[str]] = [[]]
    for place, value in enumerate(values):
        if value is None:
            found.append([])
        else:
            found[-1].append(f"{_x(place, count):.1f},{HEIGHT - (value - bottom) * HEIGHT / (top - bottom):.1f}")
    return [" ".join(one if len(one) > 1 else [*one, *one]) for one in found if one]


def _columns(count: int, first: int) -> list[tuple[float, str]]:
    if not count:
        return []
    step = max(1, ticks(count)[1])
    places = [place for place in range(count) if place == 0 or (place + first) % step == 0]
    if len(places) > 1 and places[1] - places[0] < step / 2:
        del places[1]
    return [(round(_x(place, count) * 100 / WIDTH, 2), str(place + first)) for place in places]


def _bands(held: Sequence[bool], count: int) -> list[tuple[float, float]]:
    """Start and width of each run of held periods."""
    found: list[tuple[float, float]] = []
    start: int | None = None
    for place, one in enumerate([*held, False]):
        if one and start is None:
            start = place
        elif not one and start is not None:
            left = _x(start, count) - WIDTH / max(count, 2) / 2
            found.append((round(max(left, 0), 1), round((place - start) * WIDTH / max(count, 2), 1)))
            start = None
    return found


def compact(value: int, scale: int) -> str:
    """A long number as people say it: `value` in units of 1/`scale`, e.g. fen with 100. 3.2亿, 320m."""
    chinese = (get_language() or "").startswith("zh")
    sign, whole = ("−" if value < 0 else ""), abs(value)
    for size, word in _CHINESE if chinese else _ENGLISH:
        if whole >= size * scale:
            return f"{sign}{_short(whole * 100 // (size * scale))}{word}"
    return f"{sign}{_short(whole * 100 // scale)}"


def _short(hundredths: int) -> str:
    text = f"{hundredths / 100:.2f}" if hundredths < 10_000 else f"{hundredths // 100}"
    return text.rstrip("0").rstrip(".") if "." in text else text


SHOWN: dict[str, Callable[[int], str]] = {
    "yuan": lambda fen: f"¥{compact(fen, 100)}",
    "points": lambda points: compact(points, 100),
    "percent": lambda ppm: format_percent(round(ppm, -2)),
    "times": format_multiple,
    "number": str,
}
