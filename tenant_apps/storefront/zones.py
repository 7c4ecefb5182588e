"""Zones that the shop links to, and a zone's rules in words. Links are kept for a minute: no statement for a list."""

from django.core.cache import cache
from django.utils.translation import gettext as _

from tenant_apps.catalog import selectors as catalog
from tenant_apps.catalog.rules import ZoneTerms

KEY = "storefront.zones"
_SECONDS = 60


def linked() -> list[tuple[str, str]]:
    """(address, name) of the zones that have something to show."""
    known: list[tuple[str, str]] | None = cache.get(KEY)
    if known is None:
        known = [(f"/z/{one.key}", one.name) for one in catalog.zones_with_goods()]
        cache.set(KEY, known, _SECONDS)
    return known


def rules_of(terms: ZoneTerms) -> list[str]:
    """What a shopper should know before he buys in a zone."""
    found = []
    if terms.members_only:
        found.append(_("For partners alone."))
    if terms.least_qty > 1:
        found.append(_("From %(number)s pieces of each on.") % {"number": terms.least_qty})
    if terms.person_limit:
        found.append(_("At most %(number)s of each a person.") % {"number": terms.person_limit})
    if not terms.vouchers:
        found.append(_("Vouchers are not taken."))
    if not terms.earns:
        found.append(_("Nothing is earned by these prices: no awards, points or coins."))
    return found
