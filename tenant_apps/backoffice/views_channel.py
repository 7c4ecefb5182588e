"""The mall's own merchant account: entered once, checked, sealed; afterwards only its last characters are shown."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from saas.channels.contract import Check
from saas.channels.wechat.credentials import SECRET_FIELDS
from saas.identity.roles import Role
from saas.kernel.clock import now
from saas.kernel.errors import DomainError
from tenant_apps.backoffice.labels import CHECKS
from tenant_apps.backoffice.pages import act, actor_of, needs, show
from tenant_apps.payments import selectors, services
from tenant_apps.payments.rules import Purpose

_PEM = {"rows": 5, "spellcheck": "false", "autocomplete": "off"}


class CredentialForm(forms.Form):
    """WeChat Pay's credentials. Secrets are never put back into the page, not even after a refusal."""

    merchant_id = forms.CharField(label=CHECKS["merchant_id"], max_length=20)
    app_id = forms.CharField(label=CHECKS["app_id"], max_length=32)
    private_key = forms.CharField(
        label=CHECKS["private_key"],
        widget=forms.Textarea(attrs=_PEM),
        help_text=gettext_lazy("The content of apiclient_key.pem."),
    )
    certificate = forms.CharField(
        label=CHECKS["certificate"],
        widget=forms.Textarea(attrs=_PEM),
        help_text=gettext_lazy("The content of apiclient_cert.pem, or its serial number."),
    )
    api_key = forms.CharField(
        label=CHECKS["api_key"],
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("32 characters, set in the merchant platform."),
    )
    platform_key_id = forms.CharField(
        label=CHECKS["platform_key_id"],
        required=False,
        help_text=gettext_lazy("Empty: the platform's certificates are downloaded instead."),
    )
    platform_key = forms.CharField(label=CHECKS["platform_key"], required=False, widget=forms.Textarea(attrs=_PEM))
    app_secret = forms.CharField(
        label=CHECKS["app_secret"],
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("Needed for payment inside WeChat."),
    )


@needs(Role.FINANCE)
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def channel(request: HttpRequest) -> HttpResponse:
    """What is connected, and the form for the real account."""
    form = CredentialForm(request.POST or None)
    status = 200
    checks: list[Check] = []
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                services.store_credentials(
                    actor=actor_of(request), purpose=Purpose.LIVE, fields=form.cleaned_data, now=now()
                )
            except DomainError as error:
                checks = getattr(error, "checks", [])
                form.add_error(None, error.text)
            else:
                messages.success(request, _("The account has been checked and stored encrypted."))
                return redirect("backoffice:channel")
        shown = request.POST.copy()
        for secret in SECRET_FIELDS:
            shown[secret] = ""
        form.data = shown
    connected = [(purpose, selectors.credential(purpose)) for purpose in (Purpose.LIVE, Purpose.REHEARSAL)]
    return show(
        request,
        "channel",
        _("Payment account"),
        status=status,
        form=form,
        checks=[(CHECKS.get(one.name, one.name), one.passed, _(one.detail) if one.detail else "") for one in checks],
        connected=[(purpose, found, _shown(found)) for purpose, found in connected if found],
        attention=selectors.refunds_wanting_attention(),
    )


def _shown(found: selectors.CredentialView) -> list[tuple[object, str, str]]:
    return [(CHECKS.get(name, name), one["last4"], one["fingerprint"]) for name, one in found.shown.items()]


@needs(Role.FINANCE)
@require_POST
def check(request: HttpRequest, purpose: str) -> HttpResponse:
    """Ask the channel whether the stored account still works."""
    if purpose not in list(Purpose):
        return redirect("backoffice:channel")

    def ask() -> None:
        results = services.check_credentials(actor=actor_of(request), purpose=Purpose(purpose), now=now())
        bad = [one for one in results if not one.passed]
        if bad:
            raise DomainError(" ".join(f"{CHECKS.get(one.name, one.name)}: {_(one.detail)}" for one in bad))

    return act(request, ask, done=_("The account works."), back=reverse("backoffice:channel"))


@needs(Role.FINANCE)
@require_POST
def sandbox(request: HttpRequest) -> HttpResponse:
    """Connect the sandbox for the rehearsal."""
    return act(
        request,
        lambda: services.connect_sandbox(actor=actor_of(request), now=now()),
        done=_("The sandbox is connected: orders can be paid with play money."),
        back=reverse("backoffice:channel"),
    )
