"""Cards of stores: what is on offer, what was issued, one card with its uses, redeeming a visit, what stores still owe."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from saas.identity.roles import Role
from saas.kernel.clock import now
from saas.kernel.errors import DomainError
from tenant_apps.backoffice import forms_cards, people
from tenant_apps.backoffice.pages import act, actor_of, needs, page_of, show
from tenant_apps.counter.rules.cards import CardKind
from tenant_apps.counter.selectors import cards as selectors
from tenant_apps.counter.services import cards_offering, cards_redeeming
from tenant_apps.sellers import selectors as sellers

READERS = (Role.ORDERS, Role.FINANCE)
MAKERS = (Role.GOODS, Role.FINANCE)


@needs(*READERS)
@require_safe
def cards(request: HttpRequest) -> HttpResponse:
    """Issued cards, newest first, by number or name and store; above them what each store still owes."""
    query, seller = request.GET.get("q", "").strip()[:60], request.GET.get("seller", "")[:26]
    page = page_of(request, selectors.cards(query=query, seller_ulid=seller))
    names = sellers.names(row.seller_ulid for row in page)
    rows = [(row, selectors.state(row, now=now()), names.get(row.seller_ulid, "")) for row in page]
    return show(
        request,
        "store_cards",
        _("Store cards"),
        rows=rows,
        page=page,
        query=query,
        seller=seller,
        stores=forms_cards.store_choices(),
        owed=selectors.owed(),
    )


@needs(*READERS)
@require_safe
def card(request: HttpRequest, ulid: str) -> HttpResponse:
    """One card: whose it is, its terms as sold, every use."""
    row = selectors.card(ulid)
    uses = selectors.uses(row)
    names = sellers.names([row.seller_ulid, *(use.store_ulid for use in uses)])
    who = people.names(use.actor for use in uses)
    return show(
        request,
        "store_card",
        f"{row.terms.title} {row.number}",
        row=row,
        state=selectors.state(row, now=now()),
        store=names.get(row.seller_ulid, ""),
        uses=[(use, names.get(use.store_ulid, ""), who.get(use.actor, use.actor)) for use in uses],
    )


@needs(*MAKERS)
@require_safe
def offers(request: HttpRequest) -> HttpResponse:
    """What stores offer, with the terms in force."""
    return show(request, "card_offers", _("Cards on offer"), rows=selectors.offers())


@needs(*MAKERS)
@require_http_methods(["GET", "HEAD", "POST"])
def offer(request: HttpRequest, ulid: str = "") -> HttpResponse:
    """A new card, or other terms and another price for one: cards sold before keep theirs."""
    known = selectors.offer(ulid) if ulid else None
    values = forms_cards.of_offer(known) if known else forms_cards.blank()
    error: DomainError | None = None
    if request.method == "POST":
        values = forms_cards.typed(request.POST)
        if known:
            values |= {"kind": known.terms.kind, "seller": known.terms.seller_ulid}
        try:
            draft = forms_cards.draft_of(values)
            cards_offering.offer_card(draft=draft, actor=actor_of(request), now=now(), product_ulid=ulid)
        except DomainError as refused:
            error = refused
        else:
            messages.success(request, _("Saved. The terms hold for cards sold from now on."))
            return redirect("backoffice:card_offers")
    return show(
        request,
        "card_offer",
        known.terms.title if known else _("New card"),
        status=error.http_status if error else 200,
        values=values,
        known=known,
        stores=forms_cards.store_choices(),
        error=error,
    )


@needs(*MAKERS)
@require_POST
def offer_withdraw(request: HttpRequest, ulid: str) -> HttpResponse:
    """No more of it are sold."""
    return act(
        request,
        lambda: cards_offering.withdraw_card(product_ulid=ulid, actor=actor_of(request), now=now()),
        done=_("No longer on sale. Cards sold before stay good."),
        back=reverse("backoffice:card_offers"),
    )


@needs(Role.ORDERS)
@require_http_methods(["GET", "HEAD", "POST"])
def redeem(request: HttpRequest) -> HttpResponse:
    """Redeem visits for a store: its code field, and what was redeemed last."""
    stores = forms_cards.store_choices()
    chosen = request.POST.get("store", "")[:26] or (stores[0][0] if stores else "")
    error: DomainError | None = None
    if request.method == "POST":
        count = request.POST.get("visits", "1")
        try:
            use = cards_redeeming.redeem_visits(
                store_ulid=chosen,
                code=request.POST.get("code", "")[:200],
                visits=int(count) if count.isdecimal() and len(count) < 4 else 0,
                actor=actor_of(request),
                now=now(),
            )
        except DomainError as refused:
            error = refused
        else:
            messages.success(request, redeemed(use.card.terms.title, use.visits, use.card.visits_left))
            return redirect("backoffice:card_redeem")
    uses = selectors.uses_at([ulid for ulid, _name in stores])
    return show(
        request,
        "card_redeem",
        _("Redeem a card"),
        status=error.http_status if error else 200,
        stores=stores,
        chosen=chosen,
        code=request.POST.get("code", "")[:200],
        uses=[(use, dict(stores).get(use.store_ulid, "")) for use in uses],
        error=error,
        kind=CardKind.VISIT,
    )


def redeemed(title: str, visits: int, left: int) -> str:
    """What the till says after a redemption."""
    text = ngettext(
        "Redeemed: %(count)s visit of “%(title)s”, %(left)s left.",
        "Redeemed: %(count)s visits of “%(title)s”, %(left)s left.",
        visits,
    )
    return text % {"count": visits, "title": title, "left": left}
