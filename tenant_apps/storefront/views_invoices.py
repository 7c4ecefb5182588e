"""Invoices: a buyer asks for his, follows it, downloads it; the owner of a shop issues his shop's."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from saas.kernel.clock import now
from saas.kernel.errors import DomainError, NotFound
from tenant_apps.care import invoicing, selectors, services
from tenant_apps.care.models import Invoice
from tenant_apps.members.access import member_required
from tenant_apps.members.models import Member
from tenant_apps.orders import selectors as orders
from tenant_apps.sellers.access import member_of_shop
from tenant_apps.sellers.staffing import ShopRole
from tenant_apps.storefront.access import current

ROWS = 100


@never_cache
@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def of_order(request: HttpRequest, ulid: str) -> HttpResponse:
    """The invoice of one order: asked for, followed, taken back while it is not issued."""
    member = current(request)
    order = orders.order_of_member(member, ulid)
    error: DomainError | None = None
    if request.method == "POST":
        try:
            done = _step(request, member, ulid)
        except NotFound:
            raise
        except DomainError as refused:
            error = refused
        else:
            messages.success(request, done)
            return redirect("care:order_invoice", ulid)
    rows = list(selectors.invoices_of_order(order))
    standing = next((row for row in rows if row.state in invoicing.LIVE), None)
    last = selectors.last_title(member)
    context = {
        "page_title": _("Invoice"),
        "back": f"/orders/{ulid}",
        "order": order,
        "standing": standing,
        "rows": rows,
        "amount": order.total_amount - order.refunded_amount,
        "typed": request.POST
        if error
        else {"kind": last.title_kind, "title": last.title, "tax_number": last.tax_number}
        if last
        else {"kind": "person"},
        "days": invoicing.REQUEST_DAYS,
        "error": error,
    }
    return render(request, "storefront/care/invoice.html", context, status=error.http_status if error else 200)


@never_cache
@member_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """Every invoice of the member, newest first."""
    rows = selectors.invoices_of_member(current(request))[:ROWS]
    context = {"active_tab": "me", "page_title": _("My invoices"), "back": "/me", "rows": rows}
    return render(request, "storefront/care/invoices.html", context)


@never_cache
@member_required
@require_safe
def file(request: HttpRequest, ulid: str, name: str) -> HttpResponse:
    """The PDF: for the buyer, and for the owner of the shop that issued it."""
    row, member = selectors.invoice(ulid), current(request)
    if row.member_id != member.pk:
        if not row.seller_ulid:
            raise NotFound
        member_of_shop(request, row.seller_ulid, ShopRole.MONEY)
    return pdf(row, name)


def pdf(row: Invoice, name: str) -> HttpResponse:
    """One file of an invoice, never shown as a page of this address."""
    headers = {
        "Content-Disposition": f'attachment; filename="invoice-{row.order.number}.pdf"',
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(services.read_file(row, name), content_type="application/pdf", headers=headers)


@never_cache
@member_required
@require_safe
def shop(request: HttpRequest, ulid: str) -> HttpResponse:
    """Invoices that an own shop issues, those to do first."""
    row = member_of_shop(request, ulid, ShopRole.MONEY)
    context = {
        "active_tab": "me",
        "page_title": _("Invoices of %(shop)s") % {"shop": row.name},
        "back": "/seller",
        "row": row,
        "rows": selectors.invoices(state=request.GET.get("state", "open"), seller_ulid=row.ulid)[:ROWS],
        "state": request.GET.get("state", "open"),
        "tabs": [("open", _("To do")), ("all", _("All"))],
    }
    return render(request, "storefront/care/shop_invoices.html", context)


@member_required
@require_POST
def shop_step(request: HttpRequest, ulid: str, invoice: str) -> HttpResponse:
    """Issue or refuse an invoice of an own shop."""
    row = member_of_shop(request, ulid, ShopRole.MONEY)
    try:
        done = issue_step(request, invoice, actor=f"member:{current(request).ulid}", seller_ulid=row.ulid)()
    except NotFound:
        raise
    except DomainError as error:
        messages.error(request, error.text)
    else:
        messages.success(request, done)
    return redirect("care:shop_invoices", ulid)


def issue_step(request: HttpRequest, ulid: str, *, actor: str, seller_ulid: str | None) -> Callable[[], str]:
    """What a form of the queue asks for: issue, with number and file, or refuse with a reason."""
    wanted = request.POST.get("step", "")
    upload = request.FILES.get("file")
    if wanted == "issue":
        content = upload.read(invoicing.MAX_FILE_BYTES + 1) if upload else b""

        def issue() -> str:
            services.issue_invoice(
                invoice_ulid=ulid,
                number=request.POST.get("number", ""),
                file=content,
                actor=actor,
                now=now(),
                seller_ulid=seller_ulid,
            )
            return _("Noted as issued: the buyer sees it.")

        return issue
    if wanted == "refuse":

        def refuse() -> str:
            services.refuse_invoice(
                invoice_ulid=ulid,
                reason=request.POST.get("reason", ""),
                actor=actor,
                now=now(),
                seller_ulid=seller_ulid,
            )
            return _("Refused: the buyer reads the reason.")

        return refuse
    raise Http404


def _step(request: HttpRequest, member: Member, ulid: str) -> str:
    if request.POST.get("step") == "withdraw":
        services.withdraw_invoice(invoice_ulid=request.POST.get("invoice", "")[:26], member=member, now=now())
        return _("Taken back.")
    services.ask_invoice(
        order_ulid=ulid,
        member=member,
        kind=request.POST.get("kind", ""),
        title=request.POST.get("title", ""),
        tax_number=request.POST.get("tax_number", ""),
        now=now(),
    )
    return _("Asked for. You can download it here once it is issued.")
