"""The readiness list as the console shows it: the design package's facts, with the page on which each is done."""

import datetime as dt
from dataclasses import dataclass

from tenant_apps.design import selectors as design

_PAGES = {
    "brand": "brand",
    "texts": "brand",
    "licence": "brand",
    "product": "goods",
    "delivery": "brand",
    "payment": "channel",
    "live_channel": "channel",
}


@dataclass(frozen=True)
class Step:
    """A line of the list; `page` is where it is done."""

    key: str
    done: bool
    text: str
    why: str
    page: str


def steps(*, now: dt.datetime) -> list[Step]:
    """The list before a mall goes live, in order."""
    return [Step(line.key, line.done, line.title, line.hint, _PAGES[line.key]) for line in design.readiness(now=now)]
