"""A shop's money: what comes, what the mall takes, statements and the shop's word on them, a store's income."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from saas.kernel.clock import china_date, now
from saas.kernel.errors import DomainError, NotFound
from saas.ledger import selectors as book
from tenant_apps.members.access import member_required
from tenant_apps.modes import selectors as modes
from tenant_apps.modes.subsidy import overview
from tenant_apps.orders import selectors as orders
from tenant_apps.seller_portal.access import address, current, frame, member_of_shop
from tenant_apps.sellers import selectors, services
from tenant_apps.sellers.models import Seller, Statement
from tenant_apps.sellers.rules import (
    StatementState,
    credit_of,
    debt_of,
    deposit_of,
    payable_of,
    store_debt_of,
    store_wallet_of,
    tiers_from_json,
)
from tenant_apps.sellers.staffing import ShopRole
from tenant_apps.settlement import selectors as settlement

LINES = 100


@never_cache
@member_required
@require_safe
def money(request: HttpRequest, ulid: str) -> HttpResponse:
    """What the shop has coming, what it pays the mall, its statements and what is in none of them yet."""
    row = member_of_shop(request, ulid, ShopRole.MONEY)
    return render(request, "seller_portal/money.html", {**frame(request, row, _("Money and statements")), **_sums(row)})


@never_cache
@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def statement(request: HttpRequest, ulid: str, statement_ulid: str) -> HttpResponse:
    """One statement of the shop with its lines; POST is the shop's word: it is right, or what is wrong with it."""
    shop = member_of_shop(request, ulid, ShopRole.MONEY)
    row = _own_statement(shop, statement_ulid)
    if request.method == "POST":
        try:
            services.answer_statement(
                ulid=statement_ulid,
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
        return redirect("portal:statement", ulid, statement_ulid)
    lines = list(selectors.lines_of(row)[: LINES + 1])
    context = {
        **frame(request, shop, row.number, back=address("money", ulid)),
        "statement": row,
        "lines": lines[:LINES],
        "more": len(lines) > LINES,
        "may_confirm": row.state == StatementState.DRAFT
        or (row.state == StatementState.DISPUTED and row.decided_by.startswith("member:")),
        "may_dispute": row.state in (StatementState.DRAFT, StatementState.CONFIRMED),
    }
    return render(request, "seller_portal/statement.html", context)


@member_required
@require_safe
def old_statement(request: HttpRequest, ulid: str) -> HttpResponse:
    """The address that statements had before they stood below their shop."""
    row = selectors.statement(ulid)
    member_of_shop(request, row.seller.ulid, ShopRole.MONEY)
    return redirect("portal:statement", row.seller.ulid, ulid, permanent=True)


@never_cache
@member_required
@require_safe
def income(request: HttpRequest, ulid: str) -> HttpResponse:
    """What a store earns of other sales, award by award, each with its sentence."""
    row = member_of_shop(request, ulid, ShopRole.MONEY)
    accounts = book.balances([store_wallet_of(ulid), store_debt_of(ulid)])
    context = {
        **frame(request, row, _("Income of %(store)s") % {"store": row.name}, back=address("money", ulid)),
        "wallet": accounts[store_wallet_of(ulid)].available,
        "frozen": accounts[store_wallet_of(ulid)].held_in,
        "debt": -accounts[store_debt_of(ulid)].posted,
        "awards": settlement.awards_of_store(ulid, limit=LINES),
    }
    return render(request, "seller_portal/income.html", context)


def _own_statement(shop: Seller, ulid: str) -> Statement:
    row = selectors.statement(ulid)
    if row.seller_id != shop.pk:
        raise NotFound
    return row


def _sums(row: Seller) -> dict[str, object]:
    terms = selectors.terms([row.ulid], now=now())[row.ulid]
    settings = modes.settings_in_force(now=now())
    accounts = book.balances([of(row.ulid) for of in (payable_of, debt_of, credit_of, deposit_of, store_wallet_of)])
    points = overview.standing_of_seller(row.ulid)
    return {
        "rate_ppm": terms.rate_ppm,
        "payment_fee_ppm": settings["settlement"].values.payment_fee_ppm,
        "tiers": tiers_from_json(row.take_tiers),
        "turnover": selectors.rolling_turnover(row.ulid, until=china_date(now())),
        "coming": accounts[payable_of(row.ulid)].available,
        "held": accounts[payable_of(row.ulid)].held_out,
        "debt": -accounts[debt_of(row.ulid)].posted,
        "credit": accounts[credit_of(row.ulid)].posted,
        "deposit": accounts[deposit_of(row.ulid)].available,
        "wallet": accounts[store_wallet_of(row.ulid)].available,
        "statements": list(selectors.statements(seller_ulid=row.ulid)[:24]),
        "open_lines": list(selectors.open_lines(row.ulid).reverse()[:24]),
        "points": points,
        "honest": overview.honest() if points.lots else None,
        "redeemed": orders.vouchers_redeemed(row.ulid),
        "months": settlement.months(sellers_ulids=[row.ulid]),
    }
