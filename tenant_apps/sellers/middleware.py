"""The store whose link a visitor came by (`?s=<code>`), kept in a signed cookie until he signs up; first contact wins."""

from collections.abc import Callable

from django.conf import settings
from django.core.signing import BadSignature
from django.http import HttpRequest, HttpResponse

from saas.identity.tokens import mall_signer

COOKIE = "store"
SECONDS = 30 * 86400


def pending_store(request: HttpRequest) -> str:
    """The code of the store this browser first came by, or an empty string."""
    return _kept(request) or _clean(request.GET.get("s", ""))


class StoreMiddleware:
    """Keeps the code; whether there is such a store is asked when somebody signs up."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        code = _clean(request.GET.get("s", ""))
        if code and not _kept(request):
            response.set_cookie(
                COOKIE,
                mall_signer("store").sign(code),
                max_age=SECONDS,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        return response


def _clean(text: str) -> str:
    code = text.strip().lower()
    return code if 4 <= len(code) <= 12 and code.isascii() and code.isalnum() else ""


def _kept(request: HttpRequest) -> str:
    cookie = request.COOKIES.get(COOKIE, "")
    if not cookie:
        return ""
    try:
        return _clean(mall_signer("store").unsign(cookie, max_age=SECONDS))
    except BadSignature:
        return ""
