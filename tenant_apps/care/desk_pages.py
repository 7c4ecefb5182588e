"""The form of a service desk, as staff and sellers fill it in. The screens mount it."""

import datetime as dt
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from saas.kernel.errors import InvalidInput
from tenant_apps.care import selectors, services
from tenant_apps.care.desks import DAY_MINUTES, MOST_ANSWERS, Hours
from tenant_apps.care.models import Desk

DAYS = (
    gettext_lazy("Monday"), gettext_lazy("Tuesday"), gettext_lazy("Wednesday"), gettext_lazy("Thursday"),
    gettext_lazy("Friday"), gettext_lazy("Saturday"), gettext_lazy("Sunday"),
)  # fmt: skip
CANNED = (
    gettext_lazy("Hello, how can I help you?"),
    gettext_lazy("Your goods leave today; the order shows the parcel."),
    gettext_lazy("Please ask for after-sales on the order’s page: I will answer at once."),
    gettext_lazy("I am looking into it and come back to you today."),
)


def ready_answers(seller_ulid: str) -> list[str]:
    """What can be sent with one press: the desk's own texts, else some to begin with."""
    return list(selectors.desk(seller_ulid).answers) or [str(one) for one in CANNED]


def shown(seller_ulid: str) -> dict[str, Any]:
    """The form as it stands."""
    row = selectors.desk(seller_ulid)
    return {
        "answers": "\n".join(ready_answers(seller_ulid)),
        "days": [str(day) for day in row.days],
        "start": _clock(row.start_minute),
        "end": _clock(row.end_minute),
        "away": row.away,
    }


def typed(posted: QueryDict) -> dict[str, Any]:
    """What was typed, to be shown again."""
    plain = {name: posted.get(name, "")[:4000] for name in ("answers", "start", "end", "away")}
    return plain | {"days": posted.getlist("days")[:7]}


def save(values: dict[str, Any], *, seller_ulid: str, actor: str, now: dt.datetime) -> Desk:
    """Keep the typed form. Raises InvalidInput naming the field, WordBlocked."""
    lines = [line for line in values["answers"].splitlines() if line.strip()][: MOST_ANSWERS + 1]
    days = tuple(int(day) for day in values["days"] if day in "0123456" and day)
    hours = Hours(days, _minute(values, "start"), _minute(values, "end") or DAY_MINUTES)
    return services.save_desk(
        seller_ulid=seller_ulid, answers=lines, hours=hours, away=values["away"], actor=actor, now=now
    )


def _minute(values: dict[str, Any], name: str) -> int:
    try:
        moment = dt.time.fromisoformat(values[name])
    except ValueError:
        raise InvalidInput(_("Times are written like 09:00."), field=name) from None
    return moment.hour * 60 + moment.minute


def _clock(minute: int) -> str:
    return f"{minute // 60 % 24:02}:{minute % 60:02}"
