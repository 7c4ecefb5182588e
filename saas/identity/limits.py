"""How often somebody may try: counted in the mall's own schema, so malls never share a counter and Redis is not needed."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from saas.identity.models import Attempt
from saas.kernel.errors import DomainError

_KEPT = dt.timedelta(days=1)


class TooManyAttempts(DomainError):
    """A limit is reached."""

    code = "too_many_attempts"
    http_status = 429
    message = _("Too many attempts. Please try again later.")


@dataclass(frozen=True)
class Limit:
    """At most `amount` in `seconds` of one kind of attempt by one key. `kind` names a row of settings.ATTEMPT_LIMITS."""

    kind: str
    key: str


def check(wanted: Sequence[Limit], *, now: dt.datetime) -> None:
    """Raise TooManyAttempts if one of the limits is reached; until the transaction ends others of the same key wait."""
    for limit in sorted(wanted, key=lambda one: (one.kind, one.key)):
        _lock(limit)
        for amount, seconds in settings.ATTEMPT_LIMITS[limit.kind]:
            since = now - dt.timedelta(seconds=seconds)
            if Attempt.objects.filter(kind=limit.kind, key=_digest(limit.key), at__gt=since).count() >= amount:
                raise TooManyAttempts


def record(wanted: Sequence[Limit], *, now: dt.datetime) -> None:
    """Note one attempt for each key, and clear away what is too old to matter."""
    with transaction.atomic():
        Attempt.objects.bulk_create([Attempt(kind=limit.kind, key=_digest(limit.key), at=now) for limit in wanted])
        old = Attempt.objects.filter(at__lt=now - _KEPT).order_by("pk").values_list("pk", flat=True)[: 2 * len(wanted)]
        Attempt.objects.filter(pk__in=list(old)).delete()


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:32]


def _lock(limit: Limit) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || %s, 0))", [f"{limit.kind}:{limit.key}"]
        )
