"""allauth's way into our house: phones are our own columns, mails are notices, limits are counted in the mall's schema."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.forms import CharField
from django.http import HttpRequest
from django.utils.crypto import get_random_string
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from saas.identity import audit, limits
from saas.identity.forms import PhoneField
from saas.identity.models import User
from saas.identity.phones import NotAPhone, normalise_phone
from saas.identity.services.users import find_user
from saas.kernel import clock
from saas.messaging.notices import services as notices

# allauth's mail → our notice kind and the context value that is its link. Mails not listed here are never sent.
_MAILS = {"account/email/password_reset_key": ("password_reset", "password_reset_url")}


class AccountAdapter(DefaultAccountAdapter):
    """settings.ACCOUNT_ADAPTER in both roles. Verification by code is ours (services.codes), so no login stages."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("The account or the password is not correct."),
        "phone_password_mismatch": _("The account or the password is not correct."),
        "username_password_mismatch": _("The account or the password is not correct."),
        "invalid_login": _("The account or the password is not correct."),
        "too_many_login_attempts": limits.TooManyAttempts.message,
    }

    def phone_form_field(self, **kwargs: Any) -> CharField:
        return PhoneField(**kwargs)

    def get_phone(self, user: User) -> tuple[str, bool] | None:
        return (user.phone, user.phone_verified) if user.phone else None

    def set_phone(self, user: User, phone: str, verified: bool) -> None:
        User.objects.filter(pk=user.pk).update(phone=phone, phone_verified=verified)
        user.phone, user.phone_verified = phone, verified

    def set_phone_verified(self, user: User, phone: str) -> None:
        self.set_phone(user, phone, True)

    def get_user_by_phone(self, phone: str) -> User | None:
        return find_user(_as_stored(phone))

    def send_verification_code_sms(self, user: User, phone: str, code: str, **kwargs: Any) -> None:
        context = {"code": code, "minutes": 5}
        notices.send_notice(kind="sign_in_code", to_phone=phone, context=context, key=f"code:{get_random_string(20)}")

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        kind, link = _MAILS.get(template_prefix, ("", ""))
        if kind:
            key = f"{kind}:{get_random_string(20)}"
            notices.send_notice(kind=kind, to_email=email, context={"url": context[link]}, key=key)

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False  # accounts are made by a code alone (views.confirm)

    def get_login_stages(self) -> list[str]:
        return []

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_ip(request)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        try:
            limits.check(_login_limits(request, credentials), now=clock.real_now())
        except limits.TooManyAttempts as error:
            raise self.validation_error("too_many_login_attempts") from error

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        limits.record(_login_limits(request, credentials), now=clock.real_now())

    def _rollback_login_failed_rl_usage(self) -> None:
        """Only failures are counted here, so a success has nothing to take back."""

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials: Any) -> None:
        """Failures are forgotten by time alone."""

    def login(self, request: HttpRequest, user: User) -> None:
        super().login(request, user)
        after_sign_in(request, user)

    def set_password(self, user: User, password: str) -> None:
        super().set_password(user, password)
        audit.record(f"user:{user.public_id}", "user.password_changed", target=f"user:{user.public_id}")


def after_sign_in(request: HttpRequest, user: User) -> None:
    """What the role's own apps do when somebody signs in: settings.SIGN_IN_HOOKS, in this transaction."""
    moment = clock.real_now()
    for name in settings.SIGN_IN_HOOKS:
        import_string(name)(request, user, moment)


def client_ip(request: HttpRequest) -> str:
    """The client's address: the peer, or the entry of X-Forwarded-For that our own proxies wrote."""
    trusted = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    forwarded = [part.strip() for part in request.headers.get("x-forwarded-for", "").split(",") if part.strip()]
    if trusted and len(forwarded) >= trusted:
        return forwarded[-trusted]
    return request.META.get("REMOTE_ADDR") or "local"


def _as_stored(login: str) -> str:
    """A login as people type it, as we keep it: one number is one number however it is spaced."""
    try:
        return normalise_phone(login)
    except NotAPhone:
        return login.strip().lower()


def _login_limits(request: HttpRequest, credentials: dict[str, Any]) -> list[limits.Limit]:
    if isinstance(request.user, User) and not isinstance(request.user, AnonymousUser):  # re-authentication
        key = request.user.public_id
    else:
        key = _as_stored(credentials.get("phone") or credentials.get("email") or credentials.get("username") or "")
    return [limits.Limit("login_failed.key", key), limits.Limit("login_failed.ip", client_ip(request))]
