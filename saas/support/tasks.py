"""The hourly round of control's support: papers of launch checklists that expire."""

from celery import shared_task

from saas.kernel.clock import now
from saas.support.services import papers


@shared_task(ignore_result=True)
def run() -> None:
    """Remind vendors, open what has expired."""
    papers.remind_expiring(now=now())
