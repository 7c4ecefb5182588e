"""The form of a seller: amounts in yuan, rates in percent, take tiers a line each, people by share code."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from saas.kernel.money import format_percent, format_yuan
from tenant_apps.backoffice.forms_regions import YuanField
from tenant_apps.members import selectors as members
from tenant_apps.modes.units import percent_to_ppm, to_stored
from tenant_apps.sellers.models import Seller
from tenant_apps.sellers.rules import (
    DEFAULT_RATES,
    SellerDraft,
    SellerKind,
    SettlementKind,
    TakeTier,
    tiers_from_json,
)

KINDS = ((SellerKind.MERCHANT.value, _("Merchant")), (SellerKind.STORE.value, _("Store")))
SETTLEMENTS = (
    (SettlementKind.COMMISSION.value, _("Commission: the mall keeps a percentage")),
    (SettlementKind.CONCESSION.value, _("Concession: the seller gives up a percentage for the mall's awards")),
    (SettlementKind.SUPPLIER.value, _("Supply price: the mall pays the price of each piece")),
)


class PercentField(forms.CharField):
    """A percentage as ppm."""

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            return percent_to_ppm(text)
        except ValueError as error:
            raise forms.ValidationError(_("Give a percentage, such as 5 or 3.25.")) from error


class TiersField(forms.CharField):
    """`turnover percent` a line."""

    widget = forms.Textarea(attrs={"rows": 3, "spellcheck": "false"})

    def clean(self, value: Any) -> tuple[TakeTier, ...]:
        found = []
        for line in super().clean(value).splitlines():
            parts = line.split()
            if not parts:
                continue
            try:
                turnover, rate = parts
                found.append(TakeTier(to_stored("yuan", turnover), percent_to_ppm(rate)))
            except ValueError as error:
                raise forms.ValidationError(
                    _("One tier a line: turnover in yuan, then percent, such as 100000 4.")
                ) from error
        return tuple(found)


class MemberField(forms.CharField):
    """A member by share code, as his ULID."""

    def clean(self, value: Any) -> str:
        code = super().clean(value)
        if not code:
            return ""
        found = members.member_by_share_code(code)
        if found is None:
            raise forms.ValidationError(_("No member has this share code."))
        return found.ulid


class SellerForm(forms.Form):
    """Everything that staff enter of a seller; bounds are the services'."""

    kind = forms.ChoiceField(label=_("Kind"), choices=KINDS)
    name = forms.CharField(label=_("Name of the shop"), max_length=60)
    settlement = forms.ChoiceField(label=_("Settlement"), choices=SETTLEMENTS)
    rate_ppm = PercentField(
        label=_("Take, percent"),
        required=False,
        max_length=10,
        help_text=_("Commission 0 to 30, usually 5. Concession 3 to 20, usually 20. Empty: the usual one."),
    )
    tiers = TiersField(
        label=_("Take by turnover of 90 days"),
        required=False,
        help_text=_("One tier a line: turnover in yuan, then percent. Empty: the take above always holds."),
    )
    min_fee_amount = YuanField(
        label=_("Smallest take of a line (¥)"),
        required=False,
        max_length=12,
        help_text=_("Of a seller who pays a commission. Empty: none."),
    )
    bears_payment_fee = forms.BooleanField(
        label=_("The seller bears what the payment channel charges"),
        required=False,
        help_text=_(
            "At the rate of the mall's settlement settings, of what is paid in money. Otherwise the mall bears it."
        ),
    )
    service_fee_amount = YuanField(label=_("Yearly service fee (¥)"), required=False, max_length=12)
    cycle_days = forms.IntegerField(
        label=_("Settled after days"), initial=1, help_text=_("T+N after completion; 1 is the next day.")
    )
    weekly = forms.BooleanField(label=_("One statement a week"), required=False)
    owner = MemberField(label=_("Share code of the owner"), required=False, max_length=8)
    referrer = MemberField(label=_("Share code of whoever brought him in"), required=False, max_length=8)
    area_code = forms.CharField(
        label=_("Code of the district"), required=False, max_length=6, help_text=_("Of a store: six digits.")
    )
    code = forms.CharField(
        label=_("Code of the link"),
        required=False,
        max_length=12,
        help_text=_("Whoever signs up by /?s=code belongs to the store. Empty: one is made."),
    )
    licence_name = forms.CharField(label=_("Company on the licence"), required=False, max_length=80)
    licence_number = forms.CharField(label=_("Unified social credit code"), required=False, max_length=18)
    licence_until = forms.DateField(
        label=_("Licence valid until"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    score_ppm = PercentField(
        label=_("Service score, percent of 5"), required=False, max_length=8, help_text=_("90 is 4.5 of 5.")
    )
    has_violation = forms.BooleanField(label=_("Has an open violation"), required=False)

    def draft(self) -> SellerDraft:
        """The seller as entered; only for a valid form."""
        values = dict(self.cleaned_data)
        settlement = SettlementKind(values.pop("settlement"))
        rate, score = values.pop("rate_ppm"), values.pop("score_ppm")
        return SellerDraft(
            kind=SellerKind(values.pop("kind")),
            settlement=settlement,
            rate_ppm=DEFAULT_RATES[settlement] if rate is None else rate,
            score_ppm=1_000_000 if score is None else score,
            **values,
        )


def initial_of(row: Seller) -> dict[str, Any]:
    """What the form shows of a stored seller."""
    return {
        "kind": row.kind,
        "name": row.name,
        "settlement": row.settlement,
        "rate_ppm": format_percent(row.rate_ppm).removesuffix("%"),
        "tiers": "\n".join(
            f"{format_yuan(tier.from_amount)} {format_percent(tier.rate_ppm).removesuffix('%')}"
            for tier in tiers_from_json(row.take_tiers)
        ),
        "min_fee_amount": format_yuan(row.min_fee_amount) if row.min_fee_amount else "",
        "bears_payment_fee": row.bears_payment_fee,
        "service_fee_amount": format_yuan(row.service_fee_amount) if row.service_fee_amount else "",
        "cycle_days": row.cycle_days,
        "weekly": row.weekly,
        "owner": row.owner.share_code if row.owner else "",
        "referrer": row.referrer.share_code if row.referrer else "",
        "area_code": row.area_code,
        "code": row.code,
        "licence_name": row.licence_name,
        "licence_number": row.licence_number,
        "licence_until": row.licence_until,
        "score_ppm": format_percent(row.score_ppm).removesuffix("%"),
        "has_violation": row.has_violation,
    }
