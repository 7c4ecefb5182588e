"""The console's menu."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _

from saas.console import rights


def list_styles(request: HttpRequest) -> str:
    """What the console's lists look like besides unfold's own (settings UNFOLD_CONSOLE)."""
    return static("console/lists.css")


def entries(request: HttpRequest) -> list[dict[str, Any]]:
    """Groups of entries, in the reader's language (settings UNFOLD_CONSOLE)."""
    groups = [
        {
            "title": _("Malls"),
            "separator": False,
            "items": [
                _entry(_("Overview"), "dashboard", "index"),
                _entry(_("Open a mall"), "add_business", "new_mall"),
                _entry(_("Import a mall"), "input", "imports"),
                _entry(_("Malls"), "storefront", "vendors_place_changelist"),
                _entry(_("Vendors"), "apartment", "vendors_vendor_changelist"),
                _entry(_("Domains"), "language", "domains"),
                _entry(_("Runs"), "rocket_launch", "orchestrator_run_changelist"),
            ],
        },
        {
            "title": _("Money from vendors"),
            "separator": True,
            "items": [
                _entry(_("Plans"), "sell", "billing_plan_changelist"),
                _entry(_("Paid extras"), "extension", "billing_extra_changelist"),
                _entry(_("Subscriptions"), "autorenew", "billing_subscription_changelist"),
                _entry(_("Invoices"), "receipt_long", "billing_invoice_changelist"),
                _entry(_("Bank transfers"), "account_balance", "transfers"),
                _entry(_("Use of plans"), "speed", "usage"),
                _entry(_("Metered use"), "monitoring", "billing_usagerecord_changelist"),
            ],
        },
        {
            "title": _("Support"),
            "separator": True,
            "items": [
                _entry(_("Questions"), "forum", "tickets"),
                _entry(_("Vendors to verify"), "verified_user", "verifications"),
                _entry(_("Launch checklists"), "checklist", "checklists"),
                _entry(_("Announcements"), "campaign", "news"),
            ],
        },
        {
            "title": _("Platform"),
            "separator": True,
            "items": [
                _entry(_("Platform settings"), "settings", "settings"),
                _entry(_("SMS and mail"), "sms", "senders"),
                _entry(_("Sent messages"), "outgoing_mail", "notices"),
                _entry(_("Cells"), "dns", "cells"),
                _entry(_("Servers"), "hard_drive", "servers"),
                _entry(_("Backups"), "backup", "backups"),
                _entry(_("Exports and deletions"), "logout", "departures"),
                _entry(_("Rollouts"), "system_update_alt", "rollouts"),
                _entry(_("Events"), "sync_alt", "events"),
                _entry(_("Ledger"), "menu_book", "ledger"),
                _entry(_("Audit trail"), "history", "identity_auditrecord_changelist"),
                _entry(_("Operators"), "badge", "operators"),
            ],
        },
    ]
    for group in groups:
        items: list[dict[str, Any]] = group["items"]  # type: ignore[assignment]
        group["items"] = [entry for entry in items if _may(request, entry.pop("name"))]
    return [group for group in groups if group["items"]]


def _may(request: HttpRequest, name: str) -> bool:
    table = name.split("_")[1] if name.endswith("_changelist") else ""
    return rights.may_look(request.user, rights.area_of(name, table))  # type: ignore[arg-type]


def _entry(title: str, icon: str, name: str) -> dict[str, Any]:
    return {"title": title, "icon": icon, "link": reverse(f"console:{name}"), "name": name}
