"""Writes to the price list."""

from django.db import transaction

from billing.models import Plan
from billing.rules import SEEDS


def ensure_plans() -> list[str]:
    """Seed the plans that are missing; a row that an operator changed is left as it is. The codes that were added."""
    added = []
    with transaction.atomic():
        for seed in SEEDS:
            values = seed.model_dump(mode="json", exclude={"code"})
            _, made = Plan.objects.get_or_create(code=seed.code, defaults=values)
            if made:
                added.append(seed.code)
    return added
