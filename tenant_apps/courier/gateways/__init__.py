"""Courier services and tracking services: one module each; those of a kind have the same methods."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Protocol

from tenant_apps.courier.gateways import dada, kuaidi100
from tenant_apps.courier.rules import Callback, Facts, Provider, Quote, Task
from tenant_apps.courier.tracking import Course, Push


@dataclass(frozen=True)
class Account:
    """The mall's account at a service, its secret included: never logged, never shown."""

    app_key: str
    source_id: str
    app_secret: str = field(repr=False)


class Courier(Protocol):
    """One account at one service. `now` is the world's time. All but parse_callback use the network and raise
    channels.ChannelError: UNKNOWN means that it may have been done, ask before anything else.
    """

    def verify(self, now: dt.datetime) -> None: ...

    def quote(self, task: Task, now: dt.datetime) -> Quote: ...

    def create(self, task: Task, now: dt.datetime) -> int: ...

    def query(self, number: str, now: dt.datetime) -> Facts: ...

    def cancel(self, number: str, reason: str, now: dt.datetime) -> int: ...

    def parse_callback(self, body: bytes) -> Callback: ...


class Tracker(Protocol):
    """One account at one tracking service. All but parse_push use the network and raise channels.ChannelError: UNKNOWN
    means that nothing is known, neither that it was done nor that it was not.
    """

    def verify(self) -> None: ...

    def follow(self, company: str, number: str, phone: str, callback_url: str) -> None: ...

    def query(self, company: str, number: str, phone: str) -> Course: ...

    def parse_push(self, body: bytes) -> Push: ...


def service(provider: str, account: Account, *, live: bool) -> Courier:
    """The adapter for an account."""
    if provider != Provider.DADA:
        raise ValueError(provider)
    return dada.Dada(account.app_key, account.source_id, account.app_secret, dada.host(live=live))


def tracker(provider: str, customer: str, key: str, *, live: bool) -> Tracker:
    """The adapter for an account at a tracking service."""
    if provider != Provider.KUAIDI100:
        raise ValueError(provider)
    return kuaidi100.Kuaidi100(customer, key, kuaidi100.host(live=live))
