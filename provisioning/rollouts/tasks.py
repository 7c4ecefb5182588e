"""Celery entry of rollouts. The work is done by a process of its own, as the owner of the tables."""

import logging
import os
import subprocess
import sys

from celery import shared_task
from django.conf import settings

from provisioning.executor import schema
from provisioning.rollouts import selectors
from saas.messaging.bus.tasks import PublicTask

logger = logging.getLogger(__name__)


@shared_task(base=PublicTask, name="provisioning.rollouts.sweep", ignore_result=True)
def sweep(**_: object) -> None:
    """Every few seconds: work on the rollout under way, unless another process does."""
    if selectors.running() is None:
        return
    environment = {**os.environ, "DATABASE_URL": schema.owner_url()}
    environment.pop("DATABASE_URL_FILE", None)
    command = [sys.executable, "-m", "django", "roll_out"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=settings.BASE_DIR)
    if done.returncode:
        logger.error("the rollout's process failed: %s", done.stderr[-2000:])
