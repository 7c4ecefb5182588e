"""Cards of stores for the member — his own, those on sale, one with its code — and for a store's owner: redeeming."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from saas.kernel import qr_code
from saas.kernel.clock import now
from saas.kernel.errors import DomainError, NotFound
from saas.kernel.ids import new_ulid
from tenant_apps.counter.models import Card
from tenant_apps.counter.rules.cards import CODE_SECONDS, CardKind
from tenant_apps.counter.selectors import bookings as booking_selectors
from tenant_apps.counter.selectors import cards as selectors
from tenant_apps.counter.services import cards_redeeming, cards_selling
from tenant_apps.members.access import member_required
from tenant_apps.sellers import people
from tenant_apps.sellers import selectors as sellers
from tenant_apps.sellers.staffing import ShopRole
from tenant_apps.storefront.access import current

REFRESH_SECONDS = CODE_SECONDS // 2 - 10  # before half of the code's life is over


@never_cache
@member_required
@require_safe
def cards(request: HttpRequest) -> HttpResponse:
    """The member's cards of every kind, those that can be used first."""
    context = {
        "active_tab": "me",
        "page_title": _("My cards"),
        "back": "/me",
        "held": selectors.cards_of(current(request), now=now()),
        "coming": [
            one for one in booking_selectors.bookings_of(current(request), now=now()) if one.row.state == "booked"
        ],
        "on_sale": bool(selectors.offers(on_sale_only=True)),
    }
    return render(request, "storefront/store_cards/mine.html", context)


@require_safe
def shop(request: HttpRequest) -> HttpResponse:
    """The cards that stores sell."""
    context = {"page_title": _("Store cards"), "back": "/", "offers": selectors.offers(on_sale_only=True)}
    return render(request, "storefront/store_cards/shop.html", context)


@never_cache
@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def offer(request: HttpRequest, ulid: str) -> HttpResponse:
    """One card on sale with its terms; POST orders it under the terms that stood on the page."""
    found = selectors.offer(ulid)
    if not found.on_sale:
        raise NotFound
    error: DomainError | None = None
    if request.method == "POST":
        amount = request.POST.get("amount", "")
        try:
            order = cards_selling.buy_card(
                product_ulid=ulid,
                terms_ulid=request.POST.get("terms", "")[:26],
                accepted=request.POST.get("accepted") == "1",
                expected_amount=int(amount) if amount.isdecimal() and len(amount) < 12 else -1,
                member=current(request),
                key=request.POST.get("key", "")[:64],
                now=now(),
            )
        except NotFound:
            raise
        except DomainError as refused:
            error = refused
        else:
            return redirect("storefront:pay", order.ulid)
    context = {
        "page_title": found.terms.title,
        "back": "/cards/shop",
        "found": found,
        "key": new_ulid(),
        "error": error,
    }
    return render(request, "storefront/store_cards/offer.html", context, status=error.http_status if error else 200)


@never_cache
@member_required
@require_safe
def card(request: HttpRequest, ulid: str) -> HttpResponse:
    """One card: its code on demand, what is left, what it was used for, its terms."""
    row = selectors.card_of(current(request), ulid)
    uses = selectors.uses(row)
    names = sellers.names([*row.terms.stores, *(use.store_ulid for use in uses)])
    context = {
        "active_tab": "me",
        "page_title": row.terms.title,
        "back": "/cards",
        "card": row,
        "state": selectors.state(row, now=now()),
        "stores": [names[one] for one in row.terms.stores if one in names],
        "uses": [(use, names.get(use.store_ulid, "")) for use in uses],
        "refresh_seconds": REFRESH_SECONDS,
        "plan": booking_selectors.plan(row.terms.product_ulid),
        "bookings": booking_selectors.bookings_of(current(request), now=now(), card_ulid=row.ulid),
    }
    return render(request, "storefront/store_cards/card.html", context)


@never_cache
@member_required
@require_POST
def code(request: HttpRequest, ulid: str) -> HttpResponse:
    """The code that can be redeemed now, as QR and digits (htmx); asked again before it is too old."""
    error: DomainError | None = None
    row: Card | None = None
    try:
        row = cards_redeeming.show_code(card_ulid=ulid, member=current(request), now=now())
    except NotFound:
        raise
    except DomainError as refused:
        error = refused
    context = {"card": row, "error": error, "qr": _qr(request, row) if row else "", "refresh_seconds": REFRESH_SECONDS}
    template = "code" if bool(request.htmx) else "code_page"  # type: ignore[attr-defined]
    if template == "code_page":
        context |= {"page_title": _("Code of the card"), "back": f"/cards/{ulid}"}
    return render(request, f"storefront/store_cards/{template}.html", context)


@member_required
@require_POST
def give_back(request: HttpRequest, ulid: str) -> HttpResponse:
    """Ask for what is left to be paid back."""
    try:
        case = cards_selling.ask_return(
            card_ulid=ulid, reason=request.POST.get("reason", "")[:200], member=current(request), now=now()
        )
    except NotFound:
        raise
    except DomainError as error:
        messages.error(request, error.text)
        return redirect("cards:card", ulid)
    messages.success(request, _("Asked for. The store has three days to answer; then it is paid back by itself."))
    return redirect("storefront:case", case.order.ulid, case.ulid)


@never_cache
@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def redeem(request: HttpRequest) -> HttpResponse:
    """The stores of whoever is signed in, the field for a code (`?code=` fills it), and what was redeemed last."""
    member = current(request)
    stores = [row for row in people.shops_of(member, ShopRole.ORDERS) if row.is_store]
    if not stores:
        raise NotFound
    chosen = request.POST.get("store", "") or stores[0].ulid
    error: DomainError | None = None
    if request.method == "POST":
        if chosen not in {row.ulid for row in stores}:
            raise NotFound
        count = request.POST.get("visits", "1")
        try:
            use = cards_redeeming.redeem_visits(
                store_ulid=chosen,
                code=request.POST.get("code", "")[:200],
                visits=int(count) if count.isdecimal() and len(count) < 4 else 0,
                actor=f"member:{member.ulid}",
                now=now(),
            )
        except DomainError as refused:
            error = refused
        else:
            text = ngettext(
                "Redeemed: %(count)s visit of “%(title)s”, %(left)s left.",
                "Redeemed: %(count)s visits of “%(title)s”, %(left)s left.",
                use.visits,
            )
            words = {"count": use.visits, "title": use.card.terms.title, "left": use.card.visits_left}
            messages.success(request, text % words)
            return redirect("cards:redeem")
    context = {
        "active_tab": "me",
        "page_title": _("Redeem a card"),
        "back": "/seller",
        "stores": stores,
        "chosen": chosen,
        "code": (request.POST.get("code") or request.GET.get("code", ""))[:200],
        "uses": selectors.uses_at([row.ulid for row in stores]),
        "error": error,
        "kind": CardKind.VISIT,
    }
    return render(request, "storefront/store_cards/redeem.html", context, status=error.http_status if error else 200)


def _qr(request: HttpRequest, row: Card) -> SafeString:
    """The code as a QR: the address of the store's page that redeems it, so any phone's camera finds the way."""
    return SafeString(qr_code.svg(request.build_absolute_uri(f"/seller/cards?code={row.code}"), css="size-full"))
