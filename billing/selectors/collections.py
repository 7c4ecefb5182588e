"""What was collected through a channel, and with which account."""

from django.db.models import QuerySet

from billing.models import ChannelCredential, Collection, Invoice
from saas.channels.facts import OPEN


def open_attempt(invoice: Invoice) -> Collection | None:
    """The attempt that waits for the payer, if there is one."""
    return Collection.objects.filter(invoice=invoice, state__in=OPEN).select_related("credential").first()


def attempts_of(invoice: Invoice) -> QuerySet[Collection]:
    """All attempts of an invoice, the newest first."""
    return Collection.objects.filter(invoice=invoice).order_by("-pk")


def connected(channel: str = "wechat") -> ChannelCredential | None:
    """The platform's account at a channel; its secrets are sealed and never shown."""
    return ChannelCredential.objects.filter(channel=channel, active=True).first()
