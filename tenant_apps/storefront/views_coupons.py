"""Coupons for the shopper — what can be taken, what he has — and for the owner of a shop: his own."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from saas.kernel.clock import now
from saas.kernel.errors import DomainError, NotFound
from tenant_apps.members.access import member_required
from tenant_apps.promotions import pages, selectors, services
from tenant_apps.promotions.rules import CouponState
from tenant_apps.sellers.access import member_of_shop
from tenant_apps.sellers.staffing import ShopRole
from tenant_apps.storefront.access import current

ROWS = 100


@never_cache
@member_required
@require_safe
def coupons(request: HttpRequest) -> HttpResponse:
    """The coupon centre, and below it the member's own: to be used, used, expired."""
    member, moment = current(request), now()
    offered = selectors.on_offer(now=moment)
    held, reductions = selectors.coupons_of(member), selectors.running_reductions(now=moment)
    invitations = selectors.by_invitation(now=moment)
    shown = [*offered, *reductions, *invitations, *(row.coupon for row in held)]
    words = {one.coupon.pk: one for one in pages.rows_of(shown, now=moment)}
    taken = selectors.taken_by(member, offered)
    usable = [row for row in held if row.state == CouponState.TAKEN and row.expires_at > moment]
    kept = {row.pk for row in usable}
    context = {
        "active_tab": "me",
        "page_title": _("Coupons"),
        "back": "/me",
        "offered": [
            (words[one.pk], taken.get(one.pk, 0) < one.person_limit, selectors.may_take(one, member, now=moment))
            for one in offered
        ],
        "reductions": [words[one.pk] for one in reductions],
        "invitations": [words[one.pk] for one in invitations if one.taken_qty < one.total_qty],
        "usable": [(row, words[row.coupon.pk]) for row in usable],
        "others": [(row, words[row.coupon.pk]) for row in held if row.pk not in kept],
    }
    return render(request, "storefront/coupons.html", context)


@member_required
@require_POST
def take(request: HttpRequest, ulid: str) -> HttpResponse:
    """Take one number of a coupon."""
    try:
        services.take_coupon(coupon_ulid=ulid, member=current(request), now=now())
    except NotFound:
        raise
    except DomainError as error:
        messages.error(request, error.text)
    else:
        messages.success(request, _("It is yours: checkout uses it where it takes most off."))
    return redirect("money:coupons")


@never_cache
@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def shop(request: HttpRequest, ulid: str) -> HttpResponse:
    """The coupons of an own shop, and a form for a new one. Another's is not found."""
    row = member_of_shop(request, ulid, ShopRole.GOODS)
    values = pages.typed(request.POST) if request.method == "POST" else pages.blank(now=now())
    error: DomainError | None = None
    if request.method == "POST":
        try:
            draft = pages.draft_of(values, seller_ulid=row.ulid, now=now())
            actor = f"member:{current(request).ulid}"
            services.make_coupon(draft=draft, actor=actor, now=now(), form=pages.form_of(values))
        except DomainError as refused:
            error = refused
        else:
            messages.success(request, _("Made. Members can take it from its first day on."))
            return redirect("seller:coupons", ulid)
    context = {
        "active_tab": "me",
        "page_title": _("Coupons of %(shop)s") % {"shop": row.name},
        "back": "/seller",
        "row": row,
        "rows": pages.rows_of(list(selectors.coupons(seller_ulid=row.ulid)[:ROWS]), now=now()),
        "values": values,
        "scopes": pages.scope_choices(for_seller=True),
        "audiences": pages.audiences(for_seller=True),
        "error": error,
    }
    return render(request, "storefront/seller/coupons.html", context, status=error.http_status if error else 200)


@member_required
@require_POST
def shop_end(request: HttpRequest, ulid: str, coupon: str) -> HttpResponse:
    """End a coupon of an own shop."""
    row = member_of_shop(request, ulid, ShopRole.GOODS)
    try:
        services.end_coupon(ulid=coupon, seller_ulid=row.ulid, actor=f"member:{current(request).ulid}", now=now())
    except NotFound:
        raise
    except DomainError as error:
        messages.error(request, error.text)
    else:
        messages.success(request, _("Ended. Coupons taken already stay good until they expire."))
    return redirect("seller:coupons", ulid)
