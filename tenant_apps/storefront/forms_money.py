"""The withdrawal form: what a person types, in yuan; the rules are payouts'."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from saas.kernel.money import parse_yuan


class WithdrawForm(forms.Form):
    """Amount in yuan and the payee; `key` makes a double click one request, `fee` is the fee that was shown (fen)."""

    amount = forms.CharField(label=_("Amount in yuan"), max_length=12)
    real_name = forms.CharField(label=_("Real name of the account holder"), max_length=40)
    bank_name = forms.CharField(label=_("Bank and branch"), max_length=60)
    account = forms.CharField(label=_("Account number"), max_length=40)
    key = forms.CharField(widget=forms.HiddenInput, max_length=64)
    fee = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}
        self.fields["real_name"].widget.attrs["autocomplete"] = "name"
        self.fields["account"].widget.attrs |= {"inputmode": "numeric", "autocomplete": "off"}

    def clean_amount(self) -> int:
        """Fen."""
        try:
            return parse_yuan(self.cleaned_data["amount"])
        except ValueError:
            raise forms.ValidationError(_("Please enter an amount such as 100 or 100.50.")) from None
