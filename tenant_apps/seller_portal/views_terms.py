"""What the shop adds of its own inside the mall's bounds: commission and coins, with every version there was."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from saas.kernel.clock import china_date, now
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from saas.kernel.money import format_percent
from tenant_apps.members import selectors as members
from tenant_apps.members.access import member_required
from tenant_apps.modes import selectors as modes
from tenant_apps.modes.coins.settings import COIN_PPM
from tenant_apps.modes.own_terms import bounded
from tenant_apps.modes.units import percent_to_ppm
from tenant_apps.seller_portal.access import actor_of, address, frame, member_of_shop
from tenant_apps.sellers import selectors, services
from tenant_apps.sellers.own_terms import Bounds, OwnTerms, terms_of
from tenant_apps.sellers.rules import SettlementKind
from tenant_apps.sellers.staffing import ShopRole


def bounds_now() -> Bounds:
    """The mall's bounds as of now; what it has not switched on allows nothing."""
    pinned = modes.settings_in_force(now=now())
    distribution: Any = pinned["distribution"].values if "distribution" in pinned else None
    coins: Any = pinned["coins"].values if "coins" in pinned else None
    gives = distribution is not None and distribution.enabled
    counts = coins is not None and coins.enabled
    return Bounds(
        least_ppm=distribution.seller_least_ppm if gives else 0,
        most_ppm=distribution.seller_most_ppm if gives else 0,
        coins_most=coins.seller_coins_most if counts else 0,
        coin_fen=coins.coin_fen if counts else 1,
    )


@never_cache
@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def own_terms(request: HttpRequest, ulid: str) -> HttpResponse:
    """The form, what it costs the shop, and the history."""
    row = member_of_shop(request, ulid, ShopRole.MONEY)
    bounds = bounds_now()
    error: DomainError | None = None
    if request.method == "POST":
        try:
            services.set_own_terms(
                seller_ulid=ulid, terms=_typed(request, bounds), bounds=bounds, actor=actor_of(request), now=now()
            )
        except NotFound:
            raise
        except DomainError as refused:
            error = refused
        else:
            messages.success(request, _("Saved. It holds for orders made from now on."))
            return redirect("portal:own_terms", ulid)
    current = terms_of(row.own_terms)
    holds = _cost(current, bounds) if row.settlement == SettlementKind.COMMISSION else 0
    versions = list(reversed(row.own_terms))[:20]
    names = members.names_by_ulid([one["by"].removeprefix("member:") for one in versions], masked=False)
    take = selectors.terms([ulid], now=now())[ulid].rate_ppm
    context = {
        **frame(request, row, _("Own commission and coins"), back=address("money", ulid)),
        "bounds": bounds,
        "promotion": request.POST.get("promotion", "")[:10] if error else format_percent(current.promotion_ppm)[:-1],
        "coins": request.POST.get("coins", "")[:4] if error else current.coins,
        "take_ppm": take,
        "cost_ppm": holds,
        "total_ppm": take + holds,
        "may_set": row.settlement == SettlementKind.COMMISSION and bool(bounds.most_ppm or bounds.coins_most),
        "versions": [
            (
                china_date(dt.datetime.fromisoformat(one["at"])),
                one["promotion_ppm"],
                one["coins"],
                names.get(one["by"].removeprefix("member:"), ""),
            )
            for one in versions
        ],
        "error": error,
    }
    return render(request, "seller_portal/own_terms.html", context, status=error.http_status if error else 200)


def _cost(terms: OwnTerms, bounds: Bounds) -> int:
    """What it costs the shop as the bounds are today (ppm)."""
    added = bounded(terms.promotion_ppm, least=bounds.least_ppm, most=bounds.most_ppm)
    return added + bounded(terms.coins, least=0, most=bounds.coins_most) * COIN_PPM * bounds.coin_fen


def _typed(request: HttpRequest, bounds: Bounds) -> OwnTerms:
    try:
        promotion = percent_to_ppm(request.POST.get("promotion", "").strip() or "0") if bounds.most_ppm else 0
    except ValueError:
        raise InvalidInput(_("Own commission: a percentage, such as 3 or 2.5."), field="promotion_ppm") from None
    try:
        coins = int(request.POST.get("coins", "").strip() or "0") if bounds.coins_most else 0
    except ValueError:
        raise InvalidInput(_("Own coins: a whole number for each yuan."), field="coins") from None
    return OwnTerms(promotion_ppm=promotion, coins=coins)
