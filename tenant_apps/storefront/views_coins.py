"""A member's shopping coins (MODES 11a, 11b): how many, until when, every entry, and what they are good for."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from saas.kernel.clock import now
from saas.ledger import selectors as book
from saas.ledger.selectors import StatementLine
from tenant_apps.members.access import member_required
from tenant_apps.modes import selectors as modes
from tenant_apps.modes.coins import selectors
from tenant_apps.modes.coins.mode import coin_fen
from tenant_apps.modes.coins.rules import COIN
from tenant_apps.orders import selectors as orders
from tenant_apps.settlement.rules import member_purse
from tenant_apps.storefront.access import current

ROWS = 100
_WORDS = {
    "coins.given": gettext_noop("Given for a completed order"),
    "coins.reserved": gettext_noop("Set aside for an order"),
    "coins.released": gettext_noop("Back: the order was not paid"),
    "coins.returned": gettext_noop("Back with a refund"),
    "coins.taken_back": gettext_noop("Taken back: goods that gave them were refunded"),
    "coins.expired": gettext_noop("Ended"),
}


@never_cache
@member_required
@require_safe
def coins(request: HttpRequest) -> HttpResponse:
    """My coins, when they end, and the entries of the book."""
    moment, member = now(), current(request)
    purse = member_purse(member.ulid)
    pinned = {key: one for key, one in modes.settings_in_force(now=moment).items() if one.mode == "coins"}
    settings = pinned["coins"].values if "coins" in pinned and pinned["coins"].values.enabled else None
    worth, endings = coin_fen(pinned), selectors.endings(member.ulid, now=moment)
    available = sum(one.coins for one in endings)
    lines = book.statement(purse.account, COIN, limit=ROWS)
    numbers = orders.numbers_of(line.document.removeprefix("order:") for line in lines)
    context = {
        "active_tab": "me",
        "page_title": _("Shopping coins"),
        "back": "/me",
        "available": available,
        "worth_amount": available * worth,
        "coin_amount": worth,
        "owed": -book.balance(purse.debt, COIN),
        "endings": endings,
        "settings": settings,
        "is_on": any(one.values.enabled for one in pinned.values()),
        "entries": [_entry(line, numbers) for line in lines],
    }
    return render(request, "storefront/money/coins.html", context)


def _entry(line: StatementLine, numbers: dict[str, str]) -> dict[str, Any]:
    order = line.document.removeprefix("order:")
    return {
        "text": _(_WORDS.get(line.kind, line.kind)),
        "at": line.occurred_at,
        "coins": line.amount,
        "after": line.balance_after,
        "order": order if order in numbers else "",
        "number": numbers.get(order, ""),
    }
