"""Writes of a mall's last chapters: exports, what cells say of backups, deletions."""

from provisioning.lifecycle.services.deletions import (
    ask_deletion,
    ask_the_cell,
    cancel_deletion,
    confirm_deletion,
    run_due,
)
from provisioning.lifecycle.services.demos import reset_demo, switch_demo
from provisioning.lifecycle.services.exports import download_link, expire_due, request_export
from provisioning.lifecycle.services.opening import open_held_mall
from provisioning.lifecycle.services.reports import note_backup, note_drill, request_backup, request_drill

__all__ = [
    "ask_deletion",
    "ask_the_cell",
    "cancel_deletion",
    "confirm_deletion",
    "download_link",
    "expire_due",
    "note_backup",
    "note_drill",
    "open_held_mall",
    "request_backup",
    "request_drill",
    "request_export",
    "reset_demo",
    "run_due",
    "switch_demo",
]
