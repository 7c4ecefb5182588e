"""What people fill in to sign in. Normalising happens here, deciding in services."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from saas.identity.phones import NotAPhone, normalise_phone


class PhoneField(forms.CharField):
    """A phone number as people write it; cleaned to E.164."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"type": "tel", "autocomplete": "tel", "inputmode": "tel"}
        kwargs.setdefault("label", _("Mobile number"))
        kwargs.setdefault("widget", forms.TextInput(attrs=attrs))
        super().__init__(max_length=20, **kwargs)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            return normalise_phone(text) if text else text
        except NotAPhone as error:
            raise ValidationError(error.text, code=error.code) from error


class TargetForm(forms.Form):
    """Where a code goes: a mobile number or an e-mail address. `agree` is the active consent to the texts."""

    target = forms.CharField(
        label=_("Mobile number or e-mail"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    agree = forms.BooleanField(
        label=_("I have read and agree to the terms and the privacy notice"),
        error_messages={"required": _("Please agree to the terms and the privacy notice first.")},
    )

    def clean_target(self) -> str:
        return clean_target(self.cleaned_data["target"])


class CodeForm(forms.Form):
    """The six digits."""

    code = forms.RegexField(
        r"^\s*\d{6}\s*$",
        label=_("Six-digit code"),
        error_messages={"invalid": _("A code has six digits.")},
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "maxlength": "6", "autofocus": True}
        ),
    )


class NewPhoneForm(forms.Form):
    """A new mobile number for a signed-in user."""

    phone = PhoneField()


class InvitationForm(forms.Form):
    """How an invited person enters: name, and a password if the account has none."""

    name = forms.CharField(label=_("Your name"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password = forms.CharField(
        label=_("Password"),
        required=False,
        help_text=_("At least 8 characters. Leave empty if your account has a password already."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


def clean_target(text: str) -> str:
    """A mobile number as E.164 or an e-mail address in lower case. Raises ValidationError."""
    text = text.strip()
    if "@" in text:
        validate_email(text)
        return text.lower()
    try:
        return normalise_phone(text)
    except NotAPhone as error:
        raise ValidationError(_("Enter a valid mobile number or e-mail address."), code=error.code) from error
