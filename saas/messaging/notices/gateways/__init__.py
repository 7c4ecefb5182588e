"""How a notice leaves the house. A gateway is a module with `send(message)`; settings.NOTICE_GATEWAYS names one a channel.

`mailbox` (demo, tests) shows it on a page, `smtp` sends e-mail, `unset` refuses with the reason. Adapters for SMS
providers are written to this same interface; none is part of this release.
"""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Message:
    """What a gateway is given: one recipient, a text, the notice's ULID as its idempotency key."""

    ulid: str
    kind: str
    to_phone: str
    to_email: str
    subject: str
    body: str


class Gateway(Protocol):
    """A gateway module. `send` returns when the provider has accepted the message; it keeps to its own time-out."""

    def send(self, message: Message) -> None: ...


class TryLater(Exception):
    """The provider did not answer or asks to wait: the notice is tried again."""


class Refused(Exception):
    """The provider will never take this message; trying again is of no use."""
