"""Writes between operators and vendors, by subject."""

from saas.support.services.checklist import (
    ReferenceMissing,
    choose_activities,
    decide_item,
    open_checklist,
    settle_item,
    submit_item,
)
from saas.support.services.forgetting import forget_mall

__all__ = [
    "ReferenceMissing",
    "choose_activities",
    "decide_item",
    "forget_mall",
    "open_checklist",
    "settle_item",
    "submit_item",
]
