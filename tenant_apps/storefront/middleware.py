"""A mall in rehearsal is seen by its staff and by people with the preview link; everybody else reads “opening soon”.
A public demo is a rehearsal that everybody sees."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from saas.tenants.malls.rules import MallState
from tenant_apps.design import selectors as design
from tenant_apps.rehearsal import selectors as rehearsals

PREVIEW_COOKIE = "preview"
_OPEN_TO_ALL = (
    "/backoffice/",
    "/notify/",
    "/enter/",
    "/auth/",
    "/static/",
    "/media/",
    "/_",
    "/legal/",
    "/language/",
    "/wechat/",
)


class RehearsalMiddleware:
    """After sessions and authentication. Costs nothing in a mall that is live."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        mall = request.tenant  # type: ignore[attr-defined]
        if mall.state != MallState.REHEARSAL or mall.demo_hour is not None or request.path.startswith(_OPEN_TO_ALL):
            return self.get_response(request)
        token = request.GET.get("preview", "")
        if token and design.preview_allows(mall, token):
            response = self.get_response(request)
            response.set_cookie(
                PREVIEW_COOKIE,
                token,
                max_age=design.PREVIEW_SECONDS,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
            return response
        if design.preview_allows(mall, request.COOKIES.get(PREVIEW_COOKIE, "")) or _is_staff(request):
            return self.get_response(request)
        return render(request, "storefront/opening_soon.html")


def _is_staff(request: HttpRequest) -> bool:
    """Staff, and staff who look with a test person's eyes."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return False
    return bool(request.user.is_staff or rehearsals.ACTING in request.session)  # type: ignore[union-attr]
