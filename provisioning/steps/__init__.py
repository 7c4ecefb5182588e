"""The steps of a run: one module each with `ensure(context)` and `remove(context)`, both safe to repeat.

A step looks before it acts, returns a line for the log, and raises when it could not.
"""

from collections.abc import Mapping
from typing import Protocol

from provisioning.rules import StepName
from provisioning.steps import domain, media_storage, schema, smoke_test, starter_data
from provisioning.steps.context import Context
from provisioning.steps.keep import (
    arrive,
    close,
    drop_files,
    drop_schema,
    export_package,
    export_rows,
    export_verify,
    files,
    forget,
    import_rows,
    load,
    masking,
    rekey,
    take,
)
from provisioning.steps.move import (
    catch_up,
    check,
    copy,
    digest,
    drain,
    flip,
    freeze,
    opening,
    retire,
    rows,
    sequences,
    structure,
)


class Step(Protocol):
    """What a step module offers."""

    def ensure(self, context: Context) -> str:
        """Make it so; what was found or done."""
        ...

    def remove(self, context: Context) -> str:
        """Make it not so; what was found or done."""
        ...


STEPS: Mapping[StepName, Step] = {
    StepName.SCHEMA: schema,
    StepName.STARTER_DATA: starter_data,
    StepName.MEDIA_STORAGE: media_storage,
    StepName.DOMAIN: domain,
    StepName.SMOKE_TEST: smoke_test,
    StepName.CHECK: check,
    StepName.STRUCTURE: structure,
    StepName.CATCH_UP: catch_up,
    StepName.SEQUENCES: sequences,
    StepName.FREEZE: freeze,
    StepName.DRAIN: drain,
    StepName.COPY: copy,
    StepName.PUBLIC_ROWS: rows,
    StepName.DIGEST: digest,
    StepName.FLIP: flip,
    StepName.OPEN: opening,
    StepName.RETIRE: retire,
    StepName.TAKE: take,
    StepName.LOAD: load,
    StepName.REKEY: rekey,
    StepName.MASK: masking,
    StepName.FILES: files,
    StepName.ARRIVE: arrive,
    StepName.ROWS: import_rows,
    StepName.SNAPSHOT: export_rows,
    StepName.PACKAGE: export_package,
    StepName.VERIFY: export_verify,
    StepName.CLOSE: close,
    StepName.DROP_FILES: drop_files,
    StepName.DROP_SCHEMA: drop_schema,
    StepName.FORGET: forget,
}
