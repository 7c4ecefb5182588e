"""Reads between operators and vendors, by subject."""

from saas.support.selectors.checklist import LaunchLine, checklist, item_title, waiting_for_platform

__all__ = ["LaunchLine", "checklist", "item_title", "waiting_for_platform"]
