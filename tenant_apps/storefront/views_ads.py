"""Ads for members (MODES 13a): ad points, what may be watched today, what each finished ad released and why."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from saas.kernel.clock import china_date, now
from saas.kernel.errors import DomainError
from saas.ledger import selectors as book
from tenant_apps.members.access import member_required
from tenant_apps.modes.advertising import selectors, services
from tenant_apps.modes.advertising.mode import explain_release
from tenant_apps.modes.advertising.models import AdDay, AdView
from tenant_apps.modes.advertising.rules import AD_POINTS
from tenant_apps.modes.sentences import render as sentence
from tenant_apps.settlement.rules import member_purse
from tenant_apps.storefront.access import current


@never_cache
@member_required
@require_safe
def ads(request: HttpRequest) -> HttpResponse:
    """My ad points, today's ads, and what earlier ones released."""
    moment, member = now(), current(request)
    settings = services.settings_in_force(moment)
    purse = member_purse(member.ulid)
    balances = book.balances([purse.account, purse.debt], AD_POINTS)
    today = selectors.member_day(member.ulid, now=moment) if settings else None
    context = {
        "page_title": _("Watch ads"),
        "back": "/me",
        "settings": settings,
        "tiers": [(tier.from_points // 100, tier.rate_ppm) for tier in settings.tiers] if settings else [],
        "points": _points(balances[purse.account].available),
        "owed": _points(-balances[purse.debt].posted) if balances[purse.debt].posted else "",
        "today": today,
        "left": max(0, settings.tasks_per_day - today.finished) if settings and today else 0,
        "views": [_told(view, day) for view, day in selectors.member_views(member.ulid)],
    }
    return render(request, "storefront/people/ads.html", context)


@require_POST
@member_required
def start(request: HttpRequest, ulid: str) -> HttpResponse:
    """Open an ad: from now on the seconds run."""
    try:
        services.start_ad(member_ulid=current(request).ulid, task_ulid=ulid, now=now())
    except DomainError as error:
        messages.error(request, error.text)
        return redirect("people:ads")
    return redirect("people:ad", ulid=ulid)


@never_cache
@member_required
@require_safe
def ad(request: HttpRequest, ulid: str) -> HttpResponse:
    """One ad, with how long it is still to be looked at."""
    moment = now()
    row = selectors.task(ulid)
    found = [view for one, view in selectors.member_day(current(request).ulid, now=moment).ads if one.pk == row.pk]
    view = found[0] if found else None
    if view is None:
        return redirect("people:ads")
    gone = int((moment - view.started_at).total_seconds())
    context = {
        "page_title": row.title,
        "back": "/ads",
        "ad": row,
        "view": view,
        "wait": max(0, row.seconds - gone) + (1 if gone < row.seconds else 0),
    }
    return render(request, "storefront/people/ad.html", context)


@require_POST
@member_required
def finish(request: HttpRequest, ulid: str) -> HttpResponse:
    """The ad was looked at to its end."""
    try:
        services.finish_ad(member_ulid=current(request).ulid, task_ulid=ulid, now=now())
    except services.AdTooShort as error:
        messages.error(request, error.text)
        return redirect("people:ad", ulid=ulid)
    except DomainError as error:
        messages.error(request, error.text)
    else:
        messages.success(
            request, _("This ad counts. What it releases is found after midnight, out of the day's ad income.")
        )
    return redirect("people:ads")


def _told(view: AdView, day: AdDay | None) -> dict[str, Any]:
    """A finished ad: what it released with the reason, or that the day is not settled yet."""
    told = ""
    if day is not None:
        told = sentence(
            explain_release(
                title=view.task.title,
                day=f"{view.day:%Y-%m-%d}",
                points=view.points,
                rate_ppm=view.rate_ppm,
                due=view.wanted_amount,
                amount=view.released_amount if view.released_at else view.due_amount,
                budget=day.budget_amount,
            )
        )
    return {"view": view, "why": told, "is_open": view.day == china_date(now())}


def _points(centi: int) -> str:
    return f"{centi // 100}.{centi % 100:02d}"
