"""Signing in by code, and the pages around it. Password pages are allauth's views with our templates (urls.py)."""

import datetime as dt
from typing import Any

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login as django_login
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from saas.identity import forms, services
from saas.identity.adapter import client_ip
from saas.identity.limits import TooManyAttempts
from saas.identity.models import User
from saas.identity.phones import shown_phone
from saas.identity.roles import LABELS, Role
from saas.identity.services.codes import CodeSpent, WrongCode
from saas.identity.services.staff import open_invitation
from saas.identity.services.support import SESSION_KEY
from saas.identity.services.users import ContactTaken
from saas.kernel.clock import real_now as now
from saas.kernel.errors import DomainError
from saas.messaging.notices.services import SmsUnavailable

PENDING = "identity.code"  # session key: {"ulid", "target", "purpose", "next"}


def _next(request: HttpRequest, default: str = "") -> str:
    url = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())
    return url if url and safe else default


def _with_next(name: str, url: str) -> str:
    return reverse(name) + (f"?{urlencode({'next': url})}" if url else "")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def request_code(request: HttpRequest) -> HttpResponse:
    """Ask for a code. Known and unknown numbers get the same page and the same message."""
    if request.user.is_authenticated:
        return redirect(_next(request, settings.LOGIN_REDIRECT_URL))
    form = forms.TargetForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            refused = _send(request, "sign_in", form.cleaned_data["target"])
            if refused is None:
                return redirect("identity_confirm")
            form.add_error("target", refused.text)
            status = refused.http_status
    context = {"form": form, "next": _next(request), "password_url": _with_next("account_login", _next(request))}
    return render(request, "auth/code.html", context, status=status)


def _send(request: HttpRequest, purpose: str, target: str, next_url: str | None = None) -> DomainError | None:
    """Send a code and keep its id in the session; the refusal if there is one."""
    try:
        ulid = services.send_code(purpose=purpose, target=target, ip=client_ip(request), now=now())
    except (TooManyAttempts, SmsUnavailable) as error:
        return error
    url = _next(request) if next_url is None else next_url
    request.session[PENDING] = {"ulid": ulid, "target": target, "purpose": purpose, "next": url}
    return None


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_code(request: HttpRequest) -> HttpResponse:
    """Enter the code: signs in whoever owns the number, making the account if there is none."""
    pending = request.session.get(PENDING)
    if not pending or pending["purpose"] != "sign_in":
        return redirect("identity_code")
    form = forms.CodeForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                return _enter(request, pending, form.cleaned_data["code"])
            except CodeSpent as error:
                request.session.pop(PENDING, None)
                messages.error(request, error.text)
                return redirect(_with_next("identity_code", pending["next"]))
            except (WrongCode, TooManyAttempts) as error:
                form.add_error("code", error.text)
                status = error.http_status
    return render(request, "auth/confirm.html", {"form": form, "target": shown_phone(pending["target"])}, status=status)


def _enter(request: HttpRequest, pending: dict[str, Any], code: str) -> HttpResponse:
    target = services.check_code(ulid=pending["ulid"], purpose="sign_in", code=code, now=now())
    with transaction.atomic():
        user, made = services.enter_by_code(target=target, agreed=True, ip=client_ip(request), now=now())
        request.session.pop(PENDING, None)
        record_authentication(request, user, method="code")
        login = Login(user=user, redirect_url=pending["next"] or None, signup=made)
        response: HttpResponse = perform_login(request, login)
    return response


@never_cache
@require_POST
def resend_code(request: HttpRequest) -> HttpResponse:
    """Another code to the same place; the one before is then worth nothing."""
    pending = request.session.get(PENDING)
    if not pending:
        return redirect("identity_code")
    refused = _send(request, pending["purpose"], pending["target"], pending["next"])
    if refused is None:
        messages.success(request, _("A new code is on its way."))
    else:
        messages.error(request, refused.text)
    return redirect("identity_confirm" if pending["purpose"] == "sign_in" else "identity_phone_confirm")


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change_phone(request: HttpRequest) -> HttpResponse:
    """Ask for a code to a new number. Taken or free: the answer is the same until the code is right."""
    form = forms.NewPhoneForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        refused = _send(request, "change_phone", form.cleaned_data["phone"])
        if refused is None:
            return redirect("identity_phone_confirm")
        form.add_error("phone", refused.text)
    return render(request, "auth/phone.html", {"form": form, "next": _next(request)})


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_phone(request: HttpRequest) -> HttpResponse:
    """Enter the code sent to the new number."""
    pending = request.session.get(PENDING)
    if not pending or pending["purpose"] != "change_phone":
        return redirect("identity_phone")
    form = forms.CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            phone = services.check_code(
                ulid=pending["ulid"], purpose="change_phone", code=form.cleaned_data["code"], now=now()
            )
            services.change_phone(user=_user(request), phone=phone, now=now())
        except (CodeSpent, ContactTaken) as error:
            request.session.pop(PENDING, None)
            messages.error(request, error.text)
            return redirect("identity_phone")
        except WrongCode as error:
            form.add_error("code", error.text)
        else:
            request.session.pop(PENDING, None)
            messages.success(request, _("Your mobile number has been changed."))
            return redirect(pending["next"] or settings.LOGIN_REDIRECT_URL)
    return render(request, "auth/confirm.html", {"form": form, "target": shown_phone(pending["target"])})


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """The page of a staff invitation. Looking at it changes nothing, so a link preview does not use it up."""
    found = open_invitation(token, now=now())
    form = forms.InvitationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = services.accept_invitation(
                token=token, name=form.cleaned_data["name"], password=form.cleaned_data["password"], now=now()
            )
        except DomainError as error:
            if error.field not in form.fields:
                raise
            form.add_error(error.field, error.text)
        else:
            return _sign_in(request, user)
    labels = [LABELS[Role(role)] for role in found.roles]
    return render(request, "auth/invitation.html", {"form": form, "roles": labels})


@never_cache
@require_http_methods(["GET"])
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """One click from the vendor's account into the mall's backoffice. The token works once, for two minutes."""
    return _sign_in(request, services.accept_hand_over(token=token, now=now()))


@never_cache
@require_http_methods(["GET"])
def enter_support(request: HttpRequest, token: str) -> HttpResponse:
    """An operator of the platform enters with the vendor's leave; the session ends with it."""
    user, held = services.accept_support_pass(token=token, now=now())
    reply = _sign_in(request, user)
    request.session[SESSION_KEY] = held
    request.session.set_expiry(max(1, int((dt.datetime.fromisoformat(held["until"]) - now()).total_seconds())))
    return reply


def _sign_in(request: HttpRequest, user: User) -> HttpResponseRedirect:
    with transaction.atomic():
        django_login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return HttpResponseRedirect(settings.STAFF_HOME)
