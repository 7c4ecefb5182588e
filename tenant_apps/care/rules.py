"""Reviews and what a member keeps for himself: who may say what until when, the score of a seller. Pure."""

import datetime as dt
from collections.abc import Sequence

MAX_STARS = 5
MAX_TEXT = 500
MAX_REVIEW_PHOTOS = 6
REVIEW_DAYS = 90  # after receipt
FOLLOW_DAYS = 180  # after the review
KEPT_PRODUCTS = 200
KEPT_SELLERS = 100
KEPT_HISTORY = 100

FIVE_STARS_GIVEN = 10  # a seller begins as if ten people had given five stars
FULL_PPM = 1_000_000


def score_ppm(count: int, stars: int) -> int:
    """A seller's score from his visible reviews and the sum of their stars; 5 of 5 is 1 000 000, rounded down.

    (10 × 5 + stars) ÷ (10 + count) ÷ 5: ten five-star reviews stand before the first, so that one word does not decide.
    """
    return (FIVE_STARS_GIVEN * MAX_STARS + stars) * FULL_PPM // ((FIVE_STARS_GIVEN + count) * MAX_STARS)


def average_tenths(count: int, stars: int) -> int:
    """The average of the stars in tenths, half up; 0 without a review."""
    return (20 * stars + count) // (2 * count) if count else 0


def may_review(received_at: dt.datetime | None, now: dt.datetime) -> bool:
    """Whether goods may be reviewed: from receipt on, for ninety days."""
    return received_at is not None and received_at <= now < received_at + dt.timedelta(days=REVIEW_DAYS)


def may_follow_up(reviewed_at: dt.datetime, now: dt.datetime) -> bool:
    """Whether its author may still add to a review."""
    return now < reviewed_at + dt.timedelta(days=FOLLOW_DAYS)


def put_first(kept: Sequence[str], one: str, *, limit: int) -> list[str]:
    """`one` before the others, each once, the oldest dropped above the limit."""
    return [one, *(other for other in kept if other != one)][:limit]
