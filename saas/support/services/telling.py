"""What the owner of a mall is told of its launch checklist, in Chinese as everything the platform sends to vendors."""

import datetime as dt

from django.utils import translation

from saas.messaging.notices import services as notices
from saas.support import selectors
from saas.support.models import LaunchItem
from saas.support.rules import ItemState, WaitsFor
from saas.tenants.vendors import selectors as vendor_facts


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
