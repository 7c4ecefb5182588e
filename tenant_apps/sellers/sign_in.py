"""What happens to a new member when he signs in for the first time: he is bound to the store he came by."""

import datetime as dt

from django.http import HttpRequest

from saas.identity.models import User
from tenant_apps.members import selectors as members
from tenant_apps.sellers import middleware, services


def on_sign_in(request: HttpRequest, user: User, now: dt.datetime) -> None:
    """Called by saas.identity inside the transaction of a sign-in (settings.SIGN_IN_HOOKS), after the members' own."""
    member = members.member_of_user(user)
    if member is not None and not member.store_ulid and member.joined_at == now:
        services.bind_at_joining(member=member, store_code=middleware.pending_store(request), now=now)
