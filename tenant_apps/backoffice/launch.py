"""The readiness list as the console shows it: the design package's facts, with the page on which each is done."""

import datetime as dt
from dataclasses import dataclass

from django.core.cache import caches
from django.db import transaction
from django.urls import reverse

from saas.kernel.ids import new_ulid
from saas.messaging.bus import services as bus
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


_ITEMS = {
    "live_channel": "payment_merchant",
    "texts": "legal_texts",
    "product": "first_products",
}  # as control calls them
_TOLD_SECONDS = 6 * 3600


def report_done(*, now: dt.datetime) -> None:
    """Tell control which items of its launch checklist this mall has done, whenever there are more of them."""
    told = caches["default"].get("launch-told", [])
    if len(told) == len(_ITEMS):
        return
    seen = design.what_is_done(now)
    done = sorted(item for key, item in _ITEMS.items() if seen[key])
    if done and done != told:
        with transaction.atomic():
            bus.publish("launch.seen", {"done": done}, key=new_ulid(), destination=bus.CONTROL)
        caches["default"].set("launch-told", done, _TOLD_SECONDS)


def _link(key: str) -> str:
    brand = design.published()
    if key == "delivery" and brand is not None and brand.return_address:  # then it is the freight that is missing
        return reverse("backoffice:settings", args=["orders"])
    return reverse(f"backoffice:{_PAGES[key]}")
