"""What is told of a launch checklist: its owner by a message, in Chinese as all the platform sends; its mall by a fact."""

import datetime as dt
from collections.abc import Iterable

from django.conf import settings
from django.utils import translation

from saas.identity import audit
from saas.messaging.bus import services as bus
from saas.messaging.notices import services as notices
from saas.support import selectors
from saas.support.models import LaunchItem
from saas.support.rules import SEEN_BY_THE_MALL, SETTLED, ItemState, WaitsFor, keeps_closed
from saas.tenants.vendors import selectors as vendor_facts

CHANGED = "checklist.changed"


def tell_cell(mall: str, items: Iterable[LaunchItem]) -> None:
    """Tell the mall what is open on its list. The caller holds the locks of all its items, so versions count up."""
    place = vendor_facts.place_or_none(mall)
    if place is None:
        return
    value = [
        {
            "key": item.key,
            "title": _title(item.key, "zh-hans"),
            "title_en": _title(item.key, "en"),
            "blocks": keeps_closed(item.key, filing_required=settings.FILING_REQUIRED),
        }
        for item in sorted(items, key=lambda one: one.position)
        if item.state not in SETTLED and item.key not in SEEN_BY_THE_MALL
    ]
    version = audit.count_of("launch_item.changed", target=f"mall:{mall}")
    fact = {"mall": mall, "value": value, "version": version}
    bus.publish(CHANGED, fact, key=f"{mall}:{version}", destination=place.cell.cell_id, mall=mall)


def _title(key: str, language: str) -> str:
    with translation.override(language):
        return str(selectors.item_title(key))


def tell_decided(item: LaunchItem, *, now: dt.datetime) -> None:
    """An operator settled an item, or gave it back to the vendor with a remark. Other changes are not worth a message."""
    key = f"launch:{item.pk}:{now.isoformat()}"
    if item.state == ItemState.DONE:
        _tell(item, "launch_item_done", key)
    elif item.state == ItemState.OPEN and item.waits_for == WaitsFor.VENDOR:
        _tell(item, "launch_item_back", key, note=item.note or "—")


def tell_expiring(item: LaunchItem, *, days: int) -> None:
    """A paper ends soon (`days` before), or has ended (0); each once for each last day."""
    day = item.expires_on.isoformat() if item.expires_on else "—"
    _tell(item, "launch_item_expires" if days else "launch_item_expired", f"launch:{item.pk}:{day}:{days}", day=day)


def _tell(item: LaunchItem, kind: str, key: str, **more: str) -> None:
    place = vendor_facts.place_or_none(item.mall)
    owner = place.vendor.owner if place else None
    if place is None or owner is None or not (owner.email or owner.phone):
        return
    to = {"to_email": owner.email} if owner.email else {"to_phone": owner.phone or ""}
    with translation.override("zh-hans"):
        context = {"item": selectors.item_title(item.key), "mall": place.name, **more}
        notices.send_notice(kind=kind, context=context, key=key, **to)
