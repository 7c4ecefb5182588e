"""The question to a projection: drafted turnover, and one or two sets of terms. Kept in the address, so it can be shared."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import ValidationError

from saas.kernel.money import PPM, ceil_div
from tenant_apps.modes.forms import UnitField, bounds, extras
from tenant_apps.modes.subsidy import plans, rules
from tenant_apps.modes.subsidy.plans import MOST_TURNOVER, Plan, Run
from tenant_apps.modes.subsidy.rules import Terms
from tenant_apps.modes.subsidy.settings import SubsidySettings

RUNS = 4
NONE, IN_FORCE, DRAFT = "", "in_force", "draft"
_READY = {
    "fully_reserved": (gettext_lazy("fully reserved"), plans.FULLY_RESERVED),
    "public_table": (gettext_lazy("published table (40 %, no reserve)"), plans.PUBLIC_TABLE),
    "whole": (gettext_lazy("the whole concession, fully reserved"), plans.WHOLE_CONCESSION),
}
_NAMES = [
    one.name for one in dataclasses.fields(Terms) if one.name != "voucher_points_ppm"
]  # nobody pays by voucher in a draft
SCENARIOS: tuple[tuple[Any, tuple[tuple[str, str], ...]], ...] = (
    (gettext_lazy("+15 % × 60, flat × 40, then nothing"), (("60", "15"), ("39", "0"), ("60", "-100"))),
    (gettext_lazy("+15 % × 60, then nothing"), (("60", "15"), ("60", "-100"))),
    (gettext_lazy("+5 % × 120, then nothing"), (("119", "5"), ("60", "-100"))),
    (gettext_lazy("flat × 120, then nothing"), (("119", "0"), ("60", "-100"))),
    (gettext_lazy("−5 % × 120, then nothing"), (("119", "-5"), ("60", "-100"))),
    (gettext_lazy("+15 % × 40, −10 % × 80, then nothing"), (("40", "15"), ("79", "-10"), ("60", "-100"))),
)
TO_HUNDRED_BILLION = (("60", "15"), ("199", "0"))  # 260 periods, about 10^12 yuan in all


class PlanForm(forms.Form):
    """Turnover of the first period, up to four runs of growth, the sellers' mean concession."""

    first = UnitField(
        unit="yuan", at_least=1, at_most=MOST_TURNOVER, label=gettext_lazy("Turnover of the first period")
    )
    concession_ppm = UnitField(
        unit="percent", at_least=30_000, at_most=200_000, label=gettext_lazy("Concession of the sellers, on average")
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for number in range(1, RUNS + 1):
            self.fields[f"periods{number}"] = forms.IntegerField(
                min_value=1, max_value=plans.MOST_PERIODS, required=False, label=gettext_lazy("Periods")
            )
            self.fields[f"growth{number}"] = UnitField(
                unit="percent", at_least=plans.STOP, at_most=10_000_000, required=False, label=gettext_lazy("Growth")
            )

    def runs(self) -> list[tuple[Any, Any]]:
        """The bound fields of each run."""
        return [(self[f"periods{number}"], self[f"growth{number}"]) for number in range(1, RUNS + 1)]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.errors:
            return data
        runs = []
        for number in range(1, RUNS + 1):
            periods, growth = data.get(f"periods{number}"), data.get(f"growth{number}")
            if periods is None and growth is not None:
                self.add_error(f"periods{number}", _("For how many periods?"))
            elif periods is not None:
                runs.append({"periods": periods, "growth_ppm": growth or 0})
        if self.errors:
            return data
        try:
            data["plan"] = Plan.model_validate(
                {"first": data["first"], "concession_ppm": data["concession_ppm"], "runs": runs}
            )
        except ValidationError:
            self.add_error(
                None,
                _("At most {periods} periods, and no period above ¥{most}.").format(
                    periods=plans.MOST_PERIODS, most=f"{MOST_TURNOVER // 100:,}"
                ),
            )
        return data


class TermsForm(forms.Form):
    """A set of terms: a known one, with single values put otherwise."""

    basis = forms.ChoiceField(label=gettext_lazy("Terms"), required=False)

    def __init__(self, *args: Any, known: Mapping[str, Terms], optional: bool, **more: Any) -> None:
        super().__init__(*args, **more)
        self.known = {**known, **{key: terms for key, (_label, terms) in _READY.items()}}
        words = {IN_FORCE: gettext_lazy("as they hold today"), DRAFT: gettext_lazy("as drafted")}
        words |= {key: label for key, (label, _terms) in _READY.items()}
        self.fields["basis"].choices = ([(NONE, gettext_lazy("none"))] if optional else []) + [  # type: ignore[attr-defined]
            (key, words[key]) for key in self.known
        ]
        for name in _NAMES:
            field = SubsidySettings.model_fields[name]
            least, most = bounds(field)
            self.fields[name] = UnitField(
                unit=str(extras(field)["unit"]),
                at_least=least,
                at_most=most,
                required=False,
                label=gettext_lazy(field.title or ""),
            )

    def values(self) -> list[Any]:
        """The bound fields of single values."""
        return [self[name] for name in _NAMES]

    @property
    def has_own(self) -> bool:
        """Whether single values differ from the known set."""
        return any(self.data.get(self.add_prefix(name)) for name in _NAMES)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.errors or not data.get("basis"):
            return data
        terms = self.known[data["basis"]]
        changed = {name: data[name] for name in _NAMES if data.get(name) is not None}
        if "periods_max" in changed and "reserve_periods" not in changed and terms.reserve == terms.periods_max:
            changed["reserve_periods"] = None  # a full reserve stays one
        terms = dataclasses.replace(terms, **changed)
        if fault := rules.terms_fault(terms):
            self.add_error(fault.field if fault.field in self.fields else None, fault_text(fault, terms))
        else:
            data["terms"] = terms
        return data


def fault_text(fault: rules.TermsFault, terms: Terms) -> str:
    """A broken hard block in words, with the figures that break it."""
    if fault.field == "pool_share_ppm" and not rules.is_self_funding(terms):
        points = (terms.buyer_point_ppm + terms.merchant_point_ppm) * terms.points_pool_ppm
        least = ceil_div(terms.periods_max * terms.first_ppm * points, PPM * PPM)
        return _(
            "Self-funding is below 1: the pool's share must be at least {least} % "
            "(periods × first share × points of both sides), here it is {share} %."
        ).format(least=f"{least / 10_000:g}", share=f"{terms.pool_share_ppm / 10_000:g}")
    if fault.field == "reserve_periods":
        return _("At most as many periods as there are: {most}.").format(most=terms.periods_max)
    if fault.field == "growth_floor_ppm":
        return _("The least growth is above the most growth.")
    return fault.why


def plan_values(plan: Plan) -> dict[str, str]:
    """A plan as the form's fields."""
    found = {"first": f"{plan.first / 100:.2f}", "concession_ppm": f"{plan.concession_ppm / 10_000:g}"}
    return found | run_values(plan.runs)


def run_values(runs: tuple[Run, ...]) -> dict[str, str]:
    """Runs as the form's fields."""
    found: dict[str, str] = {}
    for number, run in enumerate(runs[:RUNS], start=1):
        found |= {f"periods{number}": str(run.periods), f"growth{number}": f"{run.growth_ppm / 10_000:g}"}
    return found
