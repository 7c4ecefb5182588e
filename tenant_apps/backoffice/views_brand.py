"""Brand, legal texts, licence: a draft with a preview, published at once or thrown away; earlier versions come back."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from saas.identity.roles import Role
from saas.kernel.clock import now
from saas.kernel.errors import DomainError
from tenant_apps.backoffice import people
from tenant_apps.backoffice.pages import act, actor_of, needs, show
from tenant_apps.design import selectors, services

_COLOR = forms.TextInput(attrs={"type": "color"})
_TEXT = {"rows": 10}


class BrandForm(forms.Form):
    """What a mall says about itself."""

    name = forms.CharField(label=gettext_lazy("Name of the mall"), max_length=40)
    tagline = forms.CharField(label=gettext_lazy("Slogan"), max_length=80, required=False)
    notice = forms.CharField(label=gettext_lazy("Notice on the home page"), max_length=120, required=False)
    logo = forms.FileField(label=gettext_lazy("Logo"), required=False)
    banner = forms.FileField(label=gettext_lazy("Picture of the home page"), required=False)
    primary_color = forms.CharField(label=gettext_lazy("Main colour"), max_length=7, widget=_COLOR)
    accent_color = forms.CharField(label=gettext_lazy("Colour of prices"), max_length=7, widget=_COLOR)
    service_phone = forms.CharField(label=gettext_lazy("Service number"), max_length=30, required=False)
    service_email = forms.CharField(label=gettext_lazy("Service e-mail"), max_length=120, required=False)
    service_hours = forms.CharField(label=gettext_lazy("Service hours"), max_length=60, required=False)
    return_name = forms.CharField(label=gettext_lazy("Returns: recipient"), max_length=40, required=False)
    return_phone = forms.CharField(label=gettext_lazy("Returns: phone"), max_length=30, required=False)
    return_address = forms.CharField(label=gettext_lazy("Returns: address"), max_length=200, required=False)
    company_name = forms.CharField(label=gettext_lazy("Company on the licence"), max_length=80, required=False)
    licence_number = forms.CharField(label=gettext_lazy("Unified social credit code"), max_length=40, required=False)
    icp_number = forms.CharField(label=gettext_lazy("ICP filing number"), max_length=60, required=False)
    other_filings = forms.CharField(label=gettext_lazy("Other filings and licences"), max_length=200, required=False)
    terms = forms.CharField(label=gettext_lazy("Terms of service"), required=False, widget=forms.Textarea(attrs=_TEXT))
    privacy = forms.CharField(label=gettext_lazy("Privacy policy"), required=False, widget=forms.Textarea(attrs=_TEXT))
    returns = forms.CharField(label=gettext_lazy("Returns policy"), required=False, widget=forms.Textarea(attrs=_TEXT))


_SECTIONS = (
    (gettext_lazy("Look"), ("name", "tagline", "notice", "logo", "banner", "primary_color", "accent_color")),
    (gettext_lazy("Contact"), ("service_phone", "service_email", "service_hours")),
    (pgettext_lazy("address", "Returns"), ("return_name", "return_phone", "return_address")),
    (gettext_lazy("Licence and filings"), ("company_name", "licence_number", "icp_number", "other_filings")),
    (gettext_lazy("Legal texts"), ("terms", "privacy", "returns")),
)


@needs(Role.OWNER)
@require_http_methods(["GET", "POST"])
def brand(request: HttpRequest) -> HttpResponse:
    """Edit the draft beside its preview."""
    form = BrandForm(request.POST or None, request.FILES or None, initial=selectors.editable_values())
    if request.method == "POST" and form.is_valid():
        try:
            _save(form.cleaned_data, actor_of(request))
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.text)
        else:
            messages.success(request, _("Saved as a draft: shoppers still see the published version."))
            return redirect("backoffice:brand")
    history = selectors.history()
    names = people.names(row.author for row in history)
    return show(
        request,
        "brand",
        _("Brand and texts"),
        status=422 if form.errors else 200,
        form=form,
        sections=[(title, [form[name] for name in fields]) for title, fields in _SECTIONS],
        draft=selectors.draft(),
        history=[(row, names.get(row.author, row.author)) for row in history],
    )


def _save(values: dict[str, Any], actor: str) -> None:
    """Texts and pictures of the form into the draft, together or not at all."""
    files = {which: values.pop(which) for which in ("logo", "banner")}
    with transaction.atomic():
        for which, file in files.items():
            if isinstance(file, UploadedFile):
                services.set_brand_picture(
                    which=which, content=file.read(), content_type=file.content_type or "", actor=actor, now=now()
                )
        services.update_branding(actor=actor, now=now(), values=values)


@needs(Role.OWNER)
@require_POST
def brand_step(request: HttpRequest) -> HttpResponse:
    """Publish the draft, throw it away, take our default texts, or bring an earlier version back into the draft."""
    actor, step, number = actor_of(request), request.POST.get("step", ""), request.POST.get("version", "")
    language = get_language() or settings.LANGUAGE_CODE
    steps: dict[str, tuple[Callable[[], object], str]] = {
        "publish": (
            lambda: services.publish_branding(actor=actor, now=now()),
            _("Published: shoppers see it now."),
        ),
        "discard": (lambda: services.discard_draft(actor=actor, now=now()), _("The draft has been thrown away.")),
        "texts": (
            lambda: services.adopt_default_texts(actor=actor, now=now(), language=language),
            _("The default texts are in the draft. Read and change them."),
        ),
        "restore": (
            lambda: services.restore_version(actor=actor, number=int(number) if number.isdigit() else 0, now=now()),
            _("The earlier version is in the draft."),
        ),
    }
    if step not in steps:
        raise Http404
    call, done = steps[step]
    return act(request, call, done=done, back=reverse("backoffice:brand"))
