"""The authentication backend of a mall: signing in is allauth's; a signed-in user is read with their member at once."""

from allauth.account.auth_backends import AuthenticationBackend

from saas.identity.models import User
from saas.kernel.prepared import PreparedRead

_USER = PreparedRead(lambda pk: User.objects.select_related("member").filter(pk=pk), pk=2**40)


class MemberBackend(AuthenticationBackend):
    """One statement for user and member; the session is the other one of a signed-in page."""

    def get_user(self, user_id: int) -> User | None:
        user = _USER.first(pk=user_id)
        return user if user is not None and self.user_can_authenticate(user) else None
