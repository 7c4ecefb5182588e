"""How a notice leaves the house. A gateway is a module with `send(message)`; settings.NOTICE_GATEWAYS names one a channel.

`mailbox` (demo, tests) shows it on a page, `smtp` sends e-mail by the environment's server, `unset` refuses with the
reason; saas.tenants.senders sends with the provider that the mall, or the platform, has connected.
"""

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True)
class Message:
    """What a gateway is given: one recipient, a text, the notice's ULID as its idempotency key.

    `parameters` fill a provider's template. `tried_at`: the first attempt; `provider_id`: what the provider called it.
    """

    ulid: str
    kind: str
    to_phone: str
    to_email: str
    subject: str
    body: str
    parameters: dict[str, str] = field(default_factory=dict)
    essential: bool = False
    tried_at: dt.datetime | None = None
    provider_id: str = ""
    is_first: bool = True  # attempt
    asks: bool = False  # an earlier attempt did not say how it ended: ask the provider, do not send


@dataclass(frozen=True)
class Receipt:
    """What a provider answered when it took a message."""

    provider: str
    provider_id: str = ""
    detail: str = ""


class Found(StrEnum):
    """What a provider knows of a message."""

    MISSING = "missing"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True)
class Answer:
    """A provider's answer about an earlier message."""

    found: Found
    provider_id: str = ""
    detail: str = ""


class Gateway(Protocol):
    """A gateway module. `send` returns when the provider has accepted the message; it keeps to its own time-out.

    A module may have `ask(message) -> Answer`, for a message whose attempt did not say how it ended.
    """

    def send(self, message: Message) -> Receipt | None: ...


class TryLater(Exception):
    """The provider has not taken the message (busy, not reached): it is tried again."""


class Refused(Exception):
    """The provider will never take this message; trying again is of no use."""


class Unknown(Exception):
    """The provider may have taken the message: it is asked before anything else happens."""


class Stopped(Exception):
    """A limit of ours: the message is not sent."""
