"""Writes to the price list: a change is a new version; who bought an older one keeps it."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from billing.models import Plan, PlanVersion
from billing.rules import fees
from billing.rules.fees import FeeTier
from billing.rules.plans import SEEDS, Period, PlanFeatures
from saas.identity import audit
from saas.kernel.errors import InvalidInput

_VERSIONED = {"price_fen", "period", "trial_days", "features", "fee_tiers"}
_FIRST = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)


class BadPlan(InvalidInput):
    """Features the code does not know, or fee tiers that do not rise."""

    code = "bad_plan"
    message = _("The plan cannot be published: {why}")


def ensure_plans() -> list[str]:
    """Seed the plans that are missing; a row that an operator changed is left as it is. The codes that were added."""
    added = []
    with transaction.atomic():
        for seed in SEEDS:
            values = seed.model_dump(mode="json", exclude={"code", *_VERSIONED})
            plan, made = Plan.objects.get_or_create(code=seed.code, defaults=values)
            if made:
                terms = seed.model_dump(mode="json", include=_VERSIONED)
                PlanVersion.objects.create(plan=plan, number=1, effective_from=_FIRST, published_by="system", **terms)
                added.append(seed.code)
    return added


def publish_version(
    *,
    plan: Plan,
    price_fen: int,
    period: Period,
    trial_days: int,
    features: object,
    fee_tiers: Sequence[object],
    effective_from: dt.datetime,
    actor: str,
    now: dt.datetime,
) -> PlanVersion:
    """Sell the plan on other terms from `effective_from` (not in the past: then from now). Raises BadPlan."""
    try:
        known = PlanFeatures.model_validate(features)
        tiers = fees.check_tiers([FeeTier.model_validate(tier) for tier in fee_tiers])
    except (ValidationError, fees.BadTiers) as error:
        raise BadPlan(why=_faults(error)) from error
    if price_fen < 0 or not 0 <= trial_days <= 366:
        raise BadPlan(why="price, trial_days")
    with transaction.atomic():
        Plan.objects.select_for_update().get(pk=plan.pk)
        last = PlanVersion.objects.filter(plan=plan).aggregate(n=Max("number"))["n"] or 0
        version = PlanVersion.objects.create(
            plan=plan,
            number=last + 1,
            price_fen=price_fen,
            period=period,
            trial_days=trial_days,
            features=known.model_dump(mode="json"),
            fee_tiers=[tier.model_dump(mode="json") for tier in tiers],
            effective_from=max(effective_from, now),
            published_by=actor,
        )
        audit.record(actor, "plan.published", target=f"plan:{plan.code}", number=version.number, price_fen=price_fen)
    return version


def _faults(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
    return str(error)
