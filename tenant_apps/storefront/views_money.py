"""A member's money: what was earned and why, what is frozen until when, what can be withdrawn."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from saas.kernel.clock import now
from saas.kernel.errors import DomainError
from saas.kernel.ids import new_ulid
from tenant_apps.members.access import member_required
from tenant_apps.members.rules import mask_name
from tenant_apps.payouts import selectors as payouts
from tenant_apps.payouts import services
from tenant_apps.payouts.rules import Payee, mask_account
from tenant_apps.settlement import selectors as settlement
from tenant_apps.storefront.forms_money import WithdrawForm

_MAX_PAGE = 500


@require_safe
@never_cache
@member_required
def wallet(request: HttpRequest) -> HttpResponse:
    """Available, frozen, debt; then every award with its sentence."""
    member = request.member  # type: ignore[attr-defined]
    page = request.GET.get("page", "1")
    number = min(int(page), _MAX_PAGE) if page.isdecimal() and int(page) else 1
    size = settlement.PAGE_SIZE
    awards = settlement.awards_of_member(member.ulid, page=number, page_size=size, seen_at=now())
    context = {
        "active_tab": "me",
        "page_title": _("Wallet"),
        "summary": settlement.wallet_summary(member.ulid, seen_at=now()),
        "earnings": settlement.earnings(member.ulid, now=now()),
        "debt": settlement.debt_of_member(member.ulid),
        "awards": awards,
        "page": number,
        "has_next": len(awards) == size,
    }
    return render(request, "storefront/money/wallet.html", context)


@require_safe
@never_cache
@member_required
def award(request: HttpRequest, ulid: str) -> HttpResponse:
    """One award of the member's own: why, how much of what, until when, and what was taken back of it."""
    member = request.member  # type: ignore[attr-defined]
    found = settlement.award_told(member.ulid, ulid)
    order = settlement.order_of_award(ulid)
    context = {
        "active_tab": "me",
        "page_title": _("Award"),
        "award": found,
        "back": reverse("money:wallet"),
        "own_sale": order if settlement.sold_by(member, order) else "",
    }
    return render(request, "storefront/money/award.html", context)


@require_safe
@never_cache
@member_required
def sale(request: HttpRequest, ulid: str) -> HttpResponse:
    """What became of an order's lines that the member's own shops sold: his part, the mall's, what was refunded.

    `ulid` may be the order's number: it is what statements name.
    """
    number, lines = settlement.trace_of_owner(request.member, settlement.order_of_number(ulid) or ulid)  # type: ignore[attr-defined]
    context = {"active_tab": "me", "page_title": _("Who got what"), "number": number, "lines": lines}
    return render(request, "storefront/money/sale.html", context)


@require_safe
@never_cache
@member_required
def statement(request: HttpRequest) -> HttpResponse:
    """The entries of the wallet with the balance after each."""
    member = request.member  # type: ignore[attr-defined]
    context = {
        "active_tab": "me",
        "page_title": _("Wallet statement"),
        "summary": settlement.wallet_summary(member.ulid, seen_at=now()),
        "entries": settlement.wallet_entries(member.ulid, limit=100),
    }
    return render(request, "storefront/money/statement.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_required
def withdraw(request: HttpRequest) -> HttpResponse:
    """Ask for a withdrawal in two steps: figures, then the fee and what arrives, to be confirmed."""
    if request.method != "POST":
        return _form(request, WithdrawForm(initial={"key": new_ulid()}))
    form = WithdrawForm(request.POST)
    if not form.is_valid():
        return _form(request, form, status=422)
    data = form.cleaned_data
    payee = Payee(data["real_name"], data["bank_name"], data["account"]).cleaned()
    if data["fee"] is None:
        return _confirmation(request, form, payee)
    try:
        services.request_withdrawal(
            member=request.member,  # type: ignore[attr-defined]
            amount=data["amount"],
            payee=payee,
            idempotency_key=data["key"],
            expected_fee=data["fee"],
            now=now(),
        )
    except DomainError as refused:
        form.add_error(refused.field if refused.field in form.fields else None, refused.text)
        return _form(request, form, status=refused.http_status)
    messages.success(request, _("Your request has been received. The amount is set aside until it is decided."))
    return redirect("money:withdraw")


@require_POST
@member_required
def cancel(request: HttpRequest, ulid: str) -> HttpResponse:
    """Take back a request that has not been decided."""
    services.cancel_withdrawal(member=request.member, ulid=ulid, now=now())  # type: ignore[attr-defined]
    messages.success(request, _("The request was cancelled; the amount is available again."))
    return redirect("money:withdraw")


def _confirmation(request: HttpRequest, form: WithdrawForm, payee: Payee) -> HttpResponse:
    """The second step: nothing has been asked for yet."""
    amount = form.cleaned_data["amount"]
    at = now()
    try:
        fee = services.check_withdrawal(
            member=request.member,  # type: ignore[attr-defined]
            amount=amount,
            payee=payee,
            now=at,
        )
    except DomainError as refused:
        form.add_error(refused.field if refused.field in form.fields else None, refused.text)
        return _form(request, form, status=refused.http_status)
    context = {
        "active_tab": "me",
        "page_title": _("Confirm the withdrawal"),
        "amount": amount,
        "fee": fee,
        "net": amount - fee,
        "fee_ppm": payouts.terms(now=at).fee_ppm,
        "real_name": mask_name(payee.real_name),
        "bank_name": payee.bank_name,
        "account": mask_account(payee.account),
        "sent": {name: request.POST.get(name, "") for name in ("amount", "real_name", "bank_name", "account", "key")},
    }
    return render(request, "storefront/money/confirm.html", context)


def _form(request: HttpRequest, form: WithdrawForm, status: int = 200) -> HttpResponse:
    member = request.member  # type: ignore[attr-defined]
    rows = list(payouts.withdrawals_of_member(member)[:50])
    context = {
        "active_tab": "me",
        "page_title": _("Withdraw"),
        "form": form,
        "offer": payouts.offer(member=member, now=now()),
        "rows": [(row, payouts.state_word(row)) for row in rows],
        "pays_out": payouts.may_transfer_by_hand(),
    }
    return render(request, "storefront/money/withdraw.html", context, status=status)
