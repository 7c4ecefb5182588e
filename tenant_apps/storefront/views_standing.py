"""A member's standing: the partner membership, ranks and what is missing, the zone of gift packs (FEATURES M3, M4, D5)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from saas.kernel.clock import now
from tenant_apps.catalog import selectors as catalog
from tenant_apps.catalog.rules import GIFT_PACK
from tenant_apps.members.access import member_required
from tenant_apps.members.rules import LEVEL_PARTNER, Ground, ground_word
from tenant_apps.members.selectors import rank_grants
from tenant_apps.modes import quoting
from tenant_apps.modes import selectors as modes
from tenant_apps.modes.differential import selectors as differential
from tenant_apps.modes.gift_pack import selectors as packs
from tenant_apps.modes.partner_membership import selectors as partners
from tenant_apps.storefront.access import current, member_of

_EXAMPLES = 4


@never_cache
@require_safe
def partner(request: HttpRequest) -> HttpResponse:
    """What a membership costs, what it gives, what it saves on goods of this mall; buying or renewing it."""
    moment, member = now(), member_of(request)
    pinned = modes.current_settings(mode="partner_membership", now=moment)
    settings = pinned.values if pinned and pinned.values.enabled else None
    is_partner = bool(member) and quoting.buyer_of(member, moment).level == LEVEL_PARTNER
    cards = quoting.price_cards(catalog.list_cards(page_size=12).cards, now=moment) if settings else []
    cheaper = [card for card in cards if card.member_price_amount][:_EXAMPLES]
    context = {
        "page_title": _("Partner membership"),
        "back": "/me",
        "settings": settings,
        "sku": partners.membership_sku() if settings else None,
        "member": member,
        "until": member.level_until if member and is_partner else None,
        "terms": partners.memberships_of(member.ulid) if member else [],
        "moment": moment,
        "examples": [(card, card.price_amount - card.member_price_amount) for card in cheaper],
    }
    return render(request, "storefront/people/partner.html", context)


@never_cache
@member_required
@require_safe
def rank(request: HttpRequest) -> HttpResponse:
    """Level and rank with their rights, what stands behind them, and what is missing to the next rank."""
    moment, member = now(), current(request)
    grants = [one for one in rank_grants(member.pk) if one.withdrawn_at is None]
    grounds = {
        Ground.TURNOVER: _("by purchases"),
        Ground.GIFT_PACK: _("by a gift pack"),
        Ground.STAFF: _("by the mall"),
    }
    context = {
        "page_title": _("Level and rank"),
        "back": "/me",
        "member": member,
        "is_partner": quoting.buyer_of(member, moment).level == LEVEL_PARTNER,
        "progress": differential.progress(member, now=moment),
        "grants": [(one, grounds[ground_word(one.ground)]) for one in grants],
    }
    return render(request, "storefront/people/rank.html", context)


@require_safe
def gift_packs(request: HttpRequest) -> HttpResponse:
    """The packs on sale: what is in each, what it grants, and that the same rank is reached without buying one."""
    rows = {row.sku_ulid: row for row in packs.packs()}
    offers = catalog.offers(f"{sku}@{GIFT_PACK}" for sku in rows)
    shown = [(rows[offer.sku_ulid], offer) for offer in offers.values() if offer.sellable]
    shown.sort(key=lambda one: (one[1].price_amount, one[1].sku_ulid))
    context = {
        "page_title": _("Gift packs"),
        "back": "/",
        "packs": [{"row": row, "offer": offer, "grants": packs.grants_text(row)} for row, offer in shown],
    }
    return render(request, "storefront/packs.html", context)
