"""A vendor's own pages: malls, plan, the run, what is missing for opening, accepted agreements, the door to the mall."""

import datetime as dt
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.utils.translation import get_language, gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from billing import selectors as billing
from billing.selectors import PlanOnSale, accounts
from provisioning.orchestrator import selectors as runs
from saas.account.overview import MallCard, mall_cards
from saas.identity import services as identity
from saas.identity.models import User
from saas.kernel.clock import china_date, now
from saas.kernel.errors import DomainError
from saas.support import selectors as support
from saas.support.selectors import tickets
from saas.tenants.vendors import selectors as vendor_facts
from saas.tenants.vendors.models import Place, Vendor
from saas.tenants.vendors.rules import PlaceState

View = Callable[..., HttpResponse]
_ENTERABLE = frozenset({PlaceState.REHEARSAL, PlaceState.LIVE})


class MallNotReady(DomainError):
    """There is no back office to enter yet."""

    code = "mall_not_ready"
    message = gettext_lazy("This mall is not ready yet.")


def vendor_only(view: View) -> View:
    """Signed in as a vendor's owner; others are led to sign in, or to open their first mall."""

    @wraps(view)
    def inner(request: HttpRequest, **kwargs: str) -> HttpResponse:
        if not isinstance(request.user, User):
            return redirect("/auth/code/?" + urlencode({"next": request.path}))
        vendor = vendor_facts.vendor_of_user(request.user)
        if vendor is None:
            return redirect("/console/" if request.user.is_staff else "signup")
        return view(request, vendor, **kwargs)

    return never_cache(inner)


@require_GET
@vendor_only
def home(request: HttpRequest, vendor: Vendor) -> HttpResponse:
    """All malls of the vendor."""
    cards: list[MallCard] = mall_cards(vendor)
    english = (get_language() or "").startswith("en")
    news = [
        {
            "ulid": one.ulid,
            "title": one.title_en if english else one.title,
            "body": one.body_en if english else one.body,
            "day": one.shown_from,
        }
        for one in tickets.news(plans={card.place.plan_code for card in cards}, now=now())[:3]
    ]
    asks = tickets.grants_of(vendor).filter(state="asked").exists()
    return render(request, "account/home.html", {"vendor": vendor, "cards": cards, "news": news, "asks": asks})


@require_GET
@vendor_only
def mall(request: HttpRequest, vendor: Vendor, mall: str) -> HttpResponse:
    """One mall: where it stands, what is missing, the door to its back office."""
    place = vendor_facts.place_of_mall(mall, vendor=vendor)
    newest = runs.newest_run(place)
    lines = support.checklist(mall)
    request.forms_end_at = [vendor_facts.platform_url(place, "")]  # type: ignore[attr-defined]
    context: dict[str, Any] = {
        "vendor": vendor,
        "place": place,
        "url": vendor_facts.mall_url(place),
        "plan": _plan(place),
        "view": runs.run_view(newest.ulid) if newest else None,
        "lines": lines,
        "activities": support.activities(mall),
        "settled": sum(line.settled for line in lines),
        "sales": vendor_facts.sales([mall], since=china_date(now()) - dt.timedelta(days=29)),
        "enterable": place.state in _ENTERABLE,
    }
    return render(request, "account/mall.html", context)


def _plan(place: Place) -> PlanOnSale:
    """The plan as this mall was sold it."""
    subscription = accounts.subscription_or_none(place.mall)
    return accounts.plan_of(subscription) if subscription else billing.plan_by_code(place.plan_code)


@require_POST
@vendor_only
def enter(request: HttpRequest, vendor: Vendor, mall: str) -> HttpResponse:
    """One click into the mall's back office, by a sealed token that works once."""
    place = vendor_facts.place_of_mall(mall, vendor=vendor)
    if place.state not in _ENTERABLE:
        raise MallNotReady
    token = identity.mint_hand_over(mall_ulid=place.mall, user=request.user, now=now())  # type: ignore[arg-type]
    return redirect(vendor_facts.platform_url(place, f"/enter/{token}"))


@require_GET
@vendor_only
def agreements(request: HttpRequest, vendor: Vendor) -> HttpResponse:
    """What was accepted, when and by whom."""
    return render(request, "account/agreements.html", {"vendor": vendor, "rows": vendor_facts.acceptances(vendor)})
