"""A merchant's application: its states, what it must hold before it is sent, its papers, the contract's text. Pure."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_noop as _

from tenant_apps.sellers import rules

MAX_PAPERS = 20
MAX_PAPER_BYTES = 10 * 1024 * 1024
MAX_CATEGORIES = 20
MAX_DEPOSIT = rules.MAX_ASKED
WARN_DAYS = (30, 7)  # before a paper runs out


class Form(StrEnum):
    """Who stands behind the shop."""

    COMPANY = "company"
    SOLE_TRADER = "sole_trader"


class PaperKind(StrEnum):
    """What a file proves."""

    LICENCE = "licence"  # of the business
    CATEGORY = "category"  # for goods that need one: food, cosmetics, drugs …
    IDENTITY = "identity"  # of the person who signs
    OTHER = "other"


class ApplicationState(StrEnum):
    """From the first word to the open shop."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"  # the contract is to be accepted
    ACCEPTED = "accepted"  # the deposit is to be paid, or the mall may not host sellers yet
    ACTIVE = "active"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


APPLICATION_TRANSITIONS: dict[ApplicationState, frozenset[ApplicationState]] = {
    ApplicationState.DRAFT: frozenset({ApplicationState.SUBMITTED, ApplicationState.WITHDRAWN}),
    ApplicationState.SUBMITTED: frozenset(
        {
            ApplicationState.RETURNED,
            ApplicationState.APPROVED,
            ApplicationState.REFUSED,
            ApplicationState.WITHDRAWN,
        }
    ),
    ApplicationState.RETURNED: frozenset({ApplicationState.SUBMITTED, ApplicationState.WITHDRAWN}),
    ApplicationState.APPROVED: frozenset({ApplicationState.ACCEPTED, ApplicationState.WITHDRAWN}),
    ApplicationState.ACCEPTED: frozenset({ApplicationState.ACTIVE}),
    ApplicationState.ACTIVE: frozenset(),
    ApplicationState.REFUSED: frozenset(),
    ApplicationState.WITHDRAWN: frozenset(),
}
EDITABLE = frozenset({ApplicationState.DRAFT, ApplicationState.RETURNED})
ENDED = frozenset({ApplicationState.ACTIVE, ApplicationState.REFUSED, ApplicationState.WITHDRAWN})

CONTRACT = 1
# A text never changes, it gets a successor; who accepted which one is on the application.
CONTRACT_TEXTS: dict[int, tuple[str, ...]] = {
    1: (
        _("You sell under your own name and licence. You answer for your goods, their papers, their invoices and what you say about them."),
        _("Your licences stay valid while you sell. A shop whose licence has run out is paused until the new one is handed in."),
        _("You ship on time, answer after-sales cases within the deadlines shown, and keep to the shoppers' seven days of return."),
        _("The mall settles as shown above: what is paid for your goods, less its take and what the shopper was given back, on a statement that you confirm or dispute."),
        _("Your deposit stays yours. The mall announces each deduction with its reason; you have the days shown to object, and it is taken only after that or after a decision that you can read."),
        _("Shoppers' data is for carrying out their orders alone. You pay nobody for recruiting and promise no returns."),
        _("You may leave any day: orders under way are finished, the last statement is closed, then what is left of the deposit goes back the way it came."),
    ),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ApplicationDraft:
    """What an applicant writes. `categories` are slugs; the account number is plain here and sealed in the table."""

    kind: rules.SellerKind = rules.SellerKind.MERCHANT
    form: Form = Form.COMPANY
    name: str = ""
    area_code: str = ""
    licence_name: str = ""
    licence_number: str = ""
    licence_until: dt.date | None = None
    contact_name: str = ""
    contact_phone: str = ""
    payee_name: str = ""
    payee_bank: str = ""
    payee_account: str = ""
    categories: tuple[str, ...] = ()


def written_fault(draft: ApplicationDraft) -> str | None:
    """Which field of a draft cannot be kept (its name), or None: bounds alone, gaps are allowed."""
    for field, most in (
        ("name", 60),
        ("licence_name", 80),
        ("contact_name", 40),
        ("payee_name", 80),
        ("payee_bank", 60),
    ):
        if len(getattr(draft, field).strip()) > most:
            return field
    if draft.licence_number and not rules.is_licence_number(draft.licence_number):
        return "licence_number"
    if draft.payee_account and not (draft.payee_account.isdigit() and 8 <= len(draft.payee_account) <= 30):
        return "payee_account"
    return "categories" if len(draft.categories) > MAX_CATEGORIES else None


def missing(draft: ApplicationDraft, papers: Sequence[Mapping[str, Any]], *, today: dt.date) -> str | None:
    """What is still missing before an application can be sent (a stable word), or None."""
    for field in ("name", "licence_name", "licence_number", "contact_name", "contact_phone"):
        if not getattr(draft, field).strip():
            return field
    if draft.kind is rules.SellerKind.STORE and not draft.area_code:
        return "area_code"
    if draft.licence_until is not None and draft.licence_until < today:
        return "licence_until"
    for field in ("payee_name", "payee_bank", "payee_account", "categories"):
        if not getattr(draft, field):
            return field
    if not any(paper["kind"] == PaperKind.LICENCE for paper in papers):
        return "papers"
    return "paper_expired" if any(_day(paper) < today for paper in papers) else None


def ends_on(paper: Mapping[str, Any]) -> dt.date | None:
    """The last day of a paper, or None: it does not run out."""
    return dt.date.fromisoformat(paper["until"]) if paper.get("until") else None


def _day(paper: Mapping[str, Any]) -> dt.date:
    return ends_on(paper) or dt.date.max


def running_out(papers: Sequence[Mapping[str, Any]], licence_until: dt.date | None) -> dt.date | None:
    """The first day on which something a shop needs runs out; a newer paper of the same kind and category counts for it."""
    latest: dict[tuple[str, str], dt.date] = {}
    for paper in papers:
        if paper["kind"] in (PaperKind.LICENCE, PaperKind.CATEGORY) and not paper.get("waits"):
            key = (paper["kind"], paper.get("category", ""))
            latest[key] = max(latest.get(key, dt.date.min), _day(paper))
    days = [*latest.values(), *([licence_until] if licence_until else [])]
    return min((day for day in days if day < dt.date.max), default=None)
