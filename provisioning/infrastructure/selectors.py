"""Reads of changes of servers."""

from typing import Any

from django.db.models import QuerySet

from provisioning.infrastructure.models import ServerChange
from provisioning.infrastructure.rules import OPEN, ChangeState
from saas.kernel.errors import NotFound


def changes() -> QuerySet[ServerChange]:
    """All changes, newest first."""
    return ServerChange.objects.defer("plan_log", "apply_log").order_by("-pk")


def change(ulid: str) -> ServerChange:
    """One change. Raises NotFound."""
    try:
        return ServerChange.objects.get(ulid=ulid)
    except ServerChange.DoesNotExist:
        raise NotFound from None


def is_open(row: ServerChange) -> bool:
    """Whether the change is not over."""
    return row.state in OPEN


def applied_variables(environment: str) -> dict[str, Any] | None:
    """The variables that were applied last, where the servers still stand; None otherwise."""
    last = ServerChange.objects.filter(environment=environment, state=ChangeState.APPLIED).order_by("-pk").first()
    return None if last is None or last.is_destroy else last.variables
