"""What a payment channel's adapter offers, and the words it uses. Adapters know no model; services know no wire format."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from saas.channels.facts import ErrorClass, Method, PaymentFacts, RefundFacts


class Capability(StrEnum):
    """What a channel can do beyond create, query, refund and notices; screens offer only what is there."""

    CLOSE = "close"
    SPLIT_FLAG = "split_flag"  # a payment may be marked for profit sharing
    LOGIN = "login"  # the channel tells who the payer is


class ChannelError(Exception):
    """A call that did not simply succeed. UNKNOWN means that it may have been carried out: ask before anything else."""

    def __init__(self, kind: ErrorClass, code: str = "", detail: str = "", *, signed: bool = False) -> None:
        self.kind, self.code, self.detail, self.signed = kind, code, detail, signed
        super().__init__(f"{kind} {code} {detail}".strip())


class BadNotice(Exception):
    """A notice that is not from the channel, not for this merchant's keys, or too old. The message names which."""


@dataclass(frozen=True)
class Check:
    """One result of checking credentials. `detail` is an English msgid, translated where it is shown."""

    name: str
    passed: bool
    detail: str = ""


@dataclass(frozen=True)
class PaymentRequest:
    """A payment to be created; the same request again must lead to the same payment."""

    number: str
    description: str
    amount: int  # fen
    currency: str
    method: Method
    notify_url: str
    expires_at: dt.datetime
    payer_openid: str = ""
    client_ip: str = ""
    profit_sharing: bool = False


@dataclass(frozen=True)
class RefundRequest:
    """A refund of part or all of a payment; the same number refunds once only."""

    number: str
    payment_number: str
    amount: int  # fen
    total: int  # fen, of the payment
    currency: str
    reason: str
    notify_url: str


@dataclass(frozen=True)
class NoticeFacts:
    """A verified notice, opened. At most one of `payment` and `refund` is set; neither: an event we do not know."""

    notice_id: str
    event_type: str
    payment: PaymentFacts | None = None
    refund: RefundFacts | None = None


@dataclass(frozen=True)
class Account:
    """The mall's merchant account at a channel, secrets included: never logged, never shown."""

    merchant_id: str
    app_id: str
    certificate_serial: str
    private_key: str = field(repr=False)
    api_key: str = field(repr=False)
    app_secret: str = field(repr=False, default="")
    platform_key_id: str = ""
    platform_key: str = field(repr=False, default="")


class Gateway(Protocol):
    """One merchant account at one channel. Methods without `now` stay off the network."""

    capabilities: frozenset[Capability]

    def create(self, request: PaymentRequest, now: dt.datetime) -> dict[str, str]: ...

    def query(self, number: str, now: dt.datetime) -> PaymentFacts: ...

    def close(self, number: str, now: dt.datetime) -> None: ...

    def refund(self, request: RefundRequest, now: dt.datetime) -> RefundFacts: ...

    def query_refund(self, number: str, now: dt.datetime) -> RefundFacts: ...

    def parse_notify(self, headers: Mapping[str, str], body: bytes, now: dt.datetime) -> NoticeFacts: ...

    def open_notice(self, body: bytes) -> NoticeFacts: ...

    def verify_credentials(self, now: dt.datetime) -> list[Check]: ...

    def page_parameters(self, answer: Mapping[str, str], now: dt.datetime) -> dict[str, str]: ...
