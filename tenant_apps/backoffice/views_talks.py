"""Customer service for staff: conversations and complaints, answering, deciding, sellers' complaint rates."""

import datetime as dt

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from saas.identity.roles import Role
from saas.kernel.clock import now
from saas.kernel.errors import DomainError
from tenant_apps.backoffice.pages import act, actor_of, needs, page_of, show
from tenant_apps.care import desk_pages, selectors, services
from tenant_apps.care.talking import Party, Turn
from tenant_apps.sellers import selectors as sellers

_RATE_DAYS = 90
SUBJECTS = {
    "goods": gettext_lazy("The goods"),
    "delivery": gettext_lazy("The delivery"),
    "service": gettext_lazy("The service"),
    "refund": gettext_lazy("A refund"),
    "other": gettext_lazy("Something else"),
}


@needs(Role.ORDERS)
@require_safe
def talks(request: HttpRequest) -> HttpResponse:
    """What shoppers wrote to the mall, complaints by deadline, and how often sellers are complained about."""
    state = request.GET.get("state", "unread")
    page = page_of(request, selectors.talks(state=state, now=now()))
    rates = selectors.complaint_rates(since=now() - dt.timedelta(days=_RATE_DAYS))
    names = sellers.names([*(row.seller_ulid for row in page), *(one.seller_ulid for one in rates)])
    return show(
        request,
        "talks",
        _("Customer service"),
        page=page,
        rows=[(row, names.get(row.seller_ulid, _("The mall")), SUBJECTS.get(row.subject)) for row in page],
        tabs=[
            ("unread", _("Unread")),
            ("mall", _("The mall decides")),
            ("late", _("Late")),
            ("complaints", _("Open complaints")),
            ("chats", _("Chats")),
            ("all", _("All")),
        ],
        state=state,
        now=now(),
        rates=[(one, names.get(one.seller_ulid, _("The mall"))) for one in rates],
        days=_RATE_DAYS,
    )


@needs(Role.ORDERS)
@require_safe
def talk(request: HttpRequest, ulid: str) -> HttpResponse:
    """One conversation; opening it marks it as read by the mall."""
    row = selectors.talk(ulid)
    services.mark_read(talk=row, party=Party.MALL)
    said = selectors.messages_of(row)
    return show(
        request,
        "talk",
        _("Conversation"),
        talk=row,
        said=said,
        seller=sellers.names([row.seller_ulid]).get(row.seller_ulid, _("The mall")),
        subject=SUBJECTS.get(row.subject),
        may_decide=row.turn == Turn.MALL,
        ready=desk_pages.ready_answers(""),
    )


@needs(Role.ORDERS)
@require_POST
def talk_step(request: HttpRequest, ulid: str) -> HttpResponse:
    """Write as the mall, or decide a complaint."""
    actor, moment, back = actor_of(request), now(), reverse("backoffice:talk", args=[ulid])
    if request.POST.get("step") == "decide":
        return act(
            request,
            lambda: services.decide(
                talk_ulid=ulid,
                actor=actor,
                note=request.POST.get("note", ""),
                upheld=request.POST.get("upheld") == "1",
                now=moment,
            ),
            done=_("Decided: shopper and seller read it."),
            back=back,
        )
    return act(
        request,
        lambda: services.say(
            talk_ulid=ulid, party=Party.MALL, actor=actor, text=request.POST.get("text", ""), now=moment
        ),
        done=_("Sent."),
        back=back,
    )


@needs(Role.ORDERS)
@require_http_methods(["GET", "HEAD", "POST"])
def desk(request: HttpRequest) -> HttpResponse:
    """The mall's ready answers, hours, and what is answered outside them."""
    values = desk_pages.typed(request.POST) if request.method == "POST" else desk_pages.shown("")
    error: DomainError | None = None
    if request.method == "POST":
        try:
            desk_pages.save(values, seller_ulid="", actor=actor_of(request), now=now())
        except DomainError as refused:
            error = refused
        else:
            messages.success(request, _("Kept."))
            return redirect("backoffice:talks")
    status = error.http_status if error else 200
    return show(
        request, "desk", _("Ready answers and hours"), status=status, values=values, days=desk_pages.DAYS, error=error
    )


@needs(Role.ORDERS)
@require_safe
def talk_photo(request: HttpRequest, ulid: str, name: str) -> HttpResponse:
    """A picture of a conversation."""
    return HttpResponse(services.read_talk_photo(selectors.talk(ulid), name), content_type="image/jpeg")
