"""/auth/ in both roles: our pages, and of allauth's views only the ones we want. Each runs in one transaction."""

from collections.abc import Callable
from typing import Any

from allauth.account import views as allauth
from django.db import transaction
from django.http import HttpResponseBase
from django.urls import path, re_path

from saas.identity import views


def _whole(view: Any, template: str = "", **options: Any) -> Callable[..., HttpResponseBase]:
    """An allauth view with our template, as one transaction: the cell refuses writes outside of one."""
    if template:
        options["template_name"] = f"auth/{template}.html"
    whole: Callable[..., HttpResponseBase] = transaction.atomic(view.as_view(**options))
    return whole


urlpatterns = [
    path("code/", views.request_code, name="identity_code"),
    path("code/confirm/", views.confirm_code, name="identity_confirm"),
    path("code/resend/", views.resend_code, name="identity_resend"),
    path("signup/", views.request_code, name="account_signup"),
    path("phone/", views.change_phone, name="identity_phone"),
    path("phone/confirm/", views.confirm_phone, name="identity_phone_confirm"),
    path("invitation/<str:token>", views.invitation, name="identity_invitation"),
    path("login/", _whole(allauth.LoginView, "login"), name="account_login"),
    path("logout/", _whole(allauth.LogoutView, "logout"), name="account_logout"),
    path("inactive/", _whole(allauth.AccountInactiveView, "inactive"), name="account_inactive"),
    path("password/change/", _whole(allauth.PasswordChangeView, "password"), name="account_change_password"),
    path("password/set/", _whole(allauth.PasswordSetView, "password"), name="account_set_password"),
    path("password/reset/", _whole(allauth.PasswordResetView, "reset"), name="account_reset_password"),
    path(
        "password/reset/done/", _whole(allauth.PasswordResetDoneView, "reset_sent"), name="account_reset_password_done"
    ),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        _whole(allauth.PasswordResetFromKeyView, "reset_key"),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        _whole(allauth.PasswordResetFromKeyDoneView, "reset_done"),
        name="account_reset_password_from_key_done",
    ),
]
