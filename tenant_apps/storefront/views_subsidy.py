"""Points and vouchers of the universal subsidy, for the member himself: what came, what is left, in honest words."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from saas.kernel.clock import now
from saas.kernel.errors import DomainError
from saas.ledger import selectors as book
from tenant_apps.members.access import member_required
from tenant_apps.modes.subsidy import overview, selectors
from tenant_apps.modes.subsidy.services import vouchers as purses
from tenant_apps.sellers import services as seller_services
from tenant_apps.sellers import voucher_terms as terms_texts
from tenant_apps.sellers.access import member_of_shop
from tenant_apps.sellers.staffing import ShopRole
from tenant_apps.settlement import services as settlement
from tenant_apps.settlement.rules import wallet_of
from tenant_apps.storefront.access import current
from tenant_apps.storefront.views_cart import whole_number

LOTS = 50


@never_cache
@member_required
@require_safe
def vouchers(request: HttpRequest) -> HttpResponse:
    """What may be spent, what this period and all periods brought, what is left to the multiple, every lot.

    Looking draws what is new (MODES 2.1). At most ten statements, whether something is new or not, whatever the number of lots.
    """
    member, moment = current(request), now()
    look = settlement.look_at_vouchers(member_ulid=member.ulid, now=moment)
    every = overview.figures_of(look.lots)
    standing, lots = overview.total(every), every[:LOTS]
    key = every[0].lot.cohort.pool.key if every else ""  # the pool of his newest purchase
    gold, fund = (wallet_of(member.ulid), "GOLD"), (f"pool.{key}" if key else "pool", "CNY")
    amounts = book.balances_in([gold, fund])
    context = {
        "active_tab": "me",
        "page_title": _("Points and vouchers"),
        "back": "/me",
        "purse": overview.purse(member.ulid, now=moment),
        "gold": amounts[gold].posted,
        "standing": standing,
        "lots": lots,
        "more": max(0, standing.lots - len(lots)),
        "honest": overview.honest(key, fund=amounts[fund].posted),
        "announced": look.announced,
    }
    return render(request, "storefront/subsidy/vouchers.html", context)


@member_required
@require_POST
def notices(request: HttpRequest) -> HttpResponse:
    """The member wants a notice of new vouchers, or no longer: then they are drawn for him at night."""
    wants = request.POST.get("wants") == "1"
    purses.ask_for_notice(member_ulid=current(request).ulid, wants=wants)
    messages.success(request, _("We shall tell you of new vouchers.") if wants else _("No more notices of vouchers."))
    return redirect("money:vouchers")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_required
def voucher_terms(request: HttpRequest, ulid: str) -> HttpResponse:
    """The terms under which an own shop takes vouchers: read, sign, end. Another's is not found."""
    member, row = current(request), member_of_shop(request, ulid, ShopRole.OWNER)
    error = None
    if request.method == "POST":
        signed = request.POST.get("step") == "sign"
        try:
            seller_services.answer_voucher_terms(
                ulid=ulid,
                member=member,
                signed=signed,
                agreed=request.POST.get("agreed") == "1",
                version=whole_number(request.POST.get("version", "")),
                now=now(),
            )
        except DomainError as refused:
            error = refused
        else:
            ended = _("Your shop takes no vouchers any more; orders already placed keep theirs.")
            messages.success(request, _("Signed. Your shop takes vouchers from now on.") if signed else ended)
            return redirect("seller:voucher_terms", ulid)
    terms = selectors.terms_in_force(now=now()).values
    context = {
        "active_tab": "me",
        "page_title": _("Vouchers at %(shop)s") % {"shop": row.name},
        "row": row,
        "version": terms_texts.CURRENT,
        "texts": [_(text) for text in terms_texts.TEXTS[terms_texts.CURRENT]],
        "most_ppm": terms.voucher_max_order_ppm,
        "is_on": terms.enabled,
        "by_owner": row.voucher_terms_by.startswith("member:"),
        "error": error,
        "back": reverse("portal:home"),
    }
    return render(request, "storefront/seller/voucher_terms.html", context, status=error.http_status if error else 200)
