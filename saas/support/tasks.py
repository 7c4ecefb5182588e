"""The hourly round of control's support: papers of launch checklists that expire."""

from celery import shared_task

from saas.kernel.clock import now
from saas.messaging.bus.tasks import PublicTask
from saas.support.services import papers


@shared_task(base=PublicTask, name="saas.support.tasks.run", ignore_result=True)
def run(**_: object) -> None:
    """Remind vendors, open what has expired."""
    papers.remind_expiring(now=now())
