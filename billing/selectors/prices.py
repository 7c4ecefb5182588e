"""The price list."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import get_language

from billing.models import Extra, Plan, PlanVersion, SubscriptionExtra
from billing.rules.fees import FeeTier
from billing.rules.plans import Period, PlanFeatures
from saas.kernel import clock
from saas.kernel.errors import NotFound


@dataclass(frozen=True)
class PlanOnSale:
    """A version of a plan in the reader's language."""

    code: str
    name: str
    description: str
    price_fen: int
    period: Period
    highlighted: bool
    features: PlanFeatures
    trial_days: int
    fee_tiers: tuple[FeeTier, ...]
    version_id: int
    number: int


def price_list(*, now: dt.datetime | None = None) -> list[PlanOnSale]:
    """What is on sale, in its order on the page, in the version that is in force."""
    plans = Plan.objects.filter(on_sale=True).order_by("position", "pk")
    return [of_version(version) for plan in plans if (version := _in_force(plan, now or clock.now()))]


def every_plan(*, now: dt.datetime) -> list[PlanOnSale]:
    """All plans, on sale or not, in the version that is in force."""
    plans = Plan.objects.order_by("position", "pk")
    return [of_version(version) for plan in plans if (version := _in_force(plan, now))]


def plan_by_code(code: str, *, now: dt.datetime | None = None) -> PlanOnSale:
    """Any plan, on sale or not (a vendor keeps what was bought), in its version in force. Raises NotFound."""
    return of_version(current_version(code, now=now or clock.now()))


def current_version(code: str, *, now: dt.datetime) -> PlanVersion:
    """The version of a plan that is sold at `now`. Raises NotFound."""
    plan = Plan.objects.filter(code=code).first()
    version = _in_force(plan, now) if plan else None
    if version is None:
        raise NotFound(field="plan")
    return version


@dataclass(frozen=True)
class ExtraOnSale:
    """An extra in the reader's language."""

    row: Extra
    code: str
    name: str
    description: str
    price_fen: int
    countable: bool


def extra_list(*, had: Iterable[SubscriptionExtra] = ()) -> list[ExtraOnSale]:
    """What is on sale beside the plans, without what is had already."""
    known = {row.extra_id for row in had}
    return [_extra(row) for row in Extra.objects.filter(on_sale=True).order_by("position", "pk") if row.pk not in known]


def extra_by_code(code: str) -> ExtraOnSale:
    """An extra that is on sale. Raises NotFound."""
    row = Extra.objects.filter(code=code, on_sale=True).first()
    if row is None:
        raise NotFound(field="extra")
    return _extra(row)


def _extra(row: Extra) -> ExtraOnSale:
    english = (get_language() or "").startswith("en")
    return ExtraOnSale(
        row=row,
        code=row.code,
        name=row.name_en if english else row.name,
        description=row.description_en if english else row.description,
        price_fen=row.price_fen,
        countable=isinstance(row.value, int) and not isinstance(row.value, bool),
    )


def versions_of(plan: Plan) -> Sequence[PlanVersion]:
    """All versions, the newest first."""
    return list(PlanVersion.objects.filter(plan=plan).select_related("plan").order_by("-number"))


def of_version(version: PlanVersion) -> PlanOnSale:
    """A version (sold now or long ago) in the reader's language."""
    plan, english = version.plan, (get_language() or "").startswith("en")
    return PlanOnSale(
        code=plan.code,
        name=plan.name_en if english else plan.name,
        description=plan.description_en if english else plan.description,
        price_fen=version.price_fen,
        period=Period(version.period),
        highlighted=plan.highlighted,
        features=PlanFeatures.model_validate(version.features),
        trial_days=version.trial_days,
        fee_tiers=tuple(FeeTier.model_validate(tier) for tier in version.fee_tiers),
        version_id=version.pk,
        number=version.number,
    )


def _in_force(plan: Plan, now: dt.datetime) -> PlanVersion | None:
    known = PlanVersion.objects.filter(plan=plan, effective_from__lte=now).select_related("plan")
    return known.order_by("-effective_from", "-number").first()
