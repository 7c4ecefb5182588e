"""A shop's file for its owner: papers, deposit with announced deductions, leaving the mall."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from saas.kernel.clock import china_date, now
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from saas.ledger import selectors as book
from tenant_apps.catalog import selectors as catalog
from tenant_apps.members.access import member_required
from tenant_apps.orders import services as orders
from tenant_apps.seller_portal.access import current, owner_of_shop
from tenant_apps.seller_portal.labels import PAPER_KINDS
from tenant_apps.seller_portal.views_apply import day_of, paper_answer
from tenant_apps.sellers import selectors, services
from tenant_apps.sellers.applying import ends_on
from tenant_apps.sellers.models import Seller
from tenant_apps.sellers.rules import ENDED, deposit_of

ROWS = 20


@never_cache
@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def file(request: HttpRequest, ulid: str) -> HttpResponse:
    """Papers, deposit and deductions of an own shop; hand in a paper, object to a deduction, leave."""
    row = owner_of_shop(request, ulid)
    error: DomainError | None = None
    if request.method == "POST":
        try:
            done = _step(request, row)
        except NotFound:
            raise
        except DomainError as refused:
            error = refused
            row = owner_of_shop(request, ulid)
        else:
            messages.success(request, done)
            return redirect("portal:file", ulid)
    today, account = china_date(now()), book.balances([deposit_of(ulid)])[deposit_of(ulid)]
    context = {
        "active_tab": "me",
        "page_title": row.name,
        "back": "/seller",
        "row": row,
        "error": error,
        "papers": [(one, PAPER_KINDS[one["kind"]], (ends_on(one) or today) < today) for one in row.papers],
        "paper_kinds": PAPER_KINDS.items(),
        "tree": catalog.category_tree(),
        "deposit": account.posted,
        "held": account.held_out,
        "deductions": selectors.deductions(ulid)[:ROWS],
        "lines": book.statement(deposit_of(ulid), limit=ROWS),
        "ended": row.state in ENDED,
        "left": orders.what_is_open(ulid) if row.state in ENDED else None,
        "now": now(),
    }
    return render(request, "seller_portal/file.html", context, status=error.http_status if error else 200)


@never_cache
@member_required
@require_safe
def paper(request: HttpRequest, ulid: str, name: str) -> HttpResponse:
    """A paper of an own shop."""
    return paper_answer(owner_of_shop(request, ulid).papers, name)


def _step(request: HttpRequest, row: Seller) -> str:
    step, member = request.POST.get("step", ""), current(request)
    if step == "paper":
        given = request.FILES.get("paper")
        if given is None:
            raise InvalidInput(_("Choose a file first."), field="paper")
        services.add_seller_paper(
            seller_ulid=row.ulid,
            content=given.read(),
            content_type=given.content_type or "",
            kind=request.POST.get("paper_kind", ""),
            category=request.POST.get("paper_category", ""),
            until=day_of(request, "paper_until"),
            actor=f"member:{member.ulid}",
            member=member,
            now=now(),
        )
        return _("Handed in. It counts as soon as the mall has looked at it.")
    if step == "object":
        services.dispute_deduction(
            ulid=request.POST.get("deduction", ""), member=member, reason=request.POST.get("reason", ""), now=now()
        )
        return _("The mall reads your objection. Nothing is taken before it has decided.")
    if step == "leave":
        services.leave_mall(
            ulid=row.ulid, actor=f"member:{member.ulid}", reason=request.POST.get("reason", ""), now=now()
        )
        return _("Your shop ends. Orders under way are finished, then the rest of your deposit goes back.")
    raise NotFound
