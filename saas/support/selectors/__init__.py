"""Reads between operators and vendors, by subject."""

from saas.support.selectors.checklist import (
    LaunchLine,
    activities,
    checklist,
    expiring,
    item_title,
    launch_file,
    listed,
    turns,
    waiting_for_platform,
)

__all__ = [
    "LaunchLine",
    "activities",
    "checklist",
    "expiring",
    "item_title",
    "launch_file",
    "listed",
    "turns",
    "waiting_for_platform",
]
