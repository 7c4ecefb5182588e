"""What support knows of a mall that was deleted."""

from django.db import transaction

from saas.support.models import LaunchItem, SupportGrant, Ticket, TicketMessage


def forget_mall(*, mall: str) -> int:
    """Delete checklist answers and the words of questions, keep that there were any and who was let in; how many rows."""
    with transaction.atomic():
        count = LaunchItem.objects.filter(mall=mall).delete()[0]
        tickets = Ticket.objects.filter(mall=mall)
        count += TicketMessage.objects.filter(ticket__in=tickets).delete()[0]
        count += tickets.update(subject="—")
        count += SupportGrant.objects.filter(mall=mall).update(reason="—")
    return count
