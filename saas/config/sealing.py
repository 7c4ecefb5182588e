"""The sealer's round: every book's new entries into its hash chain, and the chain's head out of the mall's reach.

A mall's head travels to control as a fact (`ledger.sealed`): control's inbox keeps it, so that a chain rewritten as a whole
in the cell differs from what `saas.ledger.seals.verify_seals(known_head=…)` is given.
"""

import logging

from celery import shared_task
from django.conf import settings
from django.db import transaction

from saas.kernel.clock import real_now as now
from saas.ledger import seals
from saas.messaging.bus import services as bus
from saas.messaging.bus.tasks import PublicTask

if settings.ROLE == "cell":  # control knows no mall registry
    from saas.tenants.malls.activation import in_mall
    from saas.tenants.malls.models import Mall
    from saas.tenants.malls.rules import Capability, may

logger = logging.getLogger(__name__)


@shared_task(base=PublicTask, name="saas.config.sealing.seal_books", ignore_result=True)
def seal_books(**_: object) -> None:
    """Seal every book of this database; one that fails does not keep the others from it."""
    if settings.ROLE != "cell":
        seals.seal_entries(now=now())
        return
    for mall in list(Mall.objects.order_by("pk")):
        if not may(mall.state, Capability.JOBS):
            continue
        try:
            with in_mall(mall):
                _seal_mall()
        except Exception:
            logger.exception("the book of mall %s was not sealed", mall.ulid, extra={"mall": mall.ulid})


def _seal_mall() -> None:
    with transaction.atomic():
        done = seals.seal_entries(now=now())
        if done.entries:
            payload = {"position": done.position, "head": done.head}
            bus.publish("ledger.sealed", payload, key=f"{done.head}", destination=bus.CONTROL)
