"""The console's page of what the platform says of itself, and of the account with which it collects."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from billing.selectors import collections
from billing.services import channel
from provisioning.domains.services import bases
from saas.channels.contract import Check
from saas.channels.wechat.credentials import SECRET_FIELDS
from saas.kernel.clock import now
from saas.kernel.errors import DomainError
from saas.tenants.platform import selectors as platform_facts
from saas.tenants.platform import services as platform
from saas.tenants.platform.models import Profile
from saas.tenants.senders import selectors as senders
from saas.tenants.senders import words as sender_words
from saas.tenants.vendors import selectors as vendor_facts
from saas.tenants.vendors.rules import CURRENT_AGREEMENTS

Context = dict[str, Any]
_PEM = {"rows": 5, "spellcheck": "false", "autocomplete": "off"}
LABELS: dict[str, Any] = {
    "merchant_id": gettext_lazy("Merchant number"),
    "app_id": gettext_lazy("App id"),
    "private_key": gettext_lazy("Merchant private key"),
    "certificate": gettext_lazy("Merchant certificate"),
    "api_key": gettext_lazy("APIv3 key"),
    "platform_key_id": gettext_lazy("WeChat Pay public key id"),
    "platform_key": gettext_lazy("WeChat Pay public key"),
    "platform_certificates": gettext_lazy("Certificates of WeChat Pay"),
    "live_call": gettext_lazy("Call to WeChat Pay"),
}


FALLBACKS: dict[str, Any] = {
    "mailbox": gettext_lazy("Development mailbox"),
    "smtp": gettext_lazy("Mail server of the environment"),
    "unset": gettext_lazy("Not connected"),
}


class ProfileForm(forms.Form):
    """Name, company, bank, filings."""

    name = forms.CharField(label=gettext_lazy("Name of the platform"), max_length=40, required=False)
    company = forms.CharField(label=gettext_lazy("Company"), max_length=80, required=False)
    company_en = forms.CharField(label=gettext_lazy("Company, in English"), max_length=120, required=False)
    bank = forms.CharField(
        label=gettext_lazy("Bank account for transfers"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Holder, bank and number, each on a line; printed on open invoices."),
    )
    icp_number = forms.CharField(label=gettext_lazy("ICP number"), max_length=60, required=False)
    police_number = forms.CharField(label=gettext_lazy("Public security filing number"), max_length=60, required=False)
    support_phone = forms.CharField(label=gettext_lazy("Support by telephone"), max_length=30, required=False)
    support_email = forms.CharField(label=gettext_lazy("Support by e-mail"), max_length=254, required=False)


class BaseDomainForm(forms.Form):
    """The domain under which new malls get their address."""

    base_domain = forms.CharField(
        label=gettext_lazy("New base domain"),
        max_length=253,
        widget=forms.TextInput(
            attrs={
                "placeholder": "malls.example.cn",
                "autocapitalize": "none",
                "autocomplete": "off",
                "spellcheck": "false",
            }
        ),
        help_text=gettext_lazy("Without https:// and without a subdomain."),
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=300)


class AccountForm(forms.Form):
    """WeChat Pay's credentials. Secrets are never put back into the page, not even after a refusal."""

    merchant_id = forms.CharField(label=LABELS["merchant_id"], max_length=20)
    app_id = forms.CharField(label=LABELS["app_id"], max_length=32)
    private_key = forms.CharField(
        label=LABELS["private_key"],
        widget=forms.Textarea(attrs=_PEM),
        help_text=gettext_lazy("The content of apiclient_key.pem."),
    )
    certificate = forms.CharField(
        label=LABELS["certificate"],
        widget=forms.Textarea(attrs=_PEM),
        help_text=gettext_lazy("The content of apiclient_cert.pem, or its serial number."),
    )
    api_key = forms.CharField(
        label=LABELS["api_key"],
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("32 characters, set in the merchant platform."),
    )
    platform_key_id = forms.CharField(
        label=LABELS["platform_key_id"],
        required=False,
        help_text=gettext_lazy("Empty: the platform’s certificates are downloaded instead."),
    )
    platform_key = forms.CharField(label=LABELS["platform_key"], required=False, widget=forms.Textarea(attrs=_PEM))


def _actor(request: HttpRequest) -> str:
    return f"user:{request.user.public_id}"  # type: ignore[union-attr]


def profile(request: HttpRequest, frame: Context) -> HttpResponse:
    """Name, company, bank and filings; which agreements are in force; what is connected."""
    row = Profile.objects.filter(pk=1).first()
    initial = {name: getattr(row, name) for name in platform.FIELDS} if row else {}
    form = ProfileForm(request.POST or None, initial=initial)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                platform.change_profile(values=form.cleaned_data, actor=_actor(request), now=now())
                messages.success(request, _("Saved."))
                return redirect("console:settings")
            except DomainError as error:
                form.add_error(error.field if error.field in form.fields else None, error.text)
    context = {
        **frame,
        "title": _("Platform settings"),
        "form": form,
        "domain": platform_facts.base_domains()[0],
        "former": platform_facts.base_domains()[1:],
        "origin": settings.CONTROL_ORIGIN,
        "agreements": CURRENT_AGREEMENTS.values(),
        "account": collections.connected(),
        "senders": [(name, _sender(medium)) for medium, name in sender_words.MEDIA.items()],
        "mail_from": settings.DEFAULT_FROM_EMAIL,
    }
    return render(request, "console/settings.html", context, status=status)


def base_domain(request: HttpRequest, frame: Context) -> HttpResponse:
    """Another base domain for new malls; those that are here answer under it, too."""
    form = BaseDomainForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                values = {"name": form.cleaned_data["base_domain"], "reason": form.cleaned_data["reason"]}
                malls = bases.change_base_domain(**values, actor=_actor(request), now=now())
            except DomainError as error:
                form.add_error(error.field if error.field in form.fields else None, error.text)
            else:
                messages.success(request, _told(malls))
                return redirect("console:settings")
    context = {
        **frame,
        "title": _("Base domain"),
        "form": form,
        "domains": platform_facts.base_domains(),
        "waiting": vendor_facts.untold_count(),
    }
    return render(request, "console/settings_base.html", context, status=status)


def _told(malls: int) -> str:
    words = ngettext(
        "Saved. %(count)s mall gets its second address within a minute.",
        "Saved. %(count)s malls get their second address within a minute.",
        malls,
    )
    return words % {"count": malls} if malls else _("Saved.")


def _sender(medium: str) -> tuple[Any, bool]:
    """What carries a medium's messages, by name, and whether it works."""
    row = senders.sender(medium)
    if row is not None:
        return sender_words.PROVIDERS[row.provider], row.healthy
    fallback = settings.NOTICE_FALLBACKS[medium].rpartition(".")[2]
    return FALLBACKS.get(fallback, fallback), fallback != "unset"


@never_cache
@sensitive_post_parameters()
def account(request: HttpRequest, frame: Context) -> HttpResponse:
    """The merchant account that collects invoices: entered once, checked with the channel, sealed."""
    form = AccountForm(request.POST or None)
    checks: list[Check] = []
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                channel.store_credentials(fields=form.cleaned_data, actor=_actor(request), now=now())
            except DomainError as error:
                checks = getattr(error, "checks", [])
                form.add_error(None, error.text)
            else:
                messages.success(request, _("The account has been checked and stored encrypted."))
                return redirect("console:settings_account")
        shown = request.POST.copy()
        for secret in SECRET_FIELDS:
            shown[secret] = ""
        form.data = shown
    found = collections.connected()
    context = {
        **frame,
        "title": _("Payment account"),
        "form": form,
        "checks": [(LABELS.get(one.name, one.name), one.passed, _(one.detail) if one.detail else "") for one in checks],
        "found": found,
        "shown": [(LABELS.get(name, name), one) for name, one in found.shown.items()] if found else [],
        "sandbox": settings.ENVIRONMENT != "production",
    }
    return render(request, "console/settings_account.html", context, status=status)


@require_POST
def account_check(request: HttpRequest, frame: Context) -> HttpResponse:
    """Ask the channel again whether the stored account works."""
    try:
        bad = [one for one in channel.check_credentials(actor=_actor(request), now=now()) if not one.passed]
    except DomainError as error:
        messages.error(request, error.text)
        return redirect("console:settings_account")
    if bad:
        messages.error(request, " ".join(f"{LABELS.get(one.name, one.name)}: {_(one.detail)}" for one in bad))
    else:
        messages.success(request, _("The account works."))
    return redirect("console:settings_account")


@require_POST
def account_sandbox(request: HttpRequest, frame: Context) -> HttpResponse:
    """Connect the sandbox, outside production."""
    try:
        channel.connect_sandbox(actor=_actor(request), now=now())
        messages.success(request, _("The sandbox is connected: invoices can be paid with play money."))
    except DomainError as error:
        messages.error(request, error.text)
    return redirect("console:settings_account")
