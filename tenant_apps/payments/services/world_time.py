"""A channel lives in the world's time, a mall in rehearsal may be ahead of it: here the two are told apart, and only here.

What goes out (signatures, how long a payment may be paid) is the world's; what comes back (when it was paid) is the
mall's, so that its books never jump back.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

from saas.channels.contract import Capability, Check, Gateway, NoticeFacts, PaymentRequest, RefundRequest
from saas.channels.facts import PaymentFacts, RefundFacts
from saas.kernel import clock


def in_the_world(gateway: Gateway) -> Gateway:
    """The gateway as the active mall may use it with its own `now`."""
    return _InTheWorld(gateway) if clock.ahead() else gateway


class _InTheWorld:
    """A Gateway for a mall whose clock was moved."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self.capabilities: frozenset[Capability] = gateway.capabilities

    def create(self, request: PaymentRequest, now: dt.datetime) -> dict[str, str]:
        asked = replace(request, expires_at=clock.to_real(request.expires_at))
        return self._gateway.create(asked, clock.to_real(now))

    def query(self, number: str, now: dt.datetime) -> PaymentFacts:
        return _paid(self._gateway.query(number, clock.to_real(now)))

    def close(self, number: str, now: dt.datetime) -> None:
        self._gateway.close(number, clock.to_real(now))

    def refund(self, request: RefundRequest, now: dt.datetime) -> RefundFacts:
        return _refunded(self._gateway.refund(request, clock.to_real(now)))

    def query_refund(self, number: str, now: dt.datetime) -> RefundFacts:
        return _refunded(self._gateway.query_refund(number, clock.to_real(now)))

    def parse_notify(self, headers: Mapping[str, str], body: bytes, now: dt.datetime) -> NoticeFacts:
        return _noticed(self._gateway.parse_notify(headers, body, clock.to_real(now)))

    def open_notice(self, body: bytes) -> NoticeFacts:
        return _noticed(self._gateway.open_notice(body))

    def verify_credentials(self, now: dt.datetime) -> list[Check]:
        return self._gateway.verify_credentials(clock.to_real(now))

    def page_parameters(self, answer: Mapping[str, str], now: dt.datetime) -> dict[str, str]:
        return self._gateway.page_parameters(answer, clock.to_real(now))


def _noticed(facts: NoticeFacts) -> NoticeFacts:
    return replace(
        facts,
        payment=facts.payment and _paid(facts.payment),
        refund=facts.refund and _refunded(facts.refund),
    )


def _paid(facts: PaymentFacts) -> PaymentFacts:
    return replace(facts, paid_at=clock.to_mall(facts.paid_at)) if facts.paid_at else facts


def _refunded(facts: RefundFacts) -> RefundFacts:
    return replace(facts, refunded_at=clock.to_mall(facts.refunded_at)) if facts.refunded_at else facts
