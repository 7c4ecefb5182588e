"""The development mailbox: what was sent by SMS and e-mail, newest first. In production the page does not exist."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from saas.messaging.notices import selectors, services


@require_safe
@never_cache
def mailbox(request: HttpRequest) -> HttpResponse:
    """The latest fifty notices of this mall, or of control."""
    if not services.mailbox_open():
        raise Http404
    return render(request, "notices/mailbox.html", {"notices": selectors.latest()})
