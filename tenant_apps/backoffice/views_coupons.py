"""Coupons of the mall and its sellers: what runs, how each does, new ones, ending one."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from saas.identity.roles import Role
from saas.kernel.clock import now
from saas.kernel.errors import DomainError
from tenant_apps.backoffice.pages import act, actor_of, needs, page_of, show
from tenant_apps.promotions import pages, selectors, services
from tenant_apps.sellers import selectors as sellers

READERS = (Role.FINANCE, Role.GOODS)


@needs(*READERS)
@require_safe
def coupons(request: HttpRequest) -> HttpResponse:
    """Every coupon, newest first, with what it was taken, used and what it cost."""
    page = page_of(request, selectors.coupons())
    return show(
        request, "coupons", _("Coupons and full reductions"), rows=pages.rows_of(list(page), now=now()), page=page
    )


@needs(Role.FINANCE)
@require_http_methods(["GET", "HEAD", "POST"])
def coupon(request: HttpRequest) -> HttpResponse:
    """A new coupon; its terms are fixed once it is made."""
    values = pages.typed(request.POST) if request.method == "POST" else pages.blank(now=now())
    error: DomainError | None = None
    if request.method == "POST":
        try:
            draft = pages.draft_of(values, seller_ulid=values["seller"], now=now())
            services.make_coupon(draft=draft, actor=actor_of(request), now=now(), form=pages.form_of(values))
        except DomainError as refused:
            error = refused
        else:
            messages.success(request, _("Made. Members can take it from its first day on."))
            return redirect("backoffice:coupons")
    return show(
        request,
        "coupon",
        _("New coupon or full reduction"),
        status=error.http_status if error else 200,
        values=values,
        owners=[("", _("The mall")), *sellers.choices()],
        scopes=pages.scope_choices(for_seller=False),
        audiences=pages.audiences(for_seller=False),
        error=error,
    )


@needs(Role.FINANCE)
@require_POST
def coupon_end(request: HttpRequest, ulid: str) -> HttpResponse:
    """Nobody takes it any more."""
    return act(
        request,
        lambda: services.end_coupon(ulid=ulid, actor=actor_of(request), now=now()),
        done=_("Ended. Coupons taken already stay good until they expire."),
        back=reverse("backoffice:coupons"),
    )
