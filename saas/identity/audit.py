"""The audit trail's one door, called by services inside their transaction."""

from typing import Any

from saas.identity.models import AuditRecord


def record(actor: str, action: str, *, target: str = "", reason: str = "", **data: Any) -> None:
    """Append one audit row. `actor` is `user:<id>`, `member:<id>` or a system part's name; `data` holds no secret."""
    AuditRecord(actor=actor, action=action, target=target, reason=reason, data=data).save(force_insert=True)


def newest() -> int:
    """The number of the newest row, for `done_by`."""
    return AuditRecord.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def done_by(actor: str, *, after: int) -> list[tuple[str, str]]:
    """(action, target) of what an actor did after the row of that number, in order."""
    return list(AuditRecord.objects.filter(actor=actor, pk__gt=after).order_by("pk").values_list("action", "target"))


def last_of(action: str, *, target: str) -> dict[str, Any]:
    """What the newest row of an action on a target holds; empty: there is none."""
    rows = AuditRecord.objects.filter(target=target, action=action).order_by("-at", "-pk")
    return dict(rows.values_list("data", flat=True).first() or {})


def count_of(action: str, *, target: str) -> int:
    """How many rows of an action a target has."""
    return AuditRecord.objects.filter(target=target, action=action).count()
