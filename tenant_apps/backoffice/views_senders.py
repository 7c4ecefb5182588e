"""The mall's own SMS and mail, and what was sent by them."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from saas.identity.roles import Role
from saas.kernel.clock import now
from saas.kernel.errors import DomainError
from saas.tenants.senders import screens, selectors, services, words
from saas.tenants.senders.rules import MEDIUM_OF, Provider
from tenant_apps.backoffice.pages import actor_of, needs, show


@needs(Role.OWNER)
def senders(request: HttpRequest) -> HttpResponse:
    """What is connected."""
    return show(request, "senders", _("SMS and mail"), **screens.overview(request, "backoffice", now=now()))


@needs(Role.OWNER)
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def sender(request: HttpRequest, provider: str) -> HttpResponse:
    """A provider's account: entered once, tried, sealed."""
    if provider not in list(Provider):
        raise Http404
    key = Provider(provider)
    form = screens.provider_form(
        key, request.POST if request.method == "POST" else None, selectors.sender(MEDIUM_OF[key])
    )
    refusal: dict[str, object] = {}
    if request.method == "POST":
        try:
            services.store_sender(provider=key, fields=request.POST.dict(), actor=actor_of(request), now=now())
        except DomainError as error:
            refusal = {"refusal": error.text, "checks": screens.check_words(getattr(error, "checks", []))}
        else:
            messages.success(request, _("The account has been checked and stored encrypted."))
            return redirect("backoffice:senders")
    status = 422 if request.method == "POST" else 200
    return show(request, "sender", words.PROVIDERS[key], status=status, form=form, space="backoffice", **refusal)


@needs(Role.OWNER)
@require_POST
def senders_do(request: HttpRequest, what: str, which: str) -> HttpResponse:
    """One of the small forms."""
    try:
        messages.success(request, screens.carry_out(what, which, request.POST, actor=actor_of(request), now=now()))
    except DomainError as error:
        messages.error(request, error.text)
    return redirect(reverse("backoffice:notices" if what == "again" else "backoffice:senders"))


@needs(Role.OWNER, Role.ORDERS)
def notices(request: HttpRequest) -> HttpResponse:
    """Every message of the mall with its state."""
    return show(request, "notices", _("Sent messages"), **screens.notice_page(request, "backoffice"))
