"""The round over every mall: what falls due by the calendar (statements, yearly fees, period awards), found and done once.

Each part of a round (wiring.ROUNDS) reads from its own rows what is due, does it item by item in transactions of their
own, and does not let one item's failure stop the next; so a round may be cut off anywhere and the next one goes on.
"""

import logging

from celery import shared_task
from django.utils.module_loading import import_string

from saas.config.wiring import ROUNDS
from saas.kernel.clock import now
from saas.messaging.bus.tasks import PublicTask
from saas.tenants.malls.activation import in_mall
from saas.tenants.malls.models import Mall
from saas.tenants.malls.rules import Capability, may

logger = logging.getLogger(__name__)


@shared_task(base=PublicTask, name="saas.config.rounds.run_rounds", ignore_result=True)
def run_rounds(**_: object) -> None:
    """Every part of the round for every mall of this cell that may work."""
    for mall in list(Mall.objects.order_by("pk")):
        if not may(mall.state, Capability.JOBS):
            continue
        for name in ROUNDS:
            try:
                with in_mall(mall):
                    import_string(name)(now=now())
            except Exception:
                logger.exception("%s failed in mall %s", name, mall.ulid, extra={"mall": mall.ulid})
