"""Sellers: the list, one seller with his terms and state, the mall's licence to host them."""

import datetime as dt
from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from saas.identity.models import AuditRecord
from saas.identity.roles import Role
from saas.kernel.clock import china_date, now
from saas.kernel.errors import DomainError, InvalidInput
from saas.kernel.ids import is_ulid, new_ulid
from saas.kernel.money import parse_yuan
from saas.ledger import selectors as book
from tenant_apps.backoffice import people
from tenant_apps.backoffice.forms_sellers import KINDS, SellerForm, initial_of
from tenant_apps.backoffice.labels import PAPER_STATES, SELLER_CHANGES, SELLER_STATES
from tenant_apps.backoffice.pages import act, actor_of, needs, page_of, show
from tenant_apps.backoffice.views_applications import paper_answer
from tenant_apps.catalog import selectors as catalog
from tenant_apps.orders import services as orders
from tenant_apps.sellers import payees, selectors, services, voucher_terms
from tenant_apps.sellers import people as shop_people
from tenant_apps.sellers.applying import ends_on
from tenant_apps.sellers.rules import ENDED, Asked, credit_of, debt_of, deposit_of, payable_of, store_wallet_of
from tenant_apps.settlement import selectors as settlement

READERS = (Role.FINANCE, Role.GOODS)


@needs(*READERS)
@require_safe
def sellers(request: HttpRequest) -> HttpResponse:
    """Sellers by state and kind; search by name. On top the mall's own licence, where it is missing."""
    state, kind, query = (request.GET.get(name, "") for name in ("state", "kind", "q"))
    rows = selectors.sellers(
        kind=kind if kind in dict(KINDS) else "", state=state if state in SELLER_STATES else "", query=query.strip()
    )
    tabs = [("", _("All")), *((key, text) for key, (text, _tone) in SELLER_STATES.items())]
    return show(
        request,
        "sellers",
        _("Sellers"),
        page=page_of(request, rows),
        tabs=tabs,
        state=state,
        kind=kind,
        kinds=KINDS,
        query=query,
        edi=selectors.edi_licence(),
        may_host=selectors.may_host_sellers(now=now()),
    )


@needs(Role.FINANCE)
@require_http_methods(["GET", "POST"])
def seller_new(request: HttpRequest) -> HttpResponse:
    """A new seller, paused until he is opened."""
    form = SellerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.create_seller(draft=form.draft(), actor=actor_of(request), now=now())
        except DomainError as error:
            _refuse(form, error)
        else:
            messages.success(request, _("Saved. Open the seller when the licence has been checked."))
            return redirect("backoffice:seller", made.ulid)
    return show(request, "seller", _("New seller"), status=422 if form.errors else 200, form=form, seller=None)


@needs(*READERS)
@require_http_methods(["GET", "POST"])
def seller(request: HttpRequest, ulid: str) -> HttpResponse:
    """One seller: terms, money, state, changes."""
    row = selectors.seller(ulid)
    form = SellerForm(request.POST or None, initial=initial_of(row))
    if request.method == "POST":
        return _save(request, ulid, form)
    return _page(request, ulid, form)


@needs(Role.FINANCE)
def _save(request: HttpRequest, ulid: str, form: SellerForm) -> HttpResponse:
    if form.is_valid():
        try:
            services.update_seller(ulid=ulid, draft=form.draft(), actor=actor_of(request), now=now())
        except DomainError as error:
            _refuse(form, error)
        else:
            messages.success(request, _("Saved. Orders already placed keep the terms they were sold under."))
            return redirect("backoffice:seller", ulid)
    return _page(request, ulid, form)


def _page(request: HttpRequest, ulid: str, form: SellerForm) -> HttpResponse:
    row, today = selectors.seller(ulid), china_date(now())
    accounts = book.balances(
        [payable_of(ulid), debt_of(ulid), credit_of(ulid), deposit_of(ulid), store_wallet_of(ulid)]
    )
    trail = list(AuditRecord.objects.filter(target=f"seller:{ulid}").order_by("-pk")[:10])
    names = people.names([*(one.actor for one in trail), row.voucher_terms_by])
    return show(
        request,
        "seller",
        row.name,
        status=422 if form.errors else 200,
        form=form,
        seller=row,
        fresh=new_ulid(),
        payee=payees.payee_of(row),
        wish=payees.wish_of(row),
        colleagues=shop_people.staff_of(row),
        signed_by=names.get(row.voucher_terms_by, row.voucher_terms_by),
        voucher_terms=voucher_terms.CURRENT,
        payable=accounts[payable_of(ulid)].available,
        held=accounts[payable_of(ulid)].held_out,
        debt=-accounts[debt_of(ulid)].posted,
        credit=accounts[credit_of(ulid)].posted,
        deposit=accounts[deposit_of(ulid)].available,
        deposit_lines=book.statement(deposit_of(ulid), limit=10),
        deductions=selectors.deductions(ulid)[:10],
        opened=orders.what_is_open(ulid) if row.state in ENDED else None,
        papers=[(one, PAPER_STATES[one["kind"]][0], (ends_on(one) or today) < today) for one in row.papers],
        paper_kinds=[(key, text) for key, (text, _tone) in PAPER_STATES.items()],
        tree=catalog.category_tree(),
        wallet=accounts[store_wallet_of(ulid)].available,
        asked=selectors.asked_of(ulid),
        rolling=selectors.rolling_turnover(ulid, until=china_date(now())),
        open_lines=selectors.open_lines(ulid)[:20],
        months=settlement.months(sellers_ulids=[ulid]),
        statements=selectors.statements(seller_ulid=ulid)[:10],
        trail=[(one, SELLER_CHANGES.get(one.action, one.action), names.get(one.actor, one.actor)) for one in trail],
    )


def _refuse(form: SellerForm, error: DomainError) -> None:
    form.add_error(error.field if error.field in form.fields else None, error.text)


@needs(Role.FINANCE)
@require_POST
def seller_step(request: HttpRequest, ulid: str) -> HttpResponse:
    """Open, pause or close a seller; take an amount from him or give him one; his deposit, a fee for joining."""
    actor, reason = actor_of(request), request.POST.get("reason", "")
    steps: dict[str, tuple[Callable[[], object], str]] = {
        "open": (lambda: services.open_seller(ulid=ulid, actor=actor, now=now()), _("The seller may sell now.")),
        "pause": (
            lambda: services.pause_seller(ulid=ulid, actor=actor, reason=reason, now=now()),
            _("The seller's goods are not sold any more until he is opened again."),
        ),
        "close": (
            lambda: services.close_seller(ulid=ulid, actor=actor, reason=reason, now=now()),
            _("Closed. What the seller has coming is still settled."),
        ),
        "vouchers": (
            lambda: services.sign_voucher_terms(ulid=ulid, signed=True, actor=actor, now=now()),
            _("Noted: this seller takes vouchers in payment."),
        ),
        "no_vouchers": (
            lambda: services.sign_voucher_terms(ulid=ulid, signed=False, actor=actor, now=now()),
            _("Noted: this seller takes vouchers no longer; orders already placed keep theirs."),
        ),
        "adjust": (
            lambda: services.adjust_payable(
                seller_ulid=ulid,
                amount=_fen(request.POST.get("amount", "")),
                reason=reason,
                actor=actor,
                now=now(),
                form=_form(request),
            ),
            _("Booked. It is a line of the next statement."),
        ),
        "ask": (
            lambda: _ask(request, ulid, actor),
            _("Asked. The owner finds it on the page of the shop and pays there."),
        ),
        "unask": (
            lambda: services.withdraw_asked(
                seller_ulid=ulid, kind=_asked(request.POST.get("kind", "")), actor=actor, now=now()
            ),
            _("The seller is not asked for it any more."),
        ),
        "deduct": (
            lambda: services.announce_deduction(
                seller_ulid=ulid,
                amount=_fen(request.POST.get("amount", "")),
                reason=reason,
                actor=actor,
                now=now(),
                form=_form(request),
            ),
            _("Announced. The seller reads the reason and may object; the amount is held."),
        ),
        "take": (
            lambda: services.decide_deduction(
                ulid=request.POST.get("deduction", ""), takes=True, reason=reason, actor=actor, now=now()
            ),
            _("Deducted from the deposit."),
        ),
        "drop": (
            lambda: services.decide_deduction(
                ulid=request.POST.get("deduction", ""), takes=False, reason=reason, actor=actor, now=now()
            ),
            _("Nothing is taken; the seller reads why."),
        ),
        "leave": (
            lambda: services.leave_mall(ulid=ulid, actor=actor, reason=reason, now=now()),
            _("The shop ends: when its orders and statements are settled, the deposit goes back by itself."),
        ),
        "payee": (
            lambda: services.decide_payee(
                seller_ulid=ulid, agrees=True, seen=request.POST.get("seen", ""), actor=actor, now=now()
            ),
            _("Changed. Statements can be paid to it 24 hours from now."),
        ),
        "no_payee": (
            lambda: services.decide_payee(
                seller_ulid=ulid,
                agrees=False,
                seen=request.POST.get("seen", ""),
                reason=reason,
                actor=actor,
                now=now(),
            ),
            _("Refused. The seller reads the reason."),
        ),
        "paper": (lambda: _add_paper(request, ulid, actor), _("Added.")),
        "paper_good": (
            lambda: services.check_paper(
                seller_ulid=ulid, name=request.POST.get("paper", ""), good=True, actor=actor, now=now()
            ),
            _("The paper counts from now on."),
        ),
        "paper_bad": (
            lambda: services.check_paper(
                seller_ulid=ulid, name=request.POST.get("paper", ""), good=False, actor=actor, now=now()
            ),
            _("The paper was removed."),
        ),
        "categories": (
            lambda: services.limit_categories(
                seller_ulid=ulid, categories=request.POST.getlist("categories"), actor=actor, now=now()
            ),
            _("Saved. Products on shelf stay; new ones follow it."),
        ),
    }
    step = request.POST.get("step", "")
    if step not in steps:
        raise Http404
    call, done = steps[step]
    return act(request, call, done=done, back=reverse("backoffice:seller", args=[ulid]))


def _add_paper(request: HttpRequest, ulid: str, actor: str) -> object:
    file = request.FILES.get("paper")
    if file is None:
        raise InvalidInput(_("Choose a file first."), field="paper")
    return services.add_seller_paper(
        seller_ulid=ulid,
        content=file.read(),
        content_type=file.content_type or "",
        kind=request.POST.get("paper_kind", ""),
        title=request.POST.get("paper_title", ""),
        category=request.POST.get("paper_category", ""),
        until=_day(request.POST.get("paper_until", ""), "paper_until"),
        actor=actor,
        now=now(),
    )


def _day(text: str, field: str) -> dt.date | None:
    try:
        until = parse_date(text) if text else None
    except ValueError:
        until = None
    if text and until is None:
        raise InvalidInput(_("This is no day."), field=field)
    return until


@needs(*READERS)
@require_safe
def seller_paper(request: HttpRequest, ulid: str, name: str) -> HttpResponse:
    """A file that proves a licence of a seller."""
    return paper_answer(selectors.seller(ulid).papers, name)


def _ask(request: HttpRequest, ulid: str, actor: str) -> object:
    return services.ask_payment(
        seller_ulid=ulid,
        kind=_asked(request.POST.get("kind", "")),
        amount=_fen(request.POST.get("amount", "")),
        actor=actor,
        now=now(),
    )


def _asked(text: str) -> Asked:
    if text not in set(Asked):
        raise Http404
    return Asked(text)


def _form(request: HttpRequest) -> str:
    """Which form was sent, so that pressing twice books once."""
    form = request.POST.get("form", "")
    return form if is_ulid(form) else ""


def _fen(text: str) -> int:
    try:
        return parse_yuan(text)
    except ValueError:
        raise InvalidInput(_("Give an amount in yuan, such as 30000 or 99.50."), field="amount") from None


@needs(Role.OWNER)
@require_POST
def edi_licence(request: HttpRequest) -> HttpResponse:
    """File the mall's EDI licence."""

    def file() -> None:
        until = _day(request.POST.get("valid_until", ""), "valid_until")
        services.file_edi_licence(
            number=request.POST.get("number", ""), valid_until=until, actor=actor_of(request), now=now()
        )

    return act(request, file, done=_("The licence is on file."), back=reverse("backoffice:sellers"))
