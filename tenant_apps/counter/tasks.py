"""The counter's part of a mall's round: bookings that nobody came to."""

import datetime as dt

from tenant_apps.counter.services import bookings


def settle_missed(*, now: dt.datetime) -> int:
    """Bookings whose time is over are missed; how many."""
    return bookings.settle_missed(now=now)
