"""Forms of areas and agents' contracts. Amounts are typed in yuan."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from saas.kernel.money import parse_yuan
from tenant_apps.modes.contract import Grade

NAMED_GRADES = ((Grade.CUSTOM.value, _("Custom area")), (Grade.REGION.value, _("Region of several provinces")))


class YuanField(forms.CharField):
    """Yuan with at most two decimals, as fen."""

    def clean(self, value: Any) -> int:
        text = super().clean(value)
        if not text:
            return 0
        try:
            return parse_yuan(text)
        except ValueError as error:
            raise forms.ValidationError(_("Give an amount in yuan, such as 30000 or 99.50.")) from error


class AreaForm(forms.Form):
    """Terms of an area."""

    total_amount = YuanField(
        label=_("What the whole area stands for (¥)"),
        required=False,
        max_length=16,
        help_text=_("Contracts share it. Empty or 0: whoever holds the area has all of it."),
    )
    is_exclusive = forms.BooleanField(label=_("One agent only"), required=False)
    takes_applications = forms.BooleanField(label=_("Takes applications"), required=False)
    reason = forms.CharField(label=_("Reason"), max_length=300)


class NamedAreaForm(forms.Form):
    """A custom area, or a region of several provinces."""

    grade = forms.ChoiceField(label=_("Grade"), choices=NAMED_GRADES)
    code = forms.CharField(label=_("Name"), max_length=40)
    covers = forms.CharField(
        label=_("Codes it covers"),
        help_text=_("Administrative codes of 2, 4, 6 or 9 digits, separated by spaces, such as 44 45 46."),
        max_length=2000,
    )


class StreetForm(forms.Form):
    """A street of a district."""

    code = forms.CharField(
        label=_("Code of the street"), max_length=9, help_text=_("Nine digits; the first six are the district's.")
    )
    name = forms.CharField(label=_("Name"), max_length=80)


class LicenceFields(forms.Form):
    """Business licence of an agent."""

    licence_company = forms.CharField(label=_("Company on the licence"), max_length=80)
    licence_number = forms.CharField(label=_("Business licence number"), max_length=18)
    licence_checked = forms.BooleanField(label=_("I have checked the licence"), required=False)


class TermsFields(forms.Form):
    """What a contract says."""

    invested_amount = YuanField(label=_("Amount of the contract (¥)"), max_length=16)
    months = forms.IntegerField(label=_("Months"), min_value=1, max_value=120, initial=12)
    reason = forms.CharField(label=_("Reason"), max_length=300)
    accept_cautions = forms.BooleanField(
        label=_("Counsel has looked at more than 10 agents of one area"), required=False
    )


class HolderForm(LicenceFields, TermsFields):
    """An agent whose contract was signed on paper."""

    share_code = forms.CharField(label=_("Share code of the member"), max_length=8)
    paper_number = forms.CharField(label=_("Number of the signed contract"), max_length=40)


class ApproveForm(TermsFields):
    """Agreeing to an application."""

    licence_checked = forms.BooleanField(label=_("I have checked the licence"), required=False)


class TransferForm(LicenceFields):
    """Handing a contract on."""

    share_code = forms.CharField(label=_("Share code of the member"), max_length=8)
    paper_number = forms.CharField(label=_("Number of the signed contract"), max_length=40)
    reason = forms.CharField(label=_("Reason"), max_length=300)
