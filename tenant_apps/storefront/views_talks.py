"""Talking to a seller or the mall, with the order or product in view, and complaints; the seller's side of it."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from saas.kernel.clock import now
from saas.kernel.errors import DomainError, NotFound
from tenant_apps.care import desk_pages, selectors, services
from tenant_apps.care.models import Conversation
from tenant_apps.care.talking import Party, Subject, Turn
from tenant_apps.catalog import selectors as catalog
from tenant_apps.design import selectors as design
from tenant_apps.members.access import member_required
from tenant_apps.orders import selectors as orders
from tenant_apps.sellers import selectors as sellers
from tenant_apps.sellers.access import member_of_shop
from tenant_apps.sellers.staffing import ShopRole
from tenant_apps.storefront.access import current
from tenant_apps.storefront.views_reviews import photos_of

ROWS = 100
SUBJECTS = {
    Subject.GOODS: gettext_lazy("The goods"),
    Subject.DELIVERY: gettext_lazy("The delivery"),
    Subject.SERVICE: gettext_lazy("The service"),
    Subject.REFUND: gettext_lazy("A refund"),
    Subject.OTHER: gettext_lazy("Something else"),
}


@never_cache
@member_required
@require_safe
def talks(request: HttpRequest) -> HttpResponse:
    """The member's conversations and complaints, the last spoken in first."""
    rows = list(selectors.talks(member=current(request))[:ROWS])
    names = sellers.names(row.seller_ulid for row in rows)
    mall = _("The mall’s service")
    context = {
        "active_tab": "me",
        "page_title": _("Messages"),
        "back": "/me",
        "rows": [(row, names.get(row.seller_ulid, mall), row.shopper_unread, _place(row)) for row in rows],
        "subjects": SUBJECTS,
        "may_ask_mall": True,
    }
    return render(request, "storefront/care/talks.html", context)


@member_required
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Open the chat with a seller or the mall, with what is in view."""
    given = {name: request.POST.get(name, "")[:26] for name in ("seller", "order", "product")}
    row = services.open_chat(
        member=current(request),
        seller_ulid=given["seller"],
        order_ulid=given["order"],
        product_ulid=given["product"],
        now=now(),
    )
    return redirect("care:talk", row.ulid)


@never_cache
@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def talk(request: HttpRequest, ulid: str) -> HttpResponse:
    """One conversation of the member's: read and written. htmx asks for the messages alone."""
    member = current(request)
    row = selectors.talk(ulid, member=member)
    return _page(
        request, row, Party.SHOPPER, actor=f"member:{member.ulid}", back=reverse("care:talks"), place=_place(row)
    )


@member_required
@require_POST
def step(request: HttpRequest, ulid: str) -> HttpResponse:
    """What a shopper does with his complaint: call the mall, or close it."""
    member, wanted = current(request), request.POST.get("step", "")
    selectors.talk(ulid, member=member)
    steps = {
        "escalate": (services.escalate, _("The mall will decide. Its decision stands here.")),
        "settle": (services.settle, _("Closed. Thank you.")),
    }
    if wanted not in steps:
        raise Http404
    call, done = steps[wanted]
    try:
        call(talk_ulid=ulid, member=member, now=now())
    except DomainError as error:
        messages.error(request, error.text)
    else:
        messages.success(request, done)
    return redirect("care:talk", ulid)


@never_cache
@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def complaint(request: HttpRequest, ulid: str) -> HttpResponse:
    """Complain about an order."""
    member = current(request)
    order = orders.order_of_member(member, ulid)
    error: DomainError | None = None
    if request.method == "POST":
        try:
            row = services.complain(
                order_ulid=ulid,
                member=member,
                subject=request.POST.get("subject", ""),
                text=request.POST.get("text", ""),
                photos=photos_of(request),
                now=now(),
            )
        except NotFound:
            raise
        except DomainError as refused:
            error = refused
        else:
            messages.success(request, _("Your complaint is on its way. Its answer comes here."))
            return redirect("care:talk", row.ulid)
    context = {
        "page_title": _("Complain"),
        "back": f"/orders/{ulid}",
        "order": order,
        "subjects": SUBJECTS.items(),
        "typed": request.POST,
        "error": error,
    }
    return render(request, "storefront/care/complaint.html", context, status=error.http_status if error else 200)


@never_cache
@member_required
@require_safe
def photo(request: HttpRequest, ulid: str, name: str) -> HttpResponse:
    """A picture of a conversation: for its shopper and the owner of its shop."""
    member, row = current(request), selectors.talk(ulid)
    if row.member_id != member.pk:
        if not row.seller_ulid:
            raise NotFound
        member_of_shop(request, row.seller_ulid, ShopRole.SERVICE)
    return HttpResponse(services.read_talk_photo(row, name), content_type="image/jpeg")


@never_cache
@member_required
@require_safe
def shop(request: HttpRequest, ulid: str) -> HttpResponse:
    """Conversations and complaints of an own shop."""
    own = member_of_shop(request, ulid, ShopRole.SERVICE)
    state = request.GET.get("state", "")
    rows = selectors.talks(seller_ulid=own.ulid, state=state if state in ("chats", "complaints") else "")[:ROWS]
    context = {
        "active_tab": "me",
        "page_title": _("Messages of %(shop)s") % {"shop": own.name},
        "back": "/seller",
        "rows": [
            (row, str(row.member), row.seller_unread, reverse("care:shop_talk", args=[own.ulid, row.ulid]))
            for row in rows
        ],
        "subjects": SUBJECTS,
        "tabs": [("", _("All")), ("chats", _("Chats")), ("complaints", _("Open complaints"))],
        "state": state,
        "desk": reverse("care:shop_desk", args=[own.ulid]),
    }
    return render(request, "storefront/care/talks.html", context)


@never_cache
@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def shop_desk(request: HttpRequest, ulid: str) -> HttpResponse:
    """The ready answers and hours of an own shop."""
    own = member_of_shop(request, ulid, ShopRole.SERVICE)
    values = desk_pages.typed(request.POST) if request.method == "POST" else desk_pages.shown(own.ulid)
    error: DomainError | None = None
    if request.method == "POST":
        try:
            desk_pages.save(values, seller_ulid=own.ulid, actor=f"member:{current(request).ulid}", now=now())
        except DomainError as refused:
            error = refused
        else:
            messages.success(request, _("Kept."))
            return redirect("care:shop_talks", own.ulid)
    context = {
        "page_title": _("Ready answers and hours"),
        "back": reverse("care:shop_talks", args=[own.ulid]),
        "values": values,
        "days": desk_pages.DAYS,
        "error": error,
    }
    return render(request, "storefront/care/desk.html", context, status=error.http_status if error else 200)


@never_cache
@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def shop_talk(request: HttpRequest, ulid: str, talk: str) -> HttpResponse:
    """One conversation of an own shop."""
    own = member_of_shop(request, ulid, ShopRole.SERVICE)
    row = selectors.talk(talk, seller_ulid=own.ulid)
    place = reverse("care:shop_talk", args=[own.ulid, row.ulid])
    back = reverse("care:shop_talks", args=[own.ulid])
    return _page(request, row, Party.SELLER, actor=f"member:{current(request).ulid}", back=back, place=place)


def _page(request: HttpRequest, row: Conversation, party: Party, *, actor: str, back: str, place: str) -> HttpResponse:
    error: DomainError | None = None
    if request.method == "POST":
        try:
            services.say(
                talk_ulid=row.ulid,
                party=party,
                actor=actor,
                text=request.POST.get("text", ""),
                photos=photos_of(request),
                now=now(),
            )
        except DomainError as refused:
            error = refused
        else:
            return redirect(place)
    services.mark_read(talk=row, party=party)
    said = selectors.messages_of(row)
    context = {
        "page_title": sellers.seller(row.seller_ulid).name if row.seller_ulid else _("The mall’s service"),
        "back": back,
        "place": place,
        "talk": row,
        "said": said,
        "party": party,
        "subject": SUBJECTS.get(row.subject),  # type: ignore[call-overload]
        "product": _product(row),
        "hours": design.branding().service_hours if not row.seller_ulid else "",
        "canned": desk_pages.ready_answers(row.seller_ulid) if party is Party.SELLER else (),
        "may_escalate": row.turn == Turn.SELLER and any(one.party == Party.SELLER for one in said),
        "typed": request.POST if error else {},
        "error": error,
    }
    part = bool(request.htmx)  # type: ignore[attr-defined]
    template = "storefront/care/said.html" if part else "storefront/care/talk.html"
    return render(request, template, context, status=error.http_status if error else 200)


def _product(row: Conversation) -> catalog.Card | None:
    return next(iter(catalog.cards_of([row.product_ulid])), None) if row.product_ulid else None


def _place(row: Conversation) -> str:
    return reverse("care:talk", args=[row.ulid])
