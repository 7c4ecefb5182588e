"""The audit trail's one door, called by services inside their transaction."""

from typing import Any

from saas.identity.models import AuditRecord


def record(actor: str, action: str, *, target: str = "", reason: str = "", **data: Any) -> None:
    """Append one audit row. `actor` is `user:<id>`, `member:<id>` or a system part's name; `data` holds no secret."""
    AuditRecord(actor=actor, action=action, target=target, reason=reason, data=data).save(force_insert=True)
