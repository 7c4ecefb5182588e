"""For pages that need a member: whoever is signed in becomes one, whoever is not signs in first."""

import functools
from collections.abc import Callable
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from saas.identity.models import User
from saas.kernel.clock import now
from tenant_apps.members import middleware, services

View = Callable[..., HttpResponse]


def member_required(view: View) -> View:
    """`request.member` is a Member inside. Staff who come by hand-over become members when they first need to be."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user = request.user
        if not isinstance(user, User) or not user.is_authenticated:
            back = (
                request.get_full_path() if request.method in ("GET", "HEAD") else request.META.get("HTTP_REFERER", "/")
            )
            return redirect_to_login(back)
        request.member = middleware.member_of(request)  # type: ignore[attr-defined]
        if not request.member:  # type: ignore[attr-defined]
            with transaction.atomic():
                request.member = services.ensure_member(  # type: ignore[attr-defined]
                    user=user, referral_code=middleware.pending_referral(request), now=now()
                )
                middleware.take_referral(request)
        return view(request, *args, **kwargs)

    return guarded
