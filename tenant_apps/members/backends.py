"""The authentication backend of a mall: signing in is allauth's; a signed-in user is read with their member at once."""

from allauth.account.auth_backends import AuthenticationBackend

from saas.identity.models import User


class MemberBackend(AuthenticationBackend):
    """One statement for user and member; the session is the other one of a signed-in page."""

    def get_user(self, user_id: int) -> User | None:
        user = User.objects.select_related("member").filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None
