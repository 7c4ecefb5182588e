"""Goods on credit in one store: lend, settle, take back, count; what happened."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from saas.identity.roles import Role
from saas.kernel.clock import now
from saas.kernel.errors import InvalidInput, NotFound
from saas.kernel.money import format_percent, parse_yuan
from tenant_apps.backoffice import people
from tenant_apps.backoffice.pages import act, actor_of, needs, show
from tenant_apps.counter.rules.credit import MoveKind
from tenant_apps.counter.selectors import credit as selectors
from tenant_apps.counter.services import credit as services
from tenant_apps.modes.units import percent_to_ppm
from tenant_apps.sellers import selectors as sellers

KINDS: dict[str, str | Promise] = {
    MoveKind.LENT: gettext_lazy("Lent"),
    MoveKind.SOLD: gettext_lazy("Sold and owed"),
    MoveKind.RETURNED: gettext_lazy("Brought back"),
    MoveKind.MISSING: gettext_lazy("Missing at a count"),
    MoveKind.FOUND: gettext_lazy("Found at a count"),
}


@needs(Role.FINANCE, Role.GOODS)
@require_safe
def stock(request: HttpRequest, ulid: str) -> HttpResponse:
    """What lies in the store, the limit, and every move."""
    row = sellers.seller(ulid)
    if not row.is_store:
        raise NotFound
    standing, moves = selectors.standing(ulid), selectors.moves(ulid)
    names = people.names([one.actor for one in moves])
    return show(
        request,
        "store_stock",
        _("Goods on credit: %(store)s") % {"store": row.name},
        row=row,
        standing=standing,
        factor=format_percent(standing.factor_ppm).removesuffix("%"),
        lendable=selectors.lendable(),
        moves=[(one, KINDS[one.kind], names.get(one.actor, one.actor)) for one in moves],
    )


@needs(Role.FINANCE)
@require_POST
def step(request: HttpRequest, ulid: str) -> HttpResponse:
    """One of the things that are done with goods on credit."""
    calls: dict[str, tuple[Callable[[], object], str]] = {
        "lend": (lambda: _lend(request, ulid), _("Lent: the pieces have left the mall's stock.")),
        "sold": (lambda: _sold(request, ulid), _("Booked: it is on the store's next statement.")),
        "returned": (lambda: _returned(request, ulid), _("Back in the mall's stock.")),
        "count": (lambda: _count(request, ulid), _("The count is booked.")),
        "factor": (lambda: _factor(request, ulid), _("The limit is changed.")),
    }
    chosen = calls.get(request.POST.get("step", ""))
    if chosen is None:
        raise NotFound
    return act(request, chosen[0], done=chosen[1], back=reverse("backoffice:store_stock", args=[ulid]))


def _lend(request: HttpRequest, ulid: str) -> object:
    return services.lend_stock(
        seller_ulid=ulid,
        sku_ulid=request.POST.get("sku", ""),
        qty=_pieces(request, "qty"),
        unit_amount=_fen(request),
        reorder_qty=_pieces(request, "reorder_qty") if request.POST.get("reorder_qty", "").strip() else 0,
        actor=actor_of(request),
        now=now(),
    )


def _sold(request: HttpRequest, ulid: str) -> object:
    stock, qty = request.POST.get("stock", ""), _pieces(request, "qty")
    return services.settle_sold(seller_ulid=ulid, ulid=stock, qty=qty, actor=actor_of(request), now=now())


def _returned(request: HttpRequest, ulid: str) -> object:
    stock, qty = request.POST.get("stock", ""), _pieces(request, "qty")
    return services.return_stock(seller_ulid=ulid, ulid=stock, qty=qty, actor=actor_of(request), now=now())


def _count(request: HttpRequest, ulid: str) -> object:
    return services.count_stock(
        seller_ulid=ulid,
        ulid=request.POST.get("stock", ""),
        counted=_pieces(request, "qty"),
        reason=request.POST.get("reason", ""),
        actor=actor_of(request),
        now=now(),
    )


def _factor(request: HttpRequest, ulid: str) -> object:
    try:
        factor = percent_to_ppm(request.POST.get("factor", "").strip())
    except ValueError:
        raise InvalidInput(_("Give a percentage, such as 5 or 3.25."), field="factor") from None
    return services.set_factor(seller_ulid=ulid, factor_ppm=factor, actor=actor_of(request), now=now())


def _pieces(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "").strip()
    if not (text.isdecimal() and len(text) <= 6):
        raise InvalidInput(_("Give a whole number of pieces."), field=name)
    return int(text)


def _fen(request: HttpRequest) -> int:
    try:
        return parse_yuan(request.POST.get("unit", "").strip())
    except ValueError:
        raise InvalidInput(_("Give an amount in yuan, such as 30000 or 99.50."), field="unit_amount") from None
