"""A seller's own pages for its owner: what was sold, what the mall takes, a store's income, statements and his word on them."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from saas.kernel.clock import china_date, now
from saas.kernel.errors import DomainError, NotFound
from saas.ledger import selectors as book
from saas.ledger.selectors import StatementLine as BookLine
from tenant_apps.members.access import member_required
from tenant_apps.modes.subsidy import overview
from tenant_apps.modes.subsidy import selectors as subsidy
from tenant_apps.modes.subsidy.selectors import Standing
from tenant_apps.orders import selectors as orders
from tenant_apps.sellers import selectors, services
from tenant_apps.sellers.models import Seller, Statement, StatementLine
from tenant_apps.sellers.rules import (
    StatementState,
    TakeTier,
    credit_of,
    debt_of,
    deposit_of,
    payable_of,
    store_debt_of,
    store_wallet_of,
    tiers_from_json,
)
from tenant_apps.settlement import selectors as settlement
from tenant_apps.storefront.access import current

LINES = 100


@dataclass(frozen=True)
class Shop:
    """One shop of the member's own. Amounts in fen; `rate_ppm` is the take as of now."""

    row: Seller
    rate_ppm: int
    tiers: tuple[TakeTier, ...]
    turnover: int
    coming: int
    held: int
    debt: int
    credit: int
    deposit: int
    deposit_lines: list[BookLine]
    wallet: int
    asked: list[selectors.AskedPayment]
    statements: list[Statement]
    open_lines: list[StatementLine]
    points: Standing
    redeemed: int  # paid by vouchers at this shop, less refunds


@require_safe
@never_cache
@member_required
def seller(request: HttpRequest) -> HttpResponse:
    """Every shop of the member's."""
    member = current(request)
    shops = [_shop(row) for row in selectors.sellers_of(member)]
    context = {
        "active_tab": "me",
        "page_title": _("My shop"),
        "shops": shops,
        "vouchers_are_on": subsidy.terms_in_force(now=now()).values.enabled,
        "honest": overview.honest() if any(shop.points.lots for shop in shops) else None,
        "months": settlement.months(sellers_ulids=[shop.row.ulid for shop in shops], payee=member.ulid),
    }
    return render(request, "storefront/seller/seller.html", context)


@require_safe
@never_cache
@member_required
def statement(request: HttpRequest, ulid: str) -> HttpResponse:
    """One statement of an own shop, with its lines. Another seller's is not found."""
    row = selectors.statement(ulid)
    if row.seller.owner_id != current(request).pk:
        raise NotFound
    lines = list(selectors.lines_of(row)[: LINES + 1])
    context = {
        "active_tab": "me",
        "page_title": row.number,
        "row": row,
        "lines": lines[:LINES],
        "more": len(lines) > LINES,
        "back": reverse("seller:seller"),
        "may_confirm": row.state == StatementState.DRAFT
        or (row.state == StatementState.DISPUTED and row.decided_by == f"member:{current(request).ulid}"),
        "may_dispute": row.state in (StatementState.DRAFT, StatementState.CONFIRMED),
    }
    return render(request, "storefront/seller/statement.html", context)


@require_POST
@member_required
def answer(request: HttpRequest, ulid: str) -> HttpResponse:
    """The owner's word on a statement: it is right, or what is wrong with it."""
    try:
        services.answer_statement(
            ulid=ulid,
            member=current(request),
            agrees=request.POST.get("answer") == "right",
            reason=request.POST.get("reason", ""),
            now=now(),
        )
    except NotFound:
        raise
    except DomainError as error:
        messages.error(request, error.text)
    else:
        messages.success(request, _("Thank you. The mall sees your answer."))
    return redirect("seller:statement", ulid)


@require_safe
@never_cache
@member_required
def income(request: HttpRequest, ulid: str) -> HttpResponse:
    """What an own store earns of other sales, award by award, each with its sentence. Another's is not found."""
    row = selectors.seller(ulid)
    if row.owner_id != current(request).pk:
        raise NotFound
    accounts = book.balances([store_wallet_of(ulid), store_debt_of(ulid)])
    context = {
        "active_tab": "me",
        "page_title": _("Income of %(store)s") % {"store": row.name},
        "row": row,
        "wallet": accounts[store_wallet_of(ulid)].available,
        "frozen": accounts[store_wallet_of(ulid)].held_in,
        "debt": -accounts[store_debt_of(ulid)].posted,
        "awards": settlement.awards_of_store(ulid, limit=LINES),
        "back": reverse("seller:seller"),
    }
    return render(request, "storefront/seller/income.html", context)


def _shop(row: Seller) -> Shop:
    terms = selectors.terms([row.ulid], now=now())[row.ulid]
    accounts = book.balances([of(row.ulid) for of in (payable_of, debt_of, credit_of, deposit_of, store_wallet_of)])
    return Shop(
        row=row,
        rate_ppm=terms.rate_ppm,
        tiers=tiers_from_json(row.take_tiers),
        turnover=selectors.rolling_turnover(row.ulid, until=china_date(now())),
        coming=accounts[payable_of(row.ulid)].available,
        held=accounts[payable_of(row.ulid)].held_out,
        debt=-accounts[debt_of(row.ulid)].posted,
        credit=accounts[credit_of(row.ulid)].posted,
        deposit=accounts[deposit_of(row.ulid)].available,
        deposit_lines=book.statement(deposit_of(row.ulid), limit=6),
        wallet=accounts[store_wallet_of(row.ulid)].available,
        asked=selectors.asked_of(row.ulid),
        statements=list(selectors.statements(seller_ulid=row.ulid)[:12]),
        open_lines=list(selectors.open_lines(row.ulid).reverse()[:12]),
        points=overview.standing_of_seller(row.ulid),
        redeemed=orders.vouchers_redeemed(row.ulid),
    )
