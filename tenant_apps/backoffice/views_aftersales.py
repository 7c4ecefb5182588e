"""After-sales cases for staff: the queue by deadline with sellers' rates, the steps of a case, the mall's ruling."""

import datetime as dt
from collections.abc import Callable

from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from saas.identity.roles import Role
from saas.kernel.clock import now
from saas.kernel.errors import DomainError, InvalidInput
from saas.kernel.money import parse_yuan
from tenant_apps.backoffice.labels import STAGE_STATES
from tenant_apps.backoffice.pages import act, actor_of, needs, page_of, show
from tenant_apps.orders import selectors, services
from tenant_apps.orders.aftersales import Service
from tenant_apps.orders.models import Refund
from tenant_apps.sellers import selectors as sellers

_RATE_DAYS = 90


@needs(Role.ORDERS)
@require_safe
def cases(request: HttpRequest) -> HttpResponse:
    """Cases of shoppers by stage, the nearest deadline first; after-sales rates of the sellers."""
    stage = request.GET.get("stage", "mall")
    rows = Refund.objects.select_related("order__member").exclude(stage="")
    if stage in STAGE_STATES:
        rows = rows.filter(stage=stage)
    page = page_of(request, rows.order_by(F("due_at").asc(nulls_last=True), "-pk"))
    rates = selectors.aftersales_rates(since=now() - dt.timedelta(days=_RATE_DAYS))
    names = sellers.names([*(one.seller_ulid for one in rates), *(row.order.seller_ulid for row in page)])
    return show(
        request,
        "cases",
        _("After-sales"),
        page=page,
        rows=[(row, names.get(row.order.seller_ulid, _("The mall"))) for row in page],
        tabs=[*((key, text) for key, (text, _tone) in STAGE_STATES.items()), ("all", _("All"))],
        stage=stage,
        now=now(),
        rates=[(one, names.get(one.seller_ulid, _("The mall"))) for one in rates],
        days=_RATE_DAYS,
    )


@needs(Role.ORDERS)
@require_POST
def step(request: HttpRequest, ulid: str) -> HttpResponse:
    """One step of a case: for the mall's own goods as their seller, for a seller in his place, or the mall's ruling."""
    wanted = request.POST.get("step", "")
    steps: dict[str, tuple[Callable[[HttpRequest, str], object], str]] = {
        "agree": (_agree, _("Agreed: the shopper sees what comes next.")),
        "decline": (_decline, _("Declined: the shopper reads the reason and may call the mall.")),
        "accept": (_accept, _("Approved: the money is on its way back.")),
        "replace": (_replace, _("The shopper sees the replacement's parcel.")),
        "rule": (_rule, _("Decided: shopper and seller read the reason.")),
    }
    if wanted not in steps:
        raise Http404
    call, done = steps[wanted]
    return act(request, lambda: call(request, ulid), done=done, back=reverse("backoffice:refund", args=[ulid]))


@needs(Role.ORDERS)
@require_safe
def photo(request: HttpRequest, ulid: str, name: str) -> HttpResponse:
    """A photo that a shopper gave as evidence."""
    try:
        content = services.read_photo(selectors.refund(ulid).evidence, name)
    except DomainError as error:
        raise Http404 from error
    return HttpResponse(content, content_type="image/jpeg")


def _agree(request: HttpRequest, ulid: str) -> object:
    post = request.POST
    return services.agree(
        refund_ulid=ulid,
        actor=actor_of(request),
        now=now(),
        note=post.get("note", ""),
        return_address=post.get("return_address", ""),
        goods_stay=post.get("goods_stay") == "1",
    )


def _decline(request: HttpRequest, ulid: str) -> object:
    return services.decline(refund_ulid=ulid, actor=actor_of(request), note=request.POST.get("note", ""), now=now())


def _accept(request: HttpRequest, ulid: str) -> object:
    if selectors.refund(ulid).service == Service.EXCHANGE:
        raise InvalidInput(_("An exchange is answered with a replacement."), field="step")
    return services.accept_return(
        refund_ulid=ulid,
        actor=actor_of(request),
        now=now(),
        restock=request.POST.get("restock") == "1",
        note=request.POST.get("note", ""),
    )


def _replace(request: HttpRequest, ulid: str) -> object:
    return services.send_replacement(
        refund_ulid=ulid,
        carrier=request.POST.get("carrier", ""),
        number=request.POST.get("number", ""),
        actor=actor_of(request),
        now=now(),
        restock=request.POST.get("restock") == "1",
    )


def _rule(request: HttpRequest, ulid: str) -> object:
    freight = request.POST.get("freight", "").strip()
    try:
        amount = parse_yuan(freight) if freight else 0
    except ValueError:
        raise InvalidInput(_("Amounts are like 12.50."), field="freight") from None
    return services.rule(
        refund_ulid=ulid,
        outcome=request.POST.get("outcome", ""),
        note=request.POST.get("note", ""),
        freight_bearer=request.POST.get("freight_bearer", ""),
        freight_amount=amount,
        return_address=request.POST.get("return_address", ""),
        restock=request.POST.get("restock") == "1",
        actor=actor_of(request),
        now=now(),
    )
