"""Writes of care, one module a use case."""

from tenant_apps.care.services.reviews import (
    AlreadyReviewed,
    ReviewClosed,
    follow_up,
    hide_review,
    read_photo,
    reply_to_review,
    show_review,
    write_review,
)
from tenant_apps.care.services.shelves import clear_history, note_seen, switch_favourite

__all__ = [
    "AlreadyReviewed",
    "ReviewClosed",
    "clear_history",
    "follow_up",
    "hide_review",
    "note_seen",
    "read_photo",
    "reply_to_review",
    "show_review",
    "switch_favourite",
    "write_review",
]
