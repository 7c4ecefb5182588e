"""Celery entry of the executor: one task a run, and a sweeper that starts what nobody works on."""

from celery import shared_task

from provisioning.executor import engine, health, selectors
from saas.kernel.clock import real_now as now
from saas.messaging.bus.tasks import PublicTask


@shared_task(base=PublicTask, name="provisioning.executor.run", ignore_result=True)
def run(*, run: str, **_: object) -> None:
    """Take a run as far as it goes; come back after the backoff of a step that failed."""
    wait = engine.execute(run)
    if wait is not None:
        _again.apply_async(kwargs={"run": run}, countdown=wait, retry=False)


_again = run


@shared_task(base=PublicTask, name="provisioning.executor.sweep", ignore_result=True)
def sweep(**_: object) -> None:
    """Every few seconds: start active runs that are due. A run that a worker holds refuses the second one at once."""
    for one in selectors.due_runs(now=now()):
        _again.apply_async(kwargs={"run": one}, retry=False)


@shared_task(base=PublicTask, name="provisioning.executor.report", ignore_result=True)
def report(**_: object) -> None:
    """Every minute: how this cell does, to control."""
    health.report(now=now())
