"""A store's facts as staff enter them, and its franchise checklist (MODES 14 #20)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from saas.identity.roles import Role
from saas.kernel.clock import now
from saas.kernel.errors import DomainError, NotFound
from tenant_apps.backoffice.pages import actor_of, needs, show
from tenant_apps.counter import pages
from tenant_apps.counter.selectors import stores as selectors
from tenant_apps.counter.services import stores as services
from tenant_apps.sellers import selectors as sellers


@needs(Role.FINANCE)
@require_http_methods(["GET", "HEAD", "POST"])
def store(request: HttpRequest, ulid: str) -> HttpResponse:
    """Hours, closed days, services and the checklist of one store."""
    row = sellers.seller(ulid)
    if not row.is_store:
        raise NotFound
    facts = selectors.facts_of(ulid)
    values, checklist = pages.initial(facts), pages.franchise_initial(facts.franchise)
    error: DomainError | None = None
    if request.method == "POST":
        actor = actor_of(request)
        try:
            if request.POST.get("part") == "franchise":
                checklist = pages.typed(request.POST, pages.FRANCHISE_FIELDS)
                filed = pages.franchise_of(checklist)
                services.file_franchise(seller_ulid=ulid, checklist=filed, actor=actor, now=now())
            else:
                values = pages.typed(request.POST)
                draft = pages.draft_of(values)
                services.describe_store(seller_ulid=ulid, draft=draft, actor=actor, now=now())
        except DomainError as refused:
            error = refused
        else:
            messages.success(request, _("Saved. Shoppers see it at once."))
            return redirect("backoffice:store", ulid)
    return show(
        request,
        "store",
        row.name,
        status=error.http_status if error else 200,
        row=row,
        values=values,
        days=pages.day_fields(values),
        checklist=checklist,
        gaps=pages.gap_texts(facts.franchise),
        is_franchise=facts.franchise.applies,
        error=error,
    )
