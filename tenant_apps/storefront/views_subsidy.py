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
from tenant_apps.modes.subsidy import overview
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
