"""No provider is configured for this channel: every message is refused, with the setting that is missing."""

from saas.messaging.notices.gateways import Message, Refused


def send(message: Message) -> None:
    """Always raises Refused."""
    raise Refused("no provider is connected (SMS and mail), nor set (NOTICE_SMS_GATEWAY, NOTICE_EMAIL_GATEWAY)")
