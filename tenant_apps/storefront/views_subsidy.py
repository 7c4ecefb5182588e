"""Points and vouchers of the universal subsidy, for the member himself: what came, what is left, in honest words."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from saas.kernel.clock import now
from saas.ledger import selectors as book
from tenant_apps.members.access import member_required
from tenant_apps.modes.subsidy import overview, selectors
from tenant_apps.modes.subsidy.services import vouchers as purses
from tenant_apps.settlement import services as settlement
from tenant_apps.settlement.rules import wallet_of
from tenant_apps.storefront.access import current

LOTS = 50


@never_cache
@member_required
@require_safe
def vouchers(request: HttpRequest) -> HttpResponse:
    """What may be spent, what this period and all periods brought, what is left to the multiple, every lot.

    Looking draws what is new (MODES 2.1); where nothing is, the page reads in ten statements, whatever the number of lots.
    """
    member, moment = current(request), now()
    lots, standing = overview.lots_and_standing(member_ulid=member.ulid, shown=LOTS)
    if standing.undrawn_amount:
        settlement.draw_vouchers(member_ulid=member.ulid, now=moment)
    context = {
        "active_tab": "me",
        "page_title": _("Points and vouchers"),
        "back": "/me",
        "purse": overview.purse(member.ulid, now=moment),
        "gold": book.balance(wallet_of(member.ulid), "GOLD"),
        "standing": standing,
        "lots": lots,
        "more": max(0, standing.lots - len(lots)),
        "honest": overview.honest(),
        "announced": selectors.announced_terms(now=moment),
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
