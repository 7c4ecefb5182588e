"""The round of control: exports expire, deletions fall due, addresses are released."""

from celery import shared_task

from provisioning.lifecycle import services
from saas.kernel.clock import now
from saas.messaging.bus.tasks import PublicTask


@shared_task(base=PublicTask, name="provisioning.lifecycle.run", ignore_result=True)
def run(**_: object) -> None:
    """Every ten minutes; each part does what is due and may be repeated."""
    instant = now()
    services.expire_due(now=instant)
    services.run_due(now=instant)
