"""Buyers' invoices for staff: the queue of what to issue, for the mall's own orders and in a seller's place."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from saas.identity.roles import Role
from saas.kernel.clock import now
from tenant_apps.backoffice.pages import act, actor_of, needs, page_of, show
from tenant_apps.care import invoicing, selectors, services
from tenant_apps.sellers import selectors as sellers

READERS = (Role.FINANCE, Role.ORDERS)


@needs(*READERS)
@require_safe
def invoices(request: HttpRequest) -> HttpResponse:
    """What waits to be issued or corrected, the oldest first; or everything."""
    state = request.GET.get("state", "open")
    page = page_of(request, selectors.invoices(state=state))
    names = sellers.names(row.seller_ulid for row in page)
    return show(
        request,
        "buyer_invoices",
        _("Buyers' invoices"),
        page=page,
        rows=[(row, names.get(row.seller_ulid, _("The mall"))) for row in page],
        tabs=[("open", _("To do")), ("issued", _("Issued")), ("all", _("All"))],
        state=state,
    )


@needs(*READERS)
@require_POST
def invoice_step(request: HttpRequest, ulid: str) -> HttpResponse:
    """Issue with number and PDF, or refuse with a reason."""
    actor, moment = actor_of(request), now()
    if request.POST.get("step") == "refuse":
        return act(
            request,
            lambda: services.refuse_invoice(
                invoice_ulid=ulid, reason=request.POST.get("reason", ""), actor=actor, now=moment
            ),
            done=_("Refused: the buyer reads the reason."),
            back=reverse("backoffice:buyer_invoices"),
        )
    upload = request.FILES.get("file")
    content = upload.read(invoicing.MAX_FILE_BYTES + 1) if upload else b""
    return act(
        request,
        lambda: services.issue_invoice(
            invoice_ulid=ulid, number=request.POST.get("number", ""), file=content, actor=actor, now=moment
        ),
        done=_("Noted as issued: the buyer sees it."),
        back=reverse("backoffice:buyer_invoices"),
    )


@needs(*READERS)
@require_safe
def invoice_file(request: HttpRequest, ulid: str, name: str) -> HttpResponse:
    """The PDF of an invoice or of a red letter."""
    row = selectors.invoice(ulid)
    headers = {
        "Content-Disposition": f'attachment; filename="invoice-{row.order.number}.pdf"',
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(services.read_file(row, name), content_type="application/pdf", headers=headers)
