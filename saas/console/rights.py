"""Which role may look at and act on which page of the console: one table, read by the door, the menu and the matrix page."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from saas.identity.models import User
from saas.identity.operators import OperatorRole, roles_of

OWNER, FINANCE, SUPPORT, DEPLOYMENT, VIEWER = OperatorRole
ALL = frozenset(OperatorRole)


@dataclass(frozen=True)
class Area:
    """Pages and tables that belong together. `look`: who may read them; `act`: who may change something. The owner may all."""

    label: Any
    look: frozenset[OperatorRole]
    act: frozenset[OperatorRole]
    pages: tuple[str, ...]
    tables: tuple[str, ...] = ()


AREAS: dict[str, Area] = {
    "overview": Area(_("Overview and figures"), ALL, frozenset(), ("index", "month", "usage", "app_list", "search")),
    "malls": Area(
        _("Malls and runs"),
        ALL,
        frozenset({DEPLOYMENT}),
        (
            "new_mall", "imports", "import_file", "import_discard", "run", "run_retry", "run_cancel", "mall",
            "mall_roll_back", "move", "move_undo", "move_retire",
        ),
        ("place", "run"),
    ),
    "lifecycle": Area(
        _("Backups, exports, deletions"),
        frozenset({SUPPORT, DEPLOYMENT, VIEWER}),
        frozenset({DEPLOYMENT}),
        ("backups", "departures", "lifecycle", "lifecycle_act"),
    ),
    "approvals": Area(_("Approvals of modes"), ALL, frozenset(), ("modes", "rule")),
    "vendors": Area(
        _("Vendors, verification, checklists"),
        ALL,
        frozenset({SUPPORT}),
        ("verifications", "vendor", "vendor_verify", "item", "item_activities", "item_file", "checklists"),
        ("vendor",),
    ),
    "domains": Area(
        _("Domains"),
        frozenset({SUPPORT, DEPLOYMENT, VIEWER}),
        frozenset({SUPPORT, DEPLOYMENT}),
        ("domains", "domain", "domain_decide", "domain_evidence"),
    ),
    "support": Area(
        _("Questions, announcements, access to malls"),
        frozenset({SUPPORT, VIEWER}),
        frozenset({SUPPORT}),
        ("tickets", "ticket", "news", "news_withdraw", "access", "mall_enter"),
    ),
    "plans": Area(_("Plans and extras"), ALL, frozenset({FINANCE}), (), ("plan", "extra")),
    "money": Area(
        _("Subscriptions, invoices, transfers"),
        frozenset({FINANCE, SUPPORT, VIEWER}),
        frozenset({FINANCE}),
        (
            "subscription", "subscription_pause", "subscription_resume", "subscription_extend", "subscription_override",
            "invoice", "invoice_pdf", "credit_note_pdf", "invoice_credit", "invoice_collect", "invoice_tax", "transfers",
            "transfer_match",
        ),
        ("subscription", "invoice", "usagerecord"),
    ),
    "ledger": Area(_("Ledger"), frozenset({FINANCE, VIEWER}), frozenset(), ("ledger",)),
    "servers": Area(
        _("Cells, servers, rollouts, events"),
        frozenset({DEPLOYMENT, VIEWER}),
        frozenset({DEPLOYMENT}),
        (
            "rollouts", "rollout", "rollout_retry", "cells", "new_cell", "cell", "cell_placing", "servers",
            "new_server_change", "server_change", "decide_server_change", "events", "event_retry",
        ),
    ),
    "settings": Area(_("Platform settings"), frozenset({FINANCE, VIEWER}), frozenset(), ("settings", "settings_base", "senders", "sender", "senders_do")),
    "account": Area(
        _("Payment account"),
        frozenset({FINANCE, VIEWER}),
        frozenset({FINANCE}),
        ("settings_account", "settings_account_check", "settings_account_sandbox"),
    ),
    "messages": Area(_("Sent messages"), frozenset({SUPPORT, VIEWER}), frozenset(), ("notices",)),
    "audit": Area(_("Audit trail"), frozenset({FINANCE, VIEWER}), frozenset(), (), ("auditrecord",)),
    "operators": Area(_("Operators"), frozenset(), frozenset(), ("operators", "operator_roles"), ("user",)),
}  # fmt: skip
_OWNERS = AREAS["operators"]
_OF_PAGE = {page: area for area in AREAS.values() for page in area.pages}
_OF_TABLE = {table: area for area in AREAS.values() for table in area.tables}


def area_of(page: str = "", table: str = "") -> Area:
    """The area of a page's or table's name. What has no place in the table is the owners' alone."""
    return _OF_TABLE.get(table, _OWNERS) if table else _OF_PAGE.get(page, _OWNERS)


def may_look(user: User, area: Area) -> bool:
    """Whether an operator may read an area."""
    held = roles_of(user)
    return OWNER in held or bool(held & (area.look | area.act))


def may_act(user: User, area: Area) -> bool:
    """Whether an operator may change something in an area."""
    held = roles_of(user)
    return OWNER in held or bool(held & area.act)
