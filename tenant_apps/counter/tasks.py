"""The counter's part of a mall's round: bookings that nobody came to, cards that end soon."""

import datetime as dt

from tenant_apps.counter.services import bookings, telling


def settle_missed(*, now: dt.datetime) -> int:
    """Bookings whose time is over are missed; how many."""
    return bookings.settle_missed(now=now)


def tell_of_ending(*, now: dt.datetime) -> int:
    """Holders of cards that end soon are told, once a stage; how many."""
    return telling.tell_of_ending(now=now)
