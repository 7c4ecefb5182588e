"""The price list."""

from dataclasses import dataclass

from django.utils.translation import get_language

from billing.models import Plan
from billing.rules import Period, PlanFeatures
from saas.kernel.errors import NotFound


@dataclass(frozen=True)
class PlanOnSale:
    """A plan in the reader's language."""

    code: str
    name: str
    description: str
    price_fen: int
    period: Period
    highlighted: bool
    features: PlanFeatures


def price_list() -> list[PlanOnSale]:
    """What is on sale, in its order on the page."""
    return [_in_language(plan) for plan in Plan.objects.filter(on_sale=True).order_by("position", "pk")]


def plan_by_code(code: str) -> PlanOnSale:
    """Any plan, on sale or not (a vendor keeps what was bought). Raises NotFound."""
    plan = Plan.objects.filter(code=code).first()
    if plan is None:
        raise NotFound(field="plan")
    return _in_language(plan)


def _in_language(plan: Plan) -> PlanOnSale:
    english = (get_language() or "").startswith("en")
    return PlanOnSale(
        code=plan.code,
        name=plan.name_en if english else plan.name,
        description=plan.description_en if english else plan.description,
        price_fen=plan.price_fen,
        period=Period(plan.period),
        highlighted=plan.highlighted,
        features=PlanFeatures.model_validate(plan.features),
    )
