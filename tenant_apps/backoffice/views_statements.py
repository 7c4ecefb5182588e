"""Sellers' statements: the list, one with its lines, as a file; confirmed, disputed, recorded as paid."""

from collections.abc import Callable, Iterator
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from saas.identity import audit
from saas.identity.roles import Role
from saas.kernel.clock import CHINA, now
from tenant_apps.backoffice import people
from tenant_apps.backoffice.labels import LINE_KINDS, STATEMENT_STATES
from tenant_apps.backoffice.pages import act, actor_of, needs, page_of, show
from tenant_apps.orders.spreadsheets import Yuan, spreadsheet
from tenant_apps.sellers import selectors, services
from tenant_apps.sellers.models import Statement

READERS = (Role.FINANCE, Role.AUDITOR)


@needs(*READERS)
@require_safe
def statements(request: HttpRequest) -> HttpResponse:
    """Statements by state and seller, newest first."""
    state, seller = request.GET.get("state", ""), request.GET.get("seller", "")
    rows = selectors.statements(state=state if state in STATEMENT_STATES else "", seller_ulid=seller)
    return show(
        request,
        "statements",
        _("Statements"),
        page=page_of(request, rows),
        tabs=[("", _("All")), *((key, text) for key, (text, _tone) in STATEMENT_STATES.items())],
        state=state,
        seller=seller,
        sellers=selectors.choices(),
    )


@needs(*READERS)
@require_safe
def statement(request: HttpRequest, ulid: str) -> HttpResponse:
    """One statement with its sums, lines and steps."""
    row = selectors.statement(ulid)
    names = people.names([row.decided_by, row.paid_by])
    page = page_of(request, selectors.lines_of(row), 50)
    return show(
        request,
        "seller_statement",
        row.number,
        row=row,
        page=page,
        lines=[(line, LINE_KINDS[line.kind]) for line in page],
        decided_by=names.get(row.decided_by, row.decided_by),
        paid_by=names.get(row.paid_by, row.paid_by),
        by_hand=not selectors.is_live(),
    )


@needs(*READERS)
@require_safe
def statement_file(request: HttpRequest, ulid: str) -> HttpResponse:
    """All lines of a statement as a spreadsheet; that it was taken is recorded."""
    row = selectors.statement(ulid)
    with transaction.atomic():
        audit.record(actor_of(request), "statement.exported", target=row.document)
    headings = [
        _("Day"), _("Kind"), _("Order"), _("Goods"), _("Paid by the shopper"), _("The mall's take"),
        _("Payment channel"), _("Freight"), _("Amount"),
    ]  # fmt: skip
    return spreadsheet(name=f"statement-{row.number}", headings=headings, rows=_rows(row))


def _rows(row: Statement) -> Iterator[list[Any]]:
    for line in selectors.lines_of(row).iterator(chunk_size=1_000):
        yield [
            f"{localtime(line.settled_at, CHINA):%Y-%m-%d}",
            str(LINE_KINDS[line.kind]),
            line.order_number,
            line.title,
            Yuan(line.turnover_amount),
            Yuan(line.fee_amount),
            Yuan(line.payment_fee_amount),
            Yuan(line.freight_amount),
            Yuan(line.amount),
        ]
    yield [_("Sum"), "", "", "", "", Yuan(row.fee_amount), Yuan(row.payment_fee_amount), "", Yuan(row.total_amount)]


@needs(Role.FINANCE)
@require_POST
def statement_decide(request: HttpRequest, ulid: str) -> HttpResponse:
    """Confirm, dispute with a reason, or record the transfer."""
    actor = actor_of(request)
    steps: dict[str, tuple[Callable[[], object], str]] = {
        "confirm": (
            lambda: services.confirm_statement(ulid=ulid, actor=actor, now=now()),
            _("Confirmed. Transfer the money, then record it here."),
        ),
        "dispute": (
            lambda: services.dispute_statement(
                ulid=ulid, reason=request.POST.get("reason", ""), actor=actor, now=now()
            ),
            _("Disputed. It is not paid until somebody confirms it."),
        ),
        "paid": (
            lambda: services.pay_statement(
                ulid=ulid, reference=request.POST.get("reference", ""), actor=actor, now=now()
            ),
            _("Recorded as paid."),
        ),
    }
    step = request.POST.get("step", "")
    if step not in steps:
        raise Http404
    call, done = steps[step]
    return act(request, call, done=done, back=reverse("backoffice:seller_statement", args=[ulid]))
