"""Writes of care, one module a use case."""

from tenant_apps.care.services.blocking import WordBlocked
from tenant_apps.care.services.desks import DeskInvalid, save_desk
from tenant_apps.care.services.invoices import (
    InvoiceAskedAlready,
    NothingToInvoice,
    ask_invoice,
    follow_refunds,
    issue_invoice,
    read_file,
    refuse_invoice,
    withdraw_invoice,
)
from tenant_apps.care.services.reports import ground_text, report_seller
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
from tenant_apps.care.services.shelves import clear_history, mark_notices_read, note_seen, switch_favourite
from tenant_apps.care.services.talks import (
    ComplaintOpen,
    complain,
    decide,
    escalate,
    follow_complaint,
    mark_read,
    open_chat,
    say,
    settle,
)
from tenant_apps.care.services.talks import read_photo as read_talk_photo
from tenant_apps.care.services.texting import text_member

__all__ = [
    "AlreadyReviewed",
    "ComplaintOpen",
    "DeskInvalid",
    "InvoiceAskedAlready",
    "NothingToInvoice",
    "ReviewClosed",
    "WordBlocked",
    "ask_invoice",
    "clear_history",
    "complain",
    "decide",
    "escalate",
    "follow_complaint",
    "follow_refunds",
    "follow_up",
    "ground_text",
    "hide_review",
    "issue_invoice",
    "mark_notices_read",
    "mark_read",
    "note_seen",
    "open_chat",
    "read_file",
    "read_photo",
    "read_talk_photo",
    "refuse_invoice",
    "reply_to_review",
    "report_seller",
    "save_desk",
    "say",
    "settle",
    "show_review",
    "switch_favourite",
    "text_member",
    "withdraw_invoice",
    "write_review",
]
