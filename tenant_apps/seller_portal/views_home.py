"""The first page of whoever works in shops: each shop with what is most urgent, and invitations to answer."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from saas.kernel.clock import now
from saas.kernel.errors import DomainError, NotFound
from saas.ledger import selectors as book
from tenant_apps.members.access import member_required
from tenant_apps.modes.subsidy import selectors as subsidy
from tenant_apps.seller_portal.access import current
from tenant_apps.seller_portal.labels import ROLES
from tenant_apps.sellers import people, selectors, services
from tenant_apps.sellers.models import Seller
from tenant_apps.sellers.rules import StatementState, debt_of, payable_of
from tenant_apps.sellers.staffing import ShopRole, clean_roles
from tenant_apps.settlement import selectors as settlement


@dataclass(frozen=True)
class ShopCard:
    """One shop on the first page. Amounts in fen; money only for whoever may see it."""

    row: Seller
    roles: frozenset[ShopRole]
    is_owner: bool
    sees_money: bool
    coming: int
    held: int
    debt: int
    asked: list[selectors.AskedPayment]
    to_confirm: int


@never_cache
@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def home(request: HttpRequest) -> HttpResponse:
    """Every shop the member owns or works in; POST answers an invitation, or leaves a shop."""
    member = current(request)
    if request.method == "POST":
        try:
            messages.success(request, _step(request))
        except NotFound:
            raise
        except DomainError as error:
            messages.error(request, error.text)
        return redirect("portal:home")
    context = {
        "active_tab": "me",
        "page_title": _("My shop"),
        "back": "/me",
        "shops": [_card(row, people.roles_in(row, member)) for row in people.shops_of(member)],
        "invitations": [
            (row, [ROLES[role] for role in clean_roles(entry["roles"])]) for row, entry in people.invitations(member)
        ],
        "vouchers_are_on": subsidy.terms_in_force(now=now()).values.enabled,
        "months": settlement.months(payee=member.ulid),
    }
    return render(request, "seller_portal/home.html", context)


def _step(request: HttpRequest) -> str:
    step, member = request.POST.get("step", ""), current(request)
    shop = request.POST.get("shop", "")
    if step == "accept":
        row = services.accept_invitation(seller_ulid=shop, member=member, now=now())
        return _("You work in “%(shop)s” now.") % {"shop": row.name}
    if step == "decline":
        services.decline_invitation(seller_ulid=shop, member=member, now=now())
        return _("Declined.")
    if step == "leave":
        services.leave_staff(seller_ulid=shop, member=member, now=now())
        return _("You have left the shop; its pages are closed to you from now on.")
    raise NotFound


def _card(row: Seller, roles: frozenset[ShopRole]) -> ShopCard:
    sees_money = ShopRole.MONEY in roles
    owner = ShopRole.OWNER in roles
    accounts = book.balances([payable_of(row.ulid), debt_of(row.ulid)]) if sees_money else {}
    return ShopCard(
        row=row,
        roles=roles,
        is_owner=owner,
        sees_money=sees_money,
        coming=accounts[payable_of(row.ulid)].available if accounts else 0,
        held=accounts[payable_of(row.ulid)].held_out if accounts else 0,
        debt=-accounts[debt_of(row.ulid)].posted if accounts else 0,
        asked=selectors.asked_of(row.ulid) if owner else [],
        to_confirm=selectors.statements(seller_ulid=row.ulid, state=StatementState.DRAFT).count() if sees_money else 0,
    )
