"""The runner: plans and applies changes of servers. It runs where the cloud's credentials are, never in a web process."""

import logging
from collections.abc import Mapping
from pathlib import Path

from provisioning.gateways.terraform import Busy, PlanChanged, Terraform, TerraformFailed, TerraformMissing
from provisioning.infrastructure import services
from provisioning.infrastructure.models import ServerChange
from provisioning.infrastructure.rules import ChangeState
from saas.kernel.clock import now
from saas.kernel.crashpoint import crashpoint

logger = logging.getLogger(__name__)


def work(*, environment: str, modules: Path, home: Path, backend: Mapping[str, str] | None = None) -> int:
    """Take every change of the environment that waits; how many. Nothing when another runner is at it."""
    terraform = Terraform(module=modules / environment, work=home / environment, backend=backend)
    taken = 0
    try:
        with terraform.alone():
            services.fail_interrupted(environment=environment, now=now())
            while (row := services.take_next(environment=environment)) is not None:
                taken += 1
                _do(terraform, row)
    except Busy:
        logger.info("another runner works on %s", environment)
    return taken


def _do(terraform: Terraform, row: ServerChange) -> None:
    crashpoint(f"infrastructure.{row.state}.begun")
    try:
        if row.state == ChangeState.PLANNING:
            plan = terraform.plan(row.ulid, row.variables, destroy=row.is_destroy)
            services.record_plan(row=row, plan=plan, now=now())
        else:
            log = terraform.apply(row.ulid, digest=row.plan_digest)
            crashpoint("infrastructure.applying.done")
            services.record_applied(row=row, log=log, now=now())
    except TerraformFailed as error:
        services.record_failure(row=row, failure=str(error), log=error.log, now=now())
    except (TerraformMissing, PlanChanged) as error:
        services.record_failure(row=row, failure=str(error), log="", now=now())
