"""Where entry points read the time. Services and rules take `now` as an argument and never call this."""

import datetime as dt
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")


def now() -> dt.datetime:
    """The present instant, aware, in UTC."""
    return dt.datetime.now(dt.UTC)


def china_date(instant: dt.datetime) -> dt.date:
    """The calendar day of an instant in China, where malls keep their books."""
    return instant.astimezone(CHINA).date()
