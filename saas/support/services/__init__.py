"""Writes between operators and vendors, by subject."""

from saas.support.services.checklist import ReferenceMissing, decide_item, open_checklist, submit_item
from saas.support.services.forgetting import forget_mall

__all__ = ["ReferenceMissing", "decide_item", "forget_mall", "open_checklist", "submit_item"]
