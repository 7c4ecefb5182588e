"""What happens in a mall when somebody signs in: they become a member, with the referrer their browser came by."""

import datetime as dt

from django.http import HttpRequest

from saas.identity.models import User
from tenant_apps.members import middleware, services


def on_sign_in(request: HttpRequest, user: User, now: dt.datetime) -> None:
    """Called by saas.identity inside the transaction of a sign-in (settings.SIGN_IN_HOOKS)."""
    member = services.ensure_member(user=user, referral_code=middleware.pending_referral(request), now=now)
    if member.joined_at == now:
        middleware.take_referral(request)
