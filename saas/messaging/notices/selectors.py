"""Reads of notices."""

from saas.messaging.notices.models import Notice


def latest(*, limit: int = 50) -> list[Notice]:
    """The newest notices first, for the development mailbox."""
    return list(Notice.objects.order_by("-pk")[:limit])
