"""Forms of the operators' console."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError as BadFeatures
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from billing import selectors as billing
from billing.models import Plan
from billing.rules import PlanFeatures
from saas.identity.forms import clean_target
from saas.kernel.errors import DomainError
from saas.support.rules import ItemState, WaitsFor
from saas.tenants.vendors import services as vendors


class NewMallForm(forms.Form):
    """What the signup page asks, filled in by an operator."""

    company = forms.CharField(label=_("Company"), max_length=80, widget=UnfoldAdminTextInputWidget)
    contact_name = forms.CharField(label=_("Contact person"), max_length=60, widget=UnfoldAdminTextInputWidget)
    target = forms.CharField(
        label=_("Owner’s mobile number or e-mail"),
        max_length=254,
        help_text=_("The owner signs in with it, by a code. It is not verified yet."),
        widget=UnfoldAdminTextInputWidget,
    )
    mall_name = forms.CharField(label=_("Name of the mall"), max_length=40, widget=UnfoldAdminTextInputWidget)
    subdomain = forms.CharField(label=_("Subdomain"), max_length=64, widget=UnfoldAdminTextInputWidget)
    plan = forms.ChoiceField(label=_("Plan"), widget=UnfoldAdminSelectWidget)
    agreed = forms.BooleanField(
        label=_("The vendor has signed the service agreement and the data agreement"), widget=UnfoldBooleanSwitchWidget
    )
    key = forms.CharField(max_length=26, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(plan.code, plan.name) for plan in billing.price_list()]
        self.fields["plan"].choices = choices  # type: ignore[attr-defined]

    def clean_target(self) -> str:
        return clean_target(self.cleaned_data["target"])

    def clean_subdomain(self) -> str:
        try:
            return vendors.check_subdomain(self.cleaned_data["subdomain"])
        except DomainError as error:
            raise ValidationError(error.text, code=error.code) from error


class ReasonForm(forms.Form):
    """Why an operator does it; kept in the audit trail."""

    reason = forms.CharField(label=_("Reason"), max_length=300, widget=UnfoldAdminTextInputWidget)


class ItemForm(forms.Form):
    """Where a launch item stands and whose turn it is."""

    state = forms.ChoiceField(choices=[(s.value, s.value) for s in ItemState], widget=UnfoldAdminSelectWidget)
    waits_for = forms.ChoiceField(choices=[(w.value, w.value) for w in WaitsFor], widget=UnfoldAdminSelectWidget)
    note = forms.CharField(required=False, max_length=1000, widget=UnfoldAdminTextareaWidget)


class PlanForm(forms.ModelForm):
    """A plan row; its features must be ones the code knows."""

    class Meta:
        model = Plan
        fields = (
            "code",
            "position",
            "name",
            "name_en",
            "description",
            "description_en",
            "price_fen",
            "period",
            "highlighted",
            "on_sale",
            "features",
        )

    def clean_features(self) -> dict[str, Any]:
        try:
            return PlanFeatures.model_validate(self.cleaned_data["features"]).model_dump(mode="json")
        except BadFeatures as error:
            faults = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()]
            raise ValidationError(faults) from error
