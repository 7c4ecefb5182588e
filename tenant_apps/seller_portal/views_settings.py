"""A shop's own settings for its owner: what shoppers read of it, its logo, a vacation, and where it is paid."""

import datetime as dt

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from saas.kernel.clock import china_date, now
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from tenant_apps.catalog.selectors import image_url
from tenant_apps.members.access import member_required
from tenant_apps.seller_portal.access import actor_of, current, frame, owner_of_shop
from tenant_apps.sellers import payees, services
from tenant_apps.sellers.models import Seller
from tenant_apps.sellers.payees import Payee

MAX_LOGO_BYTES = 10 * 1024 * 1024


@never_cache
@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest, ulid: str) -> HttpResponse:
    """Everything on one page, each part with its own button."""
    row = owner_of_shop(request, ulid)
    error: DomainError | None = None
    if request.method == "POST":
        try:
            done = _step(request, row)
        except NotFound:
            raise
        except DomainError as refused:
            error = refused
            row = owner_of_shop(request, ulid)
        else:
            messages.success(request, done)
            return redirect("portal:settings", ulid)
    typed = request.POST if error else {}
    context = {
        **frame(request, row, _("Shop settings")),
        "name": typed.get("name", row.name),
        "notice": typed.get("notice", row.profile.get("notice", "")),
        "phone": typed.get("phone", row.profile.get("phone", "")),
        "logo": image_url(row.profile["logo"], 160) if row.profile.get("logo") else "",
        "vacation": row.profile.get("vacation", "") if row.state == "paused" else "",
        "today": china_date(now()),
        "payee": payees.payee_of(row),
        "wish": payees.wish_of(row),
        "refused": row.payee.get("refused", ""),
        "typed": typed,
        "error": error,
    }
    return render(request, "seller_portal/settings.html", context, status=error.http_status if error else 200)


def _step(request: HttpRequest, row: Seller) -> str:
    post, actor, at = request.POST, actor_of(request), now()
    step = post.get("step", "")
    if step == "profile":
        services.set_profile(
            seller_ulid=row.ulid,
            name=post.get("name", ""),
            notice=post.get("notice", ""),
            phone=post.get("phone", ""),
            actor=actor,
            now=at,
        )
        return _("Saved. Shoppers see it at once.")
    if step == "logo":
        file = request.FILES.get("logo")
        if file is None:
            raise InvalidInput(_("Choose a picture first."), field="logo")
        services.set_logo(
            seller_ulid=row.ulid,
            content=file.read(MAX_LOGO_BYTES + 1),
            content_type=file.content_type or "",
            actor=actor,
            now=at,
        )
        return _("Saved. Shoppers see it at once.")
    if step == "vacation":
        services.begin_vacation(seller_ulid=row.ulid, until=_day(post.get("until", "")), actor=actor, now=at)
        return _("Your shop is closed. Orders under way are still to be sent.")
    if step == "back":
        services.end_vacation(seller_ulid=row.ulid, actor=actor, now=at)
        return _("Welcome back: your shop is open.")
    if step == "payee":
        wanted = Payee(
            name=post.get("payee_name", ""), bank=post.get("payee_bank", ""), account=post.get("payee_account", "")
        )
        services.ask_payee(seller_ulid=row.ulid, payee=wanted, member=current(request), now=at)
        return _("Sent to the mall. Until it agrees you are paid to the account in use.")
    if step == "payee_withdraw":
        services.withdraw_payee(seller_ulid=row.ulid, member=current(request), now=at)
        return _("Taken back: the account in use stays.")
    raise NotFound


def _day(text: str) -> dt.date:
    try:
        found = parse_date(text)
    except ValueError:
        found = None
    if found is None:
        raise InvalidInput(_("Choose the last day of the vacation."), field="until")
    return found
