"""How a seller or the mall answers: texts ready to be sent, hours, and what is said outside them. Pure."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

MOST_ANSWERS = 12
MOST_TEXT = 200
DAY_MINUTES = 24 * 60
AGAIN = dt.timedelta(hours=8)  # a conversation hears the automatic answer at most once in this time


@dataclass(frozen=True)
class Hours:
    """When somebody answers: weekdays (0 is Monday) and minutes of the day, half-open; over midnight where the end is first.

    No days: nothing is said of hours, so nothing is answered by itself.
    """

    days: tuple[int, ...] = ()
    start: int = 9 * 60
    end: int = 18 * 60

    def are_open(self, moment: dt.datetime) -> bool:
        """Whether somebody answers at `moment`, given in the mall's zone."""
        minute = moment.hour * 60 + moment.minute
        if self.start < self.end:
            return moment.weekday() in self.days and self.start <= minute < self.end
        if minute >= self.start:
            return moment.weekday() in self.days
        return (moment.weekday() - 1) % 7 in self.days and minute < self.end


def desk_fault(answers: Iterable[str], hours: Hours, away: str) -> str:
    """The field of a desk that is impossible; empty where all are well."""
    texts = list(answers)
    checks = {
        "answers": len(texts) <= MOST_ANSWERS and all(0 < len(one) <= MOST_TEXT for one in texts),
        "days": len(set(hours.days)) == len(hours.days) and all(0 <= day <= 6 for day in hours.days),
        "start": 0 <= hours.start < DAY_MINUTES and hours.start != hours.end,
        "end": 0 < hours.end <= DAY_MINUTES,
        "away": len(away) <= MOST_TEXT and not (away and not hours.days),
    }
    return next((field for field, holds in checks.items() if not holds), "")
