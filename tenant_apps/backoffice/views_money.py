"""The books as staff see them: trial balance, what does not clear, the ledger's own check, one account's statement."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from saas.identity.roles import Role
from saas.ledger import rules, seals, selectors
from tenant_apps.backoffice.labels import FAMILIES
from tenant_apps.backoffice.pages import needs, show


@needs(Role.FINANCE, Role.AUDITOR)
def money(request: HttpRequest) -> HttpResponse:
    """Trial balance and open clearing accounts; with `?check=1` every balance is recomputed."""
    trial = selectors.trial_balance()
    totals: dict[str, int] = {}
    for row in trial:
        totals[row.asset] = totals.get(row.asset, 0) + row.posted
    faults = None
    if request.GET.get("check"):
        faults = [*selectors.check_ledger(), *seals.verify_seals()]
    return show(
        request,
        "money",
        _("Books"),
        trial=[(row, FAMILIES.get(row.family, row.family)) for row in trial],
        totals=totals,
        balanced=not any(totals.values()),
        uncleared=selectors.uncleared(),
        faults=faults,
    )


@needs(Role.FINANCE, Role.AUDITOR)
def statement(request: HttpRequest) -> HttpResponse:
    """The legs of one account, newest first. An account outside the chart shows nothing."""
    account = request.GET.get("account", "").strip()
    before = request.GET.get("before", "")
    lines, refused, balance = [], "", None
    if account:
        try:
            rules.family_of(account)
            lines = selectors.statement(account, before=int(before) if before.isdigit() else None, limit=50)
            balance = selectors.balances([account])[account]
        except rules.UnknownAccount:
            refused = _("There is no account of this name.")
    return show(
        request, "statement", _("Account statement"), account=account, lines=lines, refused=refused, balance=balance
    )
