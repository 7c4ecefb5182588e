"""The words that the orchestrator (control) and the executor (cell) share: steps, kinds, outcomes. Pure."""

from enum import StrEnum


class RunKind(StrEnum):
    """What a run does to a mall."""

    PROVISION = "provision"
    ROLLBACK = "rollback"
    MOVE = "move"  # to another cell
    MOVE_UNDO = "move_undo"  # back to work where it stood, as long as it has not left
    MOVE_RETIRE = "move_retire"  # drop the copy that a move left behind
    RESTORE = "restore"  # a backup becomes a mall of another name
    IMPORT = "import"  # an export of another installation becomes a mall of this one
    EXPORT = "export"  # everything of a mall into one file
    DELETE = "delete"  # after retention, for good


class StepName(StrEnum):
    """The steps of runs: of making a mall, then of moving one."""

    SCHEMA = "schema"
    STARTER_DATA = "starter_data"
    MEDIA_STORAGE = "media_storage"
    DOMAIN = "domain"
    SMOKE_TEST = "smoke_test"
    CHECK = "check"
    STRUCTURE = "structure"
    CATCH_UP = "catch_up"
    FREEZE = "freeze"
    DRAIN = "drain"
    COPY = "copy"
    SEQUENCES = "sequences"
    PUBLIC_ROWS = "public_rows"
    DIGEST = "digest"
    FLIP = "flip"
    OPEN = "open"
    RETIRE = "retire"
    TAKE = "take"
    LOAD = "load"
    REKEY = "rekey"
    MASK = "mask"
    FILES = "files"
    ARRIVE = "arrive"
    ROWS = "rows"
    SNAPSHOT = "snapshot"
    PACKAGE = "package"
    VERIFY = "verify"
    CLOSE = "close"
    DROP_FILES = "drop_files"
    DROP_SCHEMA = "drop_schema"
    FORGET = "forget"


class Way(StrEnum):
    """How a mall's data crosses to another cell."""

    DUMP = "dump"
    REPLICATION = "replication"


class NotRepeatable(Exception):
    """Raised by a step that would only fail again: the run fails at once instead of waiting for another try."""


class Outcome(StrEnum):
    """What a fact says about a step."""

    STARTED = "started"
    SUCCEEDED = "succeeded"
    RETRYING = "retrying"
    FAILED = "failed"


REQUESTED = "provision.requested"
ROLLBACK_REQUESTED = "provision.rollback_requested"
CANCEL_REQUESTED = "provision.cancel_requested"
STEP_FINISHED = "provision.step_finished"


_MAKING = (
    StepName.SCHEMA,
    StepName.STARTER_DATA,
    StepName.MEDIA_STORAGE,
    StepName.DOMAIN,
    StepName.SMOKE_TEST,
)
_ARRIVAL = (StepName.PUBLIC_ROWS, StepName.DIGEST, StepName.FLIP, StepName.OPEN)
_MOVING = {
    Way.DUMP: (StepName.CHECK, StepName.FREEZE, StepName.DRAIN, StepName.COPY, *_ARRIVAL),
    Way.REPLICATION: (
        StepName.CHECK,
        StepName.STRUCTURE,
        StepName.CATCH_UP,
        StepName.FREEZE,
        StepName.DRAIN,
        StepName.SEQUENCES,
        *_ARRIVAL,
    ),
}
_OTHERS = {
    RunKind.MOVE_RETIRE: (StepName.RETIRE,),
    RunKind.RESTORE: (
        StepName.TAKE,
        StepName.LOAD,
        StepName.REKEY,
        StepName.MASK,
        StepName.FILES,
        StepName.DOMAIN,
        StepName.ARRIVE,
    ),
    RunKind.IMPORT: (StepName.TAKE, StepName.SCHEMA, StepName.ROWS, StepName.FILES, StepName.DOMAIN, StepName.ARRIVE),
    RunKind.EXPORT: (StepName.SNAPSHOT, StepName.PACKAGE, StepName.VERIFY),
    RunKind.DELETE: (StepName.CLOSE, StepName.DROP_FILES, StepName.DROP_SCHEMA, StepName.FORGET),
}
MAKING = frozenset({RunKind.PROVISION, RunKind.RESTORE, RunKind.IMPORT})  # runs at whose end there is a new mall
REMOVING = frozenset({RunKind.ROLLBACK, RunKind.MOVE_UNDO})  # runs that undo their steps


def steps_of(kind: RunKind, way: Way = Way.DUMP) -> tuple[StepName, ...]:
    """The steps of a run of this kind, in the order in which they are taken.

    Undoing a move frees the mall first and clears the half-made copy afterwards, so that the mall works again even
    while the other cell is away.
    """
    if kind is RunKind.PROVISION:
        return _MAKING
    if kind is RunKind.ROLLBACK:
        return tuple(reversed(_MAKING))
    if kind is RunKind.MOVE:
        return _MOVING[way]
    if kind is RunKind.MOVE_UNDO:
        return (StepName.FREEZE, StepName.STRUCTURE if way is Way.REPLICATION else StepName.COPY)
    return _OTHERS[kind]
