"""Freight templates."""

import datetime as dt

from saas.kernel.errors import NotFound
from tenant_apps.modes import selectors as modes
from tenant_apps.orders.models import FreightTemplate


def freight_templates(*, seller_ulid: str | None = None) -> list[FreightTemplate]:
    """Freight templates, the mall's first; with `seller_ulid` (empty: the mall) those of one owner."""
    rows = FreightTemplate.objects.order_by("seller_ulid", "-is_default", "name")
    return list(rows if seller_ulid is None else rows.filter(seller_ulid=seller_ulid))


def freight_template(ulid: str) -> FreightTemplate:
    """One freight template. Raises NotFound."""
    found = FreightTemplate.objects.filter(ulid=ulid).first()
    if found is None:
        raise NotFound
    return found


def freight_by_template(*, now: dt.datetime) -> bool:
    """Whether this mall prices freight by its templates, and not flat."""
    return bool(modes.settings_in_force(now=now)["orders"].values.freight_by_template)
