"""A seller's score, as his buyers' reviews have it."""

import datetime as dt
from collections.abc import Callable

from django.db import transaction

from tenant_apps.sellers.models import Seller
from tenant_apps.sellers.rules import FULL_SCORE_PPM


def set_score(*, ulid: str, score: Callable[[], int], now: dt.datetime) -> None:
    """Set the score (5 of 5 = 1 000 000) that `score` counts while the seller is locked; an unknown seller has none."""
    with transaction.atomic():
        row = Seller.objects.select_for_update().filter(ulid=ulid).first()
        if row is not None:
            row.score_ppm, row.updated_at = min(max(score(), 0), FULL_SCORE_PPM), now
            row.save(update_fields=["score_ppm", "updated_at"])
