"""The platform's own SMS and mail, and what was sent by them. One service call each."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from saas.kernel.clock import now
from saas.kernel.errors import DomainError
from saas.tenants.senders import screens, selectors, services, words
from saas.tenants.senders.rules import MEDIUM_OF, Provider

Context = dict[str, Any]


def _actor(request: HttpRequest) -> str:
    return f"user:{request.user.public_id}"  # type: ignore[union-attr]


def senders(request: HttpRequest, frame: Context) -> HttpResponse:
    """What is connected."""
    context = {**frame, "title": _("SMS and mail"), **screens.overview(request, "console", now=now())}
    return render(request, "console/senders.html", context)


@never_cache
@sensitive_post_parameters()
def sender(request: HttpRequest, frame: Context, provider: str) -> HttpResponse:
    """A provider's account: entered once, tried, sealed."""
    if provider not in list(Provider):
        raise Http404
    key = Provider(provider)
    row = selectors.sender(MEDIUM_OF[key])
    form = screens.provider_form(key, request.POST if request.method == "POST" else None, row)
    context: Context = {**frame, "title": words.PROVIDERS[key], "form": form, "space": "console"}
    if request.method == "POST":
        try:
            services.store_sender(provider=key, fields=request.POST.dict(), actor=_actor(request), now=now())
        except DomainError as error:
            context |= {"refusal": error.text, "checks": screens.check_words(getattr(error, "checks", []))}
        else:
            messages.success(request, _("The account has been checked and stored encrypted."))
            return redirect("console:senders")
    return render(request, "console/sender.html", context, status=422 if request.method == "POST" else 200)


@require_POST
def senders_do(request: HttpRequest, frame: Context, what: str, which: str) -> HttpResponse:
    """One of the small forms."""
    try:
        done = screens.carry_out(what, which, request.POST, actor=_actor(request), now=now())
        messages.success(request, done)
    except DomainError as error:
        messages.error(request, error.text)
    return redirect("console:notices" if what == "again" else "console:senders")


def notices(request: HttpRequest, frame: Context) -> HttpResponse:
    """Every message of the platform with its state."""
    context = {**frame, "title": _("Sent messages"), **screens.notice_page(request, "console")}
    return render(request, "console/notices.html", context)
