"""Celery entries: the look at every domain that is due. Harmless to repeat and to run twice at once."""

import logging

from celery import shared_task

from provisioning.domains import selectors
from provisioning.domains.services import bases, places, progress
from saas.kernel.clock import now
from saas.messaging.bus.tasks import PublicTask

logger = logging.getLogger(__name__)


@shared_task(base=PublicTask, name="provisioning.domains.tasks.look", ignore_result=True)
def look(**_: object) -> None:
    """Every few seconds: domains whose time has come, each on its own; then hosts that cells do not know yet and the records of malls that moved."""
    for ulid in selectors.due(now=now()):
        try:
            progress.advance(ulid=ulid, now=now())
        except Exception:
            logger.exception("domain %s could not be looked at", ulid)
    bases.tell_cells()
    for trouble in places.follow_places(now=now()):
        logger.error("a mall's record: %s", trouble)
