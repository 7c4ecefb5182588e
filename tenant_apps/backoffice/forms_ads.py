"""Forms of advertising: an ad, and income that has arrived. Amounts are typed in yuan."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from saas.kernel.money import parse_yuan


class SignedYuanField(forms.CharField):
    """Yuan with at most two decimals, as fen; a minus in front is a correction."""

    def clean(self, value: Any) -> int:
        text = super().clean(value).strip()
        sign = -1 if text.startswith(("-", "−")) else 1
        try:
            return sign * parse_yuan(text.lstrip("-−"))
        except ValueError as error:
            raise forms.ValidationError(_("Give an amount in yuan, such as 1000 or -99.50.")) from error


class AdForm(forms.Form):
    """An ad that members watch."""

    title = forms.CharField(label=_("Title"), max_length=80)
    text = forms.CharField(label=_("Text"), max_length=500, widget=forms.Textarea(attrs={"rows": 4}))
    advertiser = forms.CharField(label=_("Advertiser"), max_length=80)
    link = forms.URLField(label=_("Link"), max_length=300, required=False, assume_scheme="https")
    seconds = forms.IntegerField(label=_("Seconds to look at it"), min_value=5, max_value=300, initial=15)
    first_day = forms.DateField(label=_("First day"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    last_day = forms.DateField(
        label=_("Last day"), required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )


class AdIncomeForm(forms.Form):
    """Ad income as it arrived at the bank."""

    amount = SignedYuanField(
        label=_("Amount (¥)"), max_length=16, help_text=_("Net of taxes and refunds. With a minus: a correction.")
    )
    advertiser = forms.CharField(label=_("Who paid"), max_length=80)
    reference = forms.CharField(label=_("Number of the transfer"), max_length=80)
    note = forms.CharField(label=_("What it is for"), max_length=200, required=False)
