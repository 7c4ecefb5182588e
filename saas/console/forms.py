"""Forms of the operators' console."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError as BadFeatures
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from billing import selectors as billing
from billing.models import Extra, Plan
from billing.rules import Period, PlanFeatures
from billing.rules.entitlements import EMPTY, FEATURES, BadFeatureValue, Grant, with_grant
from billing.rules.fees import FeeTier, check_tiers
from billing.selectors.words import FEATURES as FEATURE_WORDS
from saas.identity.forms import clean_target
from saas.kernel.errors import DomainError
from saas.kernel.money import format_percent, format_yuan, parse_yuan
from saas.support.rules import ItemState, WaitsFor
from saas.tenants.approvals import MODE_KEYS
from saas.tenants.vendors import services as vendors


class MallForm(forms.Form):
    """Whose mall it is, how it is called, under which plan and address: of every form that makes one."""

    mall_name = forms.CharField(label=_("Name of the mall"), max_length=40, widget=UnfoldAdminTextInputWidget)
    subdomain = forms.CharField(label=_("Subdomain"), max_length=64, widget=UnfoldAdminTextInputWidget)
    target = forms.CharField(
        label=_("Owner’s mobile number or e-mail"),
        max_length=254,
        help_text=_("The owner signs in with it, by a code. It is not verified yet."),
        widget=UnfoldAdminTextInputWidget,
    )
    plan = forms.ChoiceField(label=_("Plan"), widget=UnfoldAdminSelectWidget)
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


class NewMallForm(MallForm):
    """What the signup page asks, filled in by an operator."""

    company = forms.CharField(label=_("Company"), max_length=80, widget=UnfoldAdminTextInputWidget)
    contact_name = forms.CharField(label=_("Contact person"), max_length=60, widget=UnfoldAdminTextInputWidget)
    agreed = forms.BooleanField(
        label=_("The vendor has signed the service agreement and the data agreement"), widget=UnfoldBooleanSwitchWidget
    )
    field_order = ("company", "contact_name", "target", "mall_name", "subdomain", "plan", "agreed", "key")


class ImportForm(MallForm):
    """Whose mall an export becomes, and how it is called here."""


class ReasonForm(forms.Form):
    """Why an operator does it; kept in the audit trail."""

    reason = forms.CharField(label=_("Reason"), max_length=300, widget=UnfoldAdminTextInputWidget)


class ItemForm(forms.Form):
    """Where a launch item stands and whose turn it is."""

    state = forms.ChoiceField(choices=[(s.value, s.value) for s in ItemState], widget=UnfoldAdminSelectWidget)
    waits_for = forms.ChoiceField(choices=[(w.value, w.value) for w in WaitsFor], widget=UnfoldAdminSelectWidget)
    note = forms.CharField(required=False, max_length=1000, widget=UnfoldAdminTextareaWidget)
    expires_on = forms.DateField(required=False, label=_("Valid until"))


def _limit(label: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, required=False, min_value=1, help_text=_("Empty: no limit."), widget=UnfoldAdminIntegerFieldWidget
    )


class PlanForm(forms.ModelForm):
    """A plan's words, and its terms: changed terms become a new version, who bought an older one keeps it."""

    price = forms.CharField(label=_("Price (yuan)"), max_length=16, widget=UnfoldAdminTextInputWidget)
    period = forms.ChoiceField(
        label=_("Period"), choices=[("month", _("month")), ("year", _("year"))], widget=UnfoldAdminSelectWidget
    )
    trial_days = forms.IntegerField(
        label=_("Trial days"), min_value=0, max_value=366, widget=UnfoldAdminIntegerFieldWidget
    )
    staff_max = _limit(_("Staff"))
    products_max = _limit(_("Products"))
    orders_month_max = _limit(_("Orders a month"))
    sms_month_max = _limit(_("Text messages a month"))
    storage_mb = forms.IntegerField(label=_("Storage (MB)"), min_value=100, widget=UnfoldAdminIntegerFieldWidget)
    traffic_month_gb = _limit(_("Traffic a month (GB)"))
    own_domain = forms.BooleanField(label=_("Own domain"), required=False, widget=UnfoldBooleanSwitchWidget)
    dedicated_server = forms.BooleanField(
        label=_("Server of its own"), required=False, widget=UnfoldBooleanSwitchWidget
    )
    modes = forms.MultipleChoiceField(
        label=_("Business models"),
        choices=[(key, key) for key in MODE_KEYS],
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )
    fee_tiers = forms.CharField(
        label=_("Service fee on a month’s sales"),
        required=False,
        help_text=_("One slice a line: “up to (yuan) rate %”; the last is “rest rate %”. Empty: no fee."),
        widget=UnfoldAdminTextareaWidget,
    )

    class Meta:
        model = Plan
        fields = ("code", "position", "name", "name_en", "description", "description_en", "highlighted", "on_sale")
        labels: ClassVar = {
            "code": _("Code"),
            "position": _("Position"),
            "name": _("Name in Chinese"),
            "name_en": _("Name in English"),
            "description": _("Description in Chinese"),
            "description_en": _("Description in English"),
            "highlighted": _("Most chosen"),
            "on_sale": _("On sale"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        newest = billing.versions_of(self.instance)[:1] if self.instance.pk else ()
        for version in newest:
            self.initial.update(version.features, period=version.period, trial_days=version.trial_days)
            self.initial["price"] = format_yuan(version.price_fen)
            self.initial["fee_tiers"] = "\n".join(map(_tier_line, version.fee_tiers))

    def clean_price(self) -> int:
        try:
            return _not_negative(parse_yuan(self.cleaned_data["price"]))
        except ValueError as error:
            raise ValidationError(_("Please enter an amount in yuan.")) from error

    def clean_fee_tiers(self) -> list[dict[str, Any]]:
        lines = [line.split() for line in self.cleaned_data["fee_tiers"].splitlines() if line.strip()]
        try:
            tiers = [
                FeeTier(
                    up_to_fen=None if top == "rest" else parse_yuan(top), rate_ppm=parse_yuan(rate.rstrip("%")) * 100
                )
                for top, rate in lines
            ]
            return [tier.model_dump(mode="json") for tier in check_tiers(tiers)]
        except (ValueError, BadFeatures) as error:
            raise ValidationError(
                _("Each line needs a limit that rises and a rate; the last line says “rest”.")
            ) from error

    def terms(self) -> dict[str, Any]:
        """What a version holds, from a valid form."""
        data = self.cleaned_data
        return {
            "price_fen": data["price"],
            "period": Period(data["period"]),
            "trial_days": data["trial_days"],
            "fee_tiers": data["fee_tiers"],
            "features": {name: data[name] for name in PlanFeatures.model_fields},
        }


class ExtraForm(forms.ModelForm):
    """A paid extra: its words, its price a month, what it adds to a plan."""

    price = forms.CharField(label=_("Price a month (yuan)"), max_length=16, widget=UnfoldAdminTextInputWidget)
    feature = forms.ChoiceField(
        label=_("Feature"), choices=[(key, FEATURE_WORDS[key]) for key in FEATURES], widget=UnfoldAdminSelectWidget
    )
    adds = forms.CharField(
        label=_("Adds"),
        max_length=40,
        help_text=_("A number for counts, a mode’s key for business models, “true” for what is had or not."),
        widget=UnfoldAdminTextInputWidget,
    )

    class Meta:
        model = Extra
        fields = ("code", "position", "name", "name_en", "description", "description_en", "on_sale")
        labels: ClassVar = {name: label for name, label in PlanForm.Meta.labels.items() if name != "highlighted"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            value = self.instance.value
            self.initial.update(price=format_yuan(self.instance.price_fen), feature=self.instance.feature)
            self.initial["adds"] = "true" if value is True else str(value)

    def clean_price(self) -> int:
        try:
            return _not_negative(parse_yuan(self.cleaned_data["price"]))
        except ValueError as error:
            raise ValidationError(_("Please enter an amount in yuan.")) from error

    def clean_adds(self) -> int | bool | str:
        text = str(self.cleaned_data["adds"]).strip()
        return True if text == "true" else int(text) if text.isdecimal() else text

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if "feature" in data and "adds" in data:
            try:
                kind = FEATURES[data["feature"]]
                with_grant(Grant(data["feature"], data["adds"]), EMPTY[kind])
            except BadFeatureValue:
                self.add_error("adds", _("This does not fit the feature."))
        return data

    def values(self) -> dict[str, Any]:
        """What the service takes, from a valid form."""
        data = self.cleaned_data
        words = {name: data[name] for name in ExtraForm.Meta.fields if name != "code" and name in data}
        return {**words, "price_fen": data["price"], "feature": data["feature"], "value": data["adds"]}


def _not_negative(fen: int) -> int:
    if fen < 0:
        raise ValueError(fen)
    return fen


def _tier_line(tier: dict[str, Any]) -> str:
    top = "rest" if tier["up_to_fen"] is None else format_yuan(tier["up_to_fen"])
    return f"{top} {format_percent(tier['rate_ppm'])}"


class TransferForm(forms.Form):
    """Money that arrived at the platform's bank."""

    reference = forms.CharField(label=_("The bank’s number"), max_length=64, widget=UnfoldAdminTextInputWidget)
    amount = forms.CharField(label=_("Amount (yuan)"), max_length=16, widget=UnfoldAdminTextInputWidget)
    payer_name = forms.CharField(label=_("Payer"), max_length=80, widget=UnfoldAdminTextInputWidget)
    received_on = forms.DateField(
        label=_("Received on"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    remark = forms.CharField(label=_("Remark"), max_length=200, required=False, widget=UnfoldAdminTextInputWidget)

    def clean_amount(self) -> int:
        try:
            return parse_yuan(self.cleaned_data["amount"])
        except ValueError as error:
            raise ValidationError(_("Please enter an amount in yuan.")) from error
