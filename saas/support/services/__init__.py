"""Writes between operators and vendors, by subject."""

from saas.support.services.checklist import ReferenceMissing, decide_item, open_checklist, submit_item

__all__ = ["ReferenceMissing", "decide_item", "open_checklist", "submit_item"]
