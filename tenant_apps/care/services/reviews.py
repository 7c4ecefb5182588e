"""Reviews of goods: written once a line after receipt, added to once, answered once, hidden by staff with a reason."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from saas.kernel.ids import new_ulid
from tenant_apps.care import selectors
from tenant_apps.care.models import Review
from tenant_apps.care.rules import FOLLOW_DAYS, MAX_STARS, MAX_TEXT, REVIEW_DAYS, may_follow_up, may_review, score_ppm
from tenant_apps.catalog.rules import ProductKind
from tenant_apps.members.models import Member
from tenant_apps.orders import selectors as orders
from tenant_apps.orders.services import evidence
from tenant_apps.sellers import services as sellers

FOLDER = "reviews"


class ReviewClosed(DomainError):
    """The goods are not received yet, or the time for it is over."""

    code = "review_closed"
    message = _("Goods can be reviewed once they are received, for {days} days.")  # type: ignore[assignment]


class AlreadyReviewed(DomainError):
    """A line is reviewed once, a review added to once and answered once."""

    code = "already_reviewed"
    message = _("This has been said already; it can be read, not replaced.")  # type: ignore[assignment]


def write_review(
    *,
    line_ulid: str,
    member: Member,
    stars: int,
    now: dt.datetime,
    text: str = "",
    photos: Sequence[tuple[bytes, str]] = (),
    anonymous: bool = False,
) -> Review:
    """A buyer's word on a line of his order; the seller's score follows at once.

    Raises NotFound (another's line, or no goods), ReviewClosed, AlreadyReviewed, InvalidInput (stars, text, photos),
    ImageRefused; then nothing has changed.
    """
    line = orders.line_of_member(member, line_ulid)
    if line.kind != ProductKind.GOODS:
        raise NotFound
    if not may_review(line.order.received_at, now):
        raise ReviewClosed(days=REVIEW_DAYS)
    if not 1 <= stars <= MAX_STARS:
        raise InvalidInput(gettext("Give one to five stars."), field="stars")
    words = _words(text, needed=False)
    with transaction.atomic():
        orders.locked_order(line.order.ulid)  # two clicks at once: the second sees the first
        if Review.objects.filter(line=line).exists():
            raise AlreadyReviewed
        review = Review(
            ulid=new_ulid(),
            line=line,
            member=member,
            product_ulid=line.product_ulid,
            seller_ulid=line.seller_ulid,
            option_text=line.option_text,
            is_anonymous=anonymous,
            stars=stars,
            text=words,
            photos=evidence.store_photos(photos, folder=FOLDER),
            created_at=now,
        )
        review.save(force_insert=True)
        _score(review.seller_ulid, now)
    return review


def follow_up(
    *, review_ulid: str, member: Member, text: str, now: dt.datetime, photos: Sequence[tuple[bytes, str]] = ()
) -> Review:
    """Its author adds to a review, once. Raises NotFound, AlreadyReviewed, ReviewClosed, InvalidInput, ImageRefused."""
    words = _words(text, needed=True)
    with transaction.atomic():
        review = _locked(review_ulid)
        if review.member_id != member.pk:
            raise NotFound
        if review.follow_at is not None:
            raise AlreadyReviewed
        if not may_follow_up(review.created_at, now):
            raise ReviewClosed(days=FOLLOW_DAYS)
        review.follow_text, review.follow_at = words, now
        review.follow_photos = evidence.store_photos(photos, folder=FOLDER)
        review.save(update_fields=["follow_text", "follow_photos", "follow_at"])
    return review


def reply_to_review(
    *, review_ulid: str, actor: str, text: str, now: dt.datetime, seller_ulid: str | None = None
) -> Review:
    """The seller's answer, once; with `seller_ulid` only to a review of his own goods. Staff answer for anybody.

    Raises NotFound, AlreadyReviewed, InvalidInput (reply).
    """
    words = _words(text, needed=True, field="reply")
    with transaction.atomic():
        review = _locked(review_ulid)
        if seller_ulid is not None and review.seller_ulid != seller_ulid:
            raise NotFound
        if review.replied_at is not None:
            raise AlreadyReviewed
        review.reply, review.replied_by, review.replied_at = words, actor, now
        review.save(update_fields=["reply", "replied_by", "replied_at"])
        audit.record(actor, "review.answered", target=f"review:{review.ulid}")
    return review


def hide_review(*, review_ulid: str, actor: str, reason: str, now: dt.datetime) -> Review:
    """Staff hide a review, with the reason its author reads; it counts no more. Raises NotFound, InvalidInput (reason)."""
    if not reason.strip():
        raise InvalidInput(gettext("Please say why."), field="reason")
    with transaction.atomic():
        review = _locked(review_ulid)
        if review.hidden_at is not None:
            raise NotFound
        review.hidden_reason, review.hidden_by, review.hidden_at = reason.strip()[:200], actor, now
        review.save(update_fields=["hidden_reason", "hidden_by", "hidden_at"])
        audit.record(actor, "review.hidden", target=f"review:{review.ulid}", reason=review.hidden_reason)
        _score(review.seller_ulid, now)
    return review


def show_review(*, review_ulid: str, actor: str, now: dt.datetime) -> Review:
    """A hidden review is seen and counts again. Raises NotFound."""
    with transaction.atomic():
        review = _locked(review_ulid)
        if review.hidden_at is None:
            raise NotFound
        review.hidden_reason, review.hidden_by, review.hidden_at = "", "", None
        review.save(update_fields=["hidden_reason", "hidden_by", "hidden_at"])
        audit.record(actor, "review.shown", target=f"review:{review.ulid}")
        _score(review.seller_ulid, now)
    return review


def read_photo(review: Review, name: str) -> bytes:
    """One of a review's photos, JPEG. Raises NotFound."""
    return evidence.read_photo([*review.photos, *review.follow_photos], name, folder=FOLDER)


def _score(seller_ulid: str, now: dt.datetime) -> None:
    if seller_ulid:  # counted under the seller's lock: nobody's word is lost between two counts
        sellers.set_score(ulid=seller_ulid, score=lambda: score_ppm(*selectors.stars_of_seller(seller_ulid)), now=now)


def _locked(ulid: str) -> Review:
    review = Review.objects.select_for_update().filter(ulid=ulid).first()
    if review is None:
        raise NotFound
    return review


def _words(text: str, *, needed: bool, field: str = "text") -> str:
    words = text.strip()
    if len(words) > MAX_TEXT or (needed and not words):
        raise InvalidInput(gettext("Write 1 to {number} characters.").format(number=MAX_TEXT), field=field)
    return words
