"""The question of the preview page: what is sold, to whom, under which settings. People type yuan and percent."""

from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from tenant_apps.backoffice.labels import mode_title
from tenant_apps.modes import selectors, sentences
from tenant_apps.modes.contract import SellerKind, Sentence
from tenant_apps.modes.forms import UnitField
from tenant_apps.modes.preview import NOBODY_THERE, Question
from tenant_apps.modes.worst_case import LEVEL_WORDS, LEVELS

_SELLERS = {
    "self": _("the mall's own goods"),
    "supplier": _("supplier, at a supply price"),
    "commission": _("seller, the mall takes a commission"),
    "concession": _("seller, gives a concession"),
}
_RANKS = [(NOBODY_THERE, _("nobody")), (0, _("a promoter without a rank")), (1, "V1"), (2, "V2"), (3, "V3")]
ALL_DRAFTS = "all"


class PreviewForm(forms.Form):
    """Bound to the address: a preview can be sent to a colleague."""

    sku = forms.CharField(
        label=_("Product"), max_length=26, required=False, widget=forms.TextInput(attrs={"data-pick": "sku"}),
        help_text=_("Search by title. Empty: the goods typed below."),
    )  # fmt: skip
    zone = forms.ChoiceField(label=_("Zone"), required=False)
    price_amount = UnitField(
        unit="yuan", at_least=1, at_most=10_000_000_000, label=_("Price"), required=False, initial=10_000
    )
    cost_amount = UnitField(
        unit="yuan", at_least=0, at_most=10_000_000_000, label=_("Supply price"), required=False, initial=4_000
    )
    seller_kind = forms.ChoiceField(label=_("Sold by"), required=False, choices=list(_SELLERS.items()))
    seller_rate_ppm = UnitField(
        unit="percent", at_least=0, at_most=1_000_000, label=_("Seller's rate"), required=False, initial=200_000
    )
    quantity = forms.IntegerField(label=_("Pieces"), min_value=1, max_value=999, required=False, initial=1)
    discount_amount = UnitField(
        unit="yuan", at_least=0, at_most=10_000_000_000, label=_("Discount paid by the mall"), required=False
    )
    member = forms.CharField(
        label=_("Buyer"), max_length=26, required=False, widget=forms.TextInput(attrs={"data-pick": "member"}),
        help_text=_("A member with the people above him as they are now. Empty: the typical buyer below."),
    )  # fmt: skip
    level = forms.ChoiceField(
        label=_("Price level of the buyer"), required=False, choices=[(key, key) for key in LEVELS]
    )
    promoter = forms.BooleanField(label=_("The buyer is a promoter himself"), required=False)
    rank1 = forms.TypedChoiceField(
        label=_("Promoter of the buyer"), coerce=int, required=False, choices=_RANKS, initial=1
    )
    rank2 = forms.TypedChoiceField(label=_("Promoter above him"), coerce=int, required=False, choices=_RANKS, initial=2)
    rank3 = forms.TypedChoiceField(label=_("Third person above"), coerce=int, required=False, choices=_RANKS, initial=3)
    store = forms.BooleanField(label=_("Bound to a store"), required=False, initial=True)
    pickup = forms.BooleanField(label=_("Picked up at another store"), required=False)
    areas = forms.BooleanField(label=_("All areas have an agent"), required=False, initial=True)
    district = forms.CharField(
        label=_("District of the address"), max_length=6, required=False, widget=forms.TextInput(attrs={"data-pick": "district"}),
        help_text=_("The agents who hold it now. Empty: as ticked above."),
    )  # fmt: skip
    draft = forms.ChoiceField(label=_("Settings"), required=False)

    def __init__(self, *args: Any, drafts: list[Any], zones: dict[str, str], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["zone"].choices = list(zones.items())  # type: ignore[attr-defined]
        self.fields["level"].choices = [(key, sentences.render(Sentence(LEVEL_WORDS[key]))) for key in LEVELS]  # type: ignore[attr-defined]
        self.fields["draft"].choices = draft_choices(drafts, zones)  # type: ignore[attr-defined]

    def question(self) -> Question:
        """The cleaned form as the preview takes it."""
        data = self.cleaned_data
        return Question(
            sku=data["sku"],
            zone=data["zone"] or "self_operated",
            price_amount=data["price_amount"] or 0,
            cost_amount=data["cost_amount"] or 0,
            seller_kind=SellerKind(data["seller_kind"] or "self"),
            seller_rate_ppm=data["seller_rate_ppm"] or 0,
            quantity=data["quantity"] or 1,
            discount_amount=data["discount_amount"] or 0,
            member=data["member"],
            level=data["level"] or "ordinary",
            promoter=data["promoter"],
            ranks=tuple(NOBODY_THERE if data[name] == "" else data[name] for name in ("rank1", "rank2", "rank3")),
            store=data["store"],
            areas=data["areas"],
            district=data["district"],
            pickup=data["pickup"],
        )

    def drafted(self, drafts: list[Any]) -> list[selectors.Drafted]:
        """The drafts that the question wants laid over the settings in force."""
        wanted = self.cleaned_data["draft"]
        return [selectors.drafted(one) for one in drafts if wanted in (ALL_DRAFTS, key_of(one))]


def starting_values() -> dict[str, Any]:
    """What an unbound form shows, as an address would carry it."""
    return {
        "price_amount": "100.00", "cost_amount": "40.00", "seller_kind": "self", "seller_rate_ppm": "20", "quantity": "1",
        "level": "ordinary", "rank1": "1", "rank2": "2", "rank3": "3", "store": "on", "areas": "on",
    }  # fmt: skip


def draft_choices(drafts: list[Any], zones: dict[str, str]) -> list[tuple[str, Any]]:
    """Settings that a preview or a backtest may be asked under."""
    found: list[tuple[str, Any]] = [("", _("as they hold today"))]
    if len(drafts) > 1:
        found.append((ALL_DRAFTS, _("with all drafts")))
    for one in drafts:
        zone = f" · {zones.get(one.zone, one.zone)}" if one.zone else ""
        found.append((key_of(one), format_lazy(_("with the draft: {name}"), name=f"{mode_title(one.mode)}{zone}")))
    return found


def key_of(draft: Any) -> str:
    """How an address names a draft."""
    return f"{draft.mode}@{draft.zone}"
