"""The signup form: shape is checked here, whether it may be had in services."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from billing import selectors as billing
from saas.identity.forms import clean_target
from saas.kernel.errors import DomainError
from saas.tenants.vendors import services as vendors
from saas.website import offer


class SignupForm(forms.Form):
    """What a company tells us to get a mall. `target` is left out for somebody who is signed in: they are known."""

    company = forms.CharField(
        label=_("Company"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "organization", "placeholder": _("As on the business licence")}),
    )
    contact_name = forms.CharField(
        label=_("Contact person"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    target = forms.CharField(
        label=_("Mobile number or e-mail"),
        max_length=254,
        help_text=_("We send a code there. It becomes your account."),
        widget=forms.TextInput(attrs={"autocomplete": "username"}),
    )
    mall_name = forms.CharField(
        label=_("Name of the mall"),
        max_length=40,
        help_text=_("Shoppers read it. You can change it later."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    subdomain = forms.CharField(label=_("Address of the mall"), max_length=64)
    plan = forms.ChoiceField(label=_("Plan"), widget=forms.RadioSelect)
    preset = forms.ChoiceField(label=_("Business model"), required=False, widget=forms.RadioSelect)
    service = forms.BooleanField(
        error_messages={"required": _("Please read and accept the service agreement and the data agreement.")}
    )
    data = forms.BooleanField(  # type: ignore[assignment]
        error_messages={"required": _("Please read and accept the service agreement and the data agreement.")}
    )
    key = forms.CharField(max_length=26, widget=forms.HiddenInput)

    def __init__(self, *args: Any, known: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(plan.code, plan.name) for plan in billing.price_list()]
        self.fields["plan"].choices = choices  # type: ignore[attr-defined]
        models = [(one["key"], one["title"]) for one in offer.presets()]
        self.fields["preset"].choices = [("", _("Decide later")), *models]  # type: ignore[attr-defined]
        if known:
            del self.fields["target"]

    def clean_target(self) -> str:
        return clean_target(self.cleaned_data["target"])

    def clean_subdomain(self) -> str:
        try:
            return vendors.check_subdomain(self.cleaned_data["subdomain"])
        except DomainError as error:
            raise ValidationError(error.text, code=error.code) from error
