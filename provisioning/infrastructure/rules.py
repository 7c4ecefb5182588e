"""States of a change of servers. Pure."""

from enum import StrEnum


class ChangeState(StrEnum):
    """Where a change stands. A person looks at every plan before it is applied."""

    REQUESTED = "requested"
    PLANNING = "planning"
    PLANNED = "planned"
    APPROVED = "approved"
    APPLYING = "applying"
    APPLIED = "applied"
    FAILED = "failed"
    DISCARDED = "discarded"


ENVIRONMENTS = ("staging", "production")
OPEN = frozenset(
    {ChangeState.REQUESTED, ChangeState.PLANNING, ChangeState.PLANNED, ChangeState.APPROVED, ChangeState.APPLYING}
)
AT_WORK = {ChangeState.PLANNING: ChangeState.REQUESTED, ChangeState.APPLYING: ChangeState.APPROVED}
FINISHED = frozenset({ChangeState.APPLIED, ChangeState.FAILED, ChangeState.DISCARDED})
