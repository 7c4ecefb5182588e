"""Withdrawals: review, and recording a bank transfer made by hand (rehearsal malls only)."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from saas.identity.roles import Role
from saas.kernel.clock import now
from tenant_apps.backoffice import people
from tenant_apps.backoffice.labels import WITHDRAWAL_STATES
from tenant_apps.backoffice.pages import act, actor_of, needs, page_of, show
from tenant_apps.payouts import selectors, services
from tenant_apps.payouts.models import Withdrawal


@needs(Role.FINANCE)
@require_safe
def withdrawals(request: HttpRequest) -> HttpResponse:
    """Withdrawals by state; what waits comes first."""
    state = request.GET.get("state", "")
    if state in WITHDRAWAL_STATES:
        rows = Withdrawal.objects.filter(state=state).select_related("member").order_by("-pk")
    elif state == "all":
        rows = Withdrawal.objects.select_related("member").order_by("-pk")
    else:
        rows = selectors.to_review()
    tabs = [
        ("", _("To do")),
        *((key, text) for key, (text, _tone) in WITHDRAWAL_STATES.items()),
        ("all", _("All")),
    ]
    page = page_of(request, rows)
    return show(request, "withdrawals", _("Withdrawals"), page=page, tabs=tabs, state=state)


@needs(Role.FINANCE)
@require_safe
def withdrawal(request: HttpRequest, ulid: str) -> HttpResponse:
    """One withdrawal, masked; the payee in full is asked for by a button, which is recorded."""
    return _page(request, ulid)


def _page(request: HttpRequest, ulid: str, **more: Any) -> HttpResponse:
    row = selectors.withdrawal(ulid)
    names = people.names([row.decided_by, row.paid_by])
    return show(
        request,
        "withdrawal",
        row.number,
        row=row,
        by_hand=selectors.may_transfer_by_hand(),
        decided_by=names.get(row.decided_by, row.decided_by),
        paid_by=names.get(row.paid_by, row.paid_by),
        **more,
    )


@needs(Role.FINANCE)
@require_POST
def payee(request: HttpRequest, ulid: str) -> HttpResponse:
    """Show name and account in full on this one answer; who looked is in the audit trail."""
    with transaction.atomic():
        shown = services.look_at_payee(actor=actor_of(request), ulid=ulid)
    answer = _page(request, ulid, payee=shown)
    answer["Cache-Control"] = "no-store"
    return answer


@needs(Role.FINANCE)
@require_POST
def decide(request: HttpRequest, ulid: str) -> HttpResponse:
    """Approve, reject with a reason, or record the transfer."""
    actor, step = actor_of(request), request.POST.get("step", "")
    steps: dict[str, tuple[Callable[[], object], str]] = {
        "approve": (
            lambda: services.approve_withdrawal(actor=actor, ulid=ulid, now=now()),
            _("Approved. Transfer the money, then record it here."),
        ),
        "reject": (
            lambda: services.reject_withdrawal(
                actor=actor, ulid=ulid, reason=request.POST.get("reason", ""), now=now()
            ),
            _("Rejected. The member has the money back and reads the reason."),
        ),
        "paid": (
            lambda: services.record_manual_transfer(
                actor=actor, ulid=ulid, reference=request.POST.get("reference", ""), now=now()
            ),
            _("Recorded as paid."),
        ),
    }
    if step not in steps:
        raise Http404
    call, done = steps[step]
    return act(request, call, done=done, back=reverse("backoffice:withdrawal", args=[ulid]))
