"""Reviews for staff: the list, an answer for the mall's own goods, hiding with a reason, showing again."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from saas.identity.roles import Role
from saas.kernel.clock import now
from tenant_apps.backoffice.pages import act, actor_of, needs, page_of, show
from tenant_apps.care import selectors, services
from tenant_apps.sellers import selectors as sellers


@needs(Role.ORDERS)
@require_safe
def reviews(request: HttpRequest) -> HttpResponse:
    """Reviews by what there is to do, the newest first."""
    state = request.GET.get("state", "open")
    page = page_of(request, selectors.reviews(state=state))
    names = sellers.names(row.seller_ulid for row in page)
    return show(
        request,
        "reviews",
        _("Reviews"),
        page=page,
        rows=[(row, names.get(row.seller_ulid, _("The mall"))) for row in page],
        tabs=[("open", _("To answer")), ("low", _("1 or 2 stars")), ("hidden", _("Hidden")), ("all", _("All"))],
        state=state,
    )


@needs(Role.ORDERS)
@require_POST
def review_step(request: HttpRequest, ulid: str) -> HttpResponse:
    """Answer, hide with a reason, show again."""
    wanted, actor, moment = request.POST.get("step", ""), actor_of(request), now()
    steps: dict[str, tuple[Callable[[], object], str]] = {
        "reply": (
            lambda: services.reply_to_review(
                review_ulid=ulid, actor=actor, text=request.POST.get("reply", ""), now=moment
            ),
            _("Answered: everybody reads it below the review."),
        ),
        "hide": (
            lambda: services.hide_review(
                review_ulid=ulid, actor=actor, reason=request.POST.get("reason", ""), now=moment
            ),
            _("Hidden: its author reads the reason, and it no longer counts."),
        ),
        "show": (
            lambda: services.show_review(review_ulid=ulid, actor=actor, now=moment),
            _("Everybody sees it again."),
        ),
    }
    if wanted not in steps:
        raise Http404
    call, done = steps[wanted]
    return act(request, call, done=done, back=reverse("backoffice:reviews"))
