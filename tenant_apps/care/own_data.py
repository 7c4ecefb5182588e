"""What care keeps of a member, as plain data for his own file: his words whole, others' words as he reads them."""

from typing import Any

from saas.kernel.money import format_yuan
from tenant_apps.care import selectors
from tenant_apps.care.models import Conversation, Invoice, Review
from tenant_apps.members.models import Member

MOST = 1_000  # rows of a kind; a shopper with more writes to the mall


def own_data(member: Member) -> dict[str, Any]:
    """Reviews, favourites, invoices, conversations and complaints, newest first."""
    shelf = selectors.shelf(member)
    return {
        "reviews": [_review(row) for row in selectors.reviews_of_member(member)[:MOST]],
        "favourites": {"products": shelf.products, "sellers": shelf.sellers, "seen": shelf.history},
        "invoices": [_invoice(row) for row in selectors.invoices_of_member(member)[:MOST]],
        "conversations": [_talk(row) for row in selectors.talks(member=member)[:MOST]],
    }


def _review(row: Review) -> dict[str, Any]:
    return {
        "order": row.line.order.number,
        "goods": row.line.title,
        "stars": row.stars,
        "text": row.text,
        "photos": len(row.photos),
        "anonymous": row.is_anonymous,
        "later": row.follow_text,
        "answer": row.reply,
        "hidden": row.hidden_reason,
        "at": row.created_at.isoformat(),
    }


def _invoice(row: Invoice) -> dict[str, Any]:
    return {
        "order": row.order.number,
        "state": row.state,
        "title": row.title,
        "tax_number": row.tax_number,
        "amount": format_yuan(row.amount),
        "number": row.number,
        "asked_at": row.requested_at.isoformat(),
    }


def _talk(row: Conversation) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "subject": row.subject,
        "order": row.order.number if row.order else "",
        "state": row.turn,
        "decision": row.decision,
        "opened_at": row.opened_at.isoformat(),
        "messages": [
            {"by": one.party, "text": one.text, "photos": len(one.photos), "at": one.at.isoformat()}
            for one in selectors.messages_of(row, limit=MOST)
        ],
    }
