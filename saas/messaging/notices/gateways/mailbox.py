"""The development gateway: the stored notice is the message, readable at /_mailbox. Refuses to work in production."""

from django.conf import settings

from saas.messaging.notices.gateways import Message, Refused


def send(message: Message) -> None:
    """Nothing leaves the house."""
    if settings.ENVIRONMENT == "production":
        raise Refused("the mailbox is for development")
