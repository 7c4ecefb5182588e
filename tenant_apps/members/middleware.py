"""`request.member`, and the referral that a visitor came by: kept in a signed cookie until they sign up."""

from collections.abc import Callable

from django.conf import settings
from django.core.signing import BadSignature
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from saas.identity.tokens import mall_signer
from tenant_apps.members.models import Member
from tenant_apps.members.rules import clean_share_code

REFERRAL_SECONDS = 30 * 86400


def pending_referral(request: HttpRequest) -> str:
    """The share code this browser first came by, or an empty string. First contact wins over later links."""
    kept = _kept(request)
    return kept or clean_share_code(request.GET.get("r", ""))


def take_referral(request: HttpRequest) -> None:
    """What this browser came by has been used: a later link is looked at again."""
    request.referral_taken = True  # type: ignore[attr-defined]


class MemberMiddleware:
    """After authentication. The member is read together with the user (backends.MemberBackend), when first asked for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.member = SimpleLazyObject(lambda: member_of(request))  # type: ignore[attr-defined]
        response = self.get_response(request)
        code = clean_share_code(request.GET.get("r", ""))
        if getattr(request, "referral_taken", False):
            response.delete_cookie(settings.REFERRAL_COOKIE_NAME, samesite="Lax")
        elif code and not _kept(request):
            response.set_cookie(
                settings.REFERRAL_COOKIE_NAME,
                mall_signer("referral").sign(code),
                max_age=REFERRAL_SECONDS,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        return response


def member_of(request: HttpRequest) -> Member | None:
    """Who asks, itself: each look at an attribute of the lazy `request.member` goes through its wrapper."""
    return getattr(request.user, "member", None) if request.user.is_authenticated else None


def _kept(request: HttpRequest) -> str:
    cookie = request.COOKIES.get(settings.REFERRAL_COOKIE_NAME, "")
    if not cookie:
        return ""
    try:
        return clean_share_code(mall_signer("referral").unsign(cookie, max_age=REFERRAL_SECONDS))
    except BadSignature:
        return ""
