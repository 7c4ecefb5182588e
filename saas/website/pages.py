"""The public pages: what it is, what it costs, the agreements, the language."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from saas.kernel.errors import NotFound
from saas.tenants.vendors import services as vendors
from saas.tenants.vendors.rules import CURRENT_AGREEMENTS, AgreementKind, AgreementVersion
from saas.website import offer

_LEGAL = {"terms": AgreementKind.SERVICE, "privacy": AgreementKind.DATA}


@require_GET
def landing(request: HttpRequest) -> HttpResponse:
    """The start page."""
    return render(request, "website/landing.html", {"plans": offer.plan_cards(), "presets": offer.presets()})


@require_GET
def pricing(request: HttpRequest) -> HttpResponse:
    """The price list, from the plan rows."""
    return render(request, "website/pricing.html", {"plans": offer.plan_cards(), "comparison": offer.comparison()})


@require_GET
def preset(request: HttpRequest, key: str) -> HttpResponse:
    """Who earns what on a 100-yuan order under a business model; the figures are those of the malls' own rules."""
    return render(request, "website/preset.html", {"preset": offer.preset(key), "presets": offer.presets()})


@require_GET
def agreement(request: HttpRequest, kind: str, version: str = "") -> HttpResponse:
    """A text in its present version, or in the one that was accepted."""
    if kind not in list(AgreementKind):
        raise NotFound
    present = CURRENT_AGREEMENTS[AgreementKind(kind)]
    if version and version != present.version:
        raise NotFound
    shown = AgreementVersion(AgreementKind(kind), version or present.version)
    context = {"agreement": shown, "text": vendors.agreement_text(shown)}
    return render(request, "website/agreement.html", context)


@require_GET
def legal(request: HttpRequest, kind: str) -> HttpResponse:
    """Where the sign-in pages point at."""
    if kind not in _LEGAL:
        raise NotFound
    return redirect("agreement", kind=_LEGAL[kind].value)


@require_GET
def language(request: HttpRequest, code: str) -> HttpResponse:
    """Remember the reader's language and go back."""
    back = request.META.get("HTTP_REFERER", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    response = HttpResponseRedirect(back if back and safe else "/")
    if code in dict(settings.LANGUAGES):
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, code, max_age=365 * 86400, samesite="Lax")
    return response


@require_GET
def health(request: HttpRequest) -> HttpResponse:
    """That this process answers."""
    return HttpResponse("ok", content_type="text/plain")


@require_GET
@cache_control(public=True, max_age=86400)
def favicon(request: HttpRequest) -> HttpResponse:
    """The browser icon: the seal of the header."""
    seal = render_to_string("website/seal.html").replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    return HttpResponse(seal, content_type="image/svg+xml")
