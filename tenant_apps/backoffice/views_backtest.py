"""Backtest (D13): drafts over the mall's own last 90 days, before anything is published."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from saas.identity.roles import Role
from saas.kernel.clock import now
from tenant_apps.backoffice.forms_preview import ALL_DRAFTS, draft_choices, key_of
from tenant_apps.backoffice.labels import PAYEE_KINDS, mode_title
from tenant_apps.backoffice.pages import needs, show
from tenant_apps.modes import preview, selectors
from tenant_apps.settlement import selectors as settlement


@needs(Role.FINANCE)
@require_safe
def backtest_page(request: HttpRequest) -> HttpResponse:
    """What drafts would have paid on orders that were really paid. Without a draft: the settings of today."""
    drafts, wanted = selectors.open_drafts(), request.GET.get("draft", "")
    laid = [selectors.drafted(one) for one in drafts if wanted in (ALL_DRAFTS, key_of(one))]
    found = settlement.backtest(drafted=laid, now=now())
    return show(
        request,
        "backtest",
        _("Backtest"),
        found=found,
        days=settlement.WINDOW_DAYS,
        choices=draft_choices(drafts, selectors.zone_names()),
        wanted=wanted if laid else "",
        shares=_shares(found),
        payees=[
            (PAYEE_KINDS.get(kind, kind), found.names.get(payee, payee), sums) for kind, payee, sums in found.payees
        ],
    )


def _shares(found: settlement.Backtest) -> list[dict[str, Any]]:
    """By mode and kind of payee, with lengths of two bars in percent of the longest."""
    longest = max([1, *(max(sums.real, sums.drafted) for _mode, _kind, sums in found.shares)])
    return [
        {
            "title": mode_title(mode),
            "payee": PAYEE_KINDS.get(kind, kind),
            "tone": preview.tone_of(mode),
            "sums": sums,
            "real": sums.real * 100 // longest,
            "drafted": sums.drafted * 100 // longest,
        }
        for mode, kind, sums in found.shares
    ]
