"""Signup: form, code, run. What was filled in waits in the session until the code proves who asks."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import login
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from billing import selectors as billing
from provisioning.orchestrator import selectors as runs
from provisioning.orchestrator import services as provisioning
from provisioning.orchestrator.models import Run
from saas.identity import services as identity
from saas.identity.adapter import after_sign_in, client_ip
from saas.identity.forms import CodeForm
from saas.identity.limits import TooManyAttempts
from saas.identity.models import User
from saas.identity.services.codes import CodeSpent, WrongCode
from saas.kernel.clock import now
from saas.kernel.errors import DomainError, NotFound
from saas.kernel.ids import new_ulid
from saas.messaging.notices.services import SmsUnavailable
from saas.tenants.platform import selectors as platform
from saas.tenants.vendors import selectors as vendor_facts
from saas.tenants.vendors import services as vendors
from saas.tenants.vendors.rules import AgreementKind
from saas.website import offer
from saas.website.forms import SignupForm

PENDING = "website.signup"  # session key: {"form": …, "code": ulid, "target": …}
PURPOSE = "signup"
_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def signup(request: HttpRequest) -> HttpResponse:
    """The form. Whoever is signed in is known and gets the mall at once; everybody else a code first."""
    known = isinstance(request.user, User)
    if request.method != "POST":
        return _form_page(request, SignupForm(initial=_initial(request), known=known))
    form = SignupForm(request.POST, known=known)
    if not form.is_valid():
        return _form_page(request, form, status=422)
    data = {name: value for name, value in form.cleaned_data.items() if name != "target"}
    try:
        if isinstance(request.user, User):
            return _to_run(_open_mall(request, request.user, data))
        return _ask_for_code(request, data, form.cleaned_data["target"])
    except DomainError as error:
        _add_refusal(form, error)
        return _form_page(request, form, status=error.http_status)


@require_GET
def address(request: HttpRequest) -> HttpResponse:
    """Whether a subdomain may be had, while it is being typed."""
    raw = request.GET.get("subdomain", "")
    context: dict[str, Any] = {"raw": raw.strip()}
    if raw.strip():
        try:
            context["host"] = vendor_facts.host_of_subdomain(vendors.check_subdomain(raw))
        except DomainError as error:
            context["refusal"] = error.text
    return render(request, "website/signup_address.html", context)


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """The code. With the right one the person is signed in and the mall is on its way."""
    pending = request.session.get(PENDING)
    if not pending:
        return redirect("signup")
    form = CodeForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                return _prove(request, pending, form.cleaned_data["code"])
            except CodeSpent as error:
                messages.error(request, error.text)
                form = CodeForm()
                status = error.http_status
            except (WrongCode, TooManyAttempts) as error:
                form.add_error("code", error.text)
                status = error.http_status
    return render(request, "website/signup_code.html", {"form": form, "target": pending["target"]}, status=status)


@require_POST
def resend(request: HttpRequest) -> HttpResponse:
    """Another code to the same place."""
    pending = request.session.get(PENDING)
    if not pending:
        return redirect("signup")
    try:
        _ask_for_code(request, pending["form"], pending["target"])
        messages.success(request, _("A new code is on its way."))
    except DomainError as error:
        messages.error(request, error.text)
    return redirect("signup_verify")


@never_cache
@require_GET
def run(request: HttpRequest, ulid: str) -> HttpResponse:
    """The mall being made, step by step. The same address answers htmx with the part that changes."""
    view = _own_run(request, ulid)
    context = {"view": view, "place": view.run.place, "url": vendor_facts.mall_url(view.run.place)}
    template = "website/run_steps.html" if request.headers.get("HX-Request") else "website/run.html"
    return render(request, template, context)


def _own_run(request: HttpRequest, ulid: str) -> runs.RunView:
    view = runs.run_view(ulid)
    user = request.user
    if not isinstance(user, User) or (view.run.place.vendor.owner_id != user.pk and not user.is_staff):
        raise NotFound
    return view


def _initial(request: HttpRequest) -> dict[str, Any]:
    plans = billing.price_list()
    wanted = request.GET.get("plan", "")
    offered = [plan.code for plan in plans]
    highlighted = next((plan.code for plan in plans if plan.highlighted), offered[0] if offered else "")
    initial: dict[str, Any] = {"plan": wanted if wanted in offered else highlighted, "key": new_ulid()}
    initial["preset"] = request.GET.get("preset", "")
    pending = request.session.get(PENDING)
    if pending:
        return {**initial, **pending["form"], "target": pending["target"], "service": False, "data": False}
    if isinstance(request.user, User):
        vendor = vendor_facts.vendor_of_user(request.user)
        initial |= {"contact_name": vendor.contact_name if vendor else request.user.name}
        initial |= {"company": vendor.company if vendor else ""}
    return initial


def _form_page(request: HttpRequest, form: SignupForm, *, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "plans": billing.price_list(),
        "platform_domain": platform.base_domain(),
        "presets": offer.presets(),
    }
    return render(request, "website/signup.html", context, status=status)


def _ask_for_code(request: HttpRequest, data: dict[str, Any], target: str) -> HttpResponse:
    ulid = identity.send_code(purpose=PURPOSE, target=target, ip=client_ip(request), now=now())
    request.session[PENDING] = {"form": data, "code": ulid, "target": target}
    return redirect("signup_verify")


def _prove(request: HttpRequest, pending: dict[str, Any], code: str) -> HttpResponse:
    target = identity.check_code(ulid=pending["code"], purpose=PURPOSE, code=code, now=now())
    with transaction.atomic():
        user, _made = identity.enter_by_code(target=target, agreed=True, ip=client_ip(request), now=now())
        login(request, user, backend=_BACKEND)
        after_sign_in(request, user)
    try:
        made = _open_mall(request, user, pending["form"])
    except DomainError as error:  # somebody else took the address while the code was on its way
        messages.error(request, error.text)
        return redirect("signup")
    request.session.pop(PENDING, None)
    return _to_run(made)


def _open_mall(request: HttpRequest, user: User, data: dict[str, Any]) -> Run:
    made = provisioning.sign_up(
        owner=user,
        company=data["company"],
        contact_name=data["contact_name"],
        mall_name=data["mall_name"],
        subdomain=data["subdomain"],
        plan_code=data["plan"],
        preset=data.get("preset", ""),
        agreements=[kind for kind in AgreementKind if data.get(kind.value)],
        key=f"signup:{user.public_id}:{data['key']}",
        actor=f"user:{user.public_id}",
        now=now(),
        address=request.META.get("REMOTE_ADDR") or None,
    )
    return made


def _to_run(made: Run) -> HttpResponse:
    return redirect("signup_run", ulid=made.ulid)


def _add_refusal(form: SignupForm, error: DomainError) -> None:
    if isinstance(error, (TooManyAttempts, SmsUnavailable)):
        form.add_error("target", error.text)
        return
    field = error.field if error.field in form.fields else None
    form.add_error(field, error.text)
