"""Legal texts, licence and contact, language, and the draft of the brand in a phone's frame."""

from urllib.parse import unquote

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language, get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from tenant_apps.design import selectors as design
from tenant_apps.design.rules import LegalKind


@require_safe
def legal(request: HttpRequest, kind: str) -> HttpResponse:
    """One legal text; `about` is the licence and contact page."""
    if kind == "about":
        return render(request, "storefront/about.html", {"page_title": _("Licence and contact")})
    titles = {
        LegalKind.TERMS: _("Terms of service"),
        LegalKind.PRIVACY: _("Privacy policy"),
        LegalKind.RETURNS: _("Returns"),
    }
    if kind not in list(LegalKind):
        raise Http404
    text = design.legal_text(
        LegalKind(kind), language=get_language() or settings.LANGUAGE_CODE, use_draft=_sees_draft(request)
    )
    return render(request, "storefront/legal.html", {"page_title": titles[LegalKind(kind)], "blocks": _blocks(text)})


def _sees_draft(request: HttpRequest) -> bool:
    return request.GET.get("brand") == "draft" and request.user.is_staff  # type: ignore[union-attr]


def _blocks(text: str) -> list[tuple[str, str]]:
    """Plain text as ("h2", heading) and ("p", paragraph) pairs: see Branding.terms."""
    blocks: list[tuple[str, str]] = []
    for part in text.replace("\r\n", "\n").split("\n\n"):
        first, _newline, rest = part.strip().partition("\n")
        if first.startswith("## "):
            blocks.append(("h2", first[3:].strip()))
            first, rest = "", rest
        paragraph = "\n".join(line for line in (first, rest) if line).strip()
        if paragraph:
            blocks.append(("p", paragraph))
    return blocks


@require_safe
def language(request: HttpRequest, code: str) -> HttpResponse:
    """Remember the language in a cookie and go back to the page."""
    back = request.META.get("HTTP_REFERER", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.META.get("HTTP_HOST", "")}):
        back = "/"
    response = HttpResponseRedirect(back)
    if check_for_language(code) and code in dict(settings.LANGUAGES):
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, code, max_age=365 * 86400, samesite="Lax")
    return response


@require_safe
def preview_brand(request: HttpRequest) -> HttpResponse:
    """The draft of the brand on a phone, for staff."""
    if not request.user.is_staff:  # type: ignore[union-attr]
        raise Http404
    return render(request, "storefront/preview_brand.html", {"page_title": _("Preview of the draft")})


@require_safe
@cache_control(public=True, max_age=3600)
def favicon(request: HttpRequest) -> HttpResponse:
    """The mall's browser icon, for pages that do not name it themselves (the console)."""
    svg = unquote(design.branding().icon.partition(",")[2])
    return HttpResponse(svg, content_type="image/svg+xml")


@require_safe
@cache_control(private=True, max_age=3600)
def manifest(request: HttpRequest, app: str) -> JsonResponse:
    """What a browser needs to put the mall, or its sellers' console, on a phone's home screen (W3C Web App Manifest)."""
    brand = design.branding()
    names = {"mall": brand.name, "seller": _("{mall} for sellers").format(mall=brand.name)}
    if app not in names:
        raise Http404
    start = "/" if app == "mall" else "/seller"
    facts = {
        "id": start,
        "name": names[app],
        "short_name": brand.name[:12],
        "lang": get_language() or settings.LANGUAGE_CODE,
        "start_url": start,
        "scope": "/",  # paying and signing in stay inside the app
        "display": "standalone",
        "theme_color": brand.primary_color,
        "background_color": "#ffffff",
        "icons": [{"src": "/favicon.ico", "sizes": "any", "type": "image/svg+xml"}],
    }
    return JsonResponse(facts, content_type="application/manifest+json", json_dumps_params={"ensure_ascii": False})
