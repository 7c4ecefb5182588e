"""The readiness list as the console shows it: the design package's facts, with the page on which each is done."""

import datetime as dt
from dataclasses import dataclass

from django.urls import reverse

from tenant_apps.design import selectors as design

_PAGES = {
    "brand": "brand",
    "texts": "brand",
    "licence": "brand",
    "product": "goods",
    "delivery": "brand",
    "payment": "channel",
    "live_channel": "channel",
    "approvals": "launch",
    "messages": "senders",
}


@dataclass(frozen=True)
class Step:
    """A line of the list; `link` is where it is done."""

    key: str
    done: bool
    text: str
    why: str
    link: str


def steps(*, now: dt.datetime) -> list[Step]:
    """The list before a mall goes live, in order."""
    return [Step(line.key, line.done, line.title, line.hint, _link(line.key)) for line in design.readiness(now=now)]


def _link(key: str) -> str:
    brand = design.published()
    if key == "delivery" and brand is not None and brand.return_address:  # then it is the freight that is missing
        return reverse("backoffice:settings", args=["orders"])
    return reverse(f"backoffice:{_PAGES[key]}")
