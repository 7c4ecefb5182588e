"""The Celery app of a process; its queue is its role's (`control`, `cell.<id>`)."""

import os

from celery import Celery
from celery.signals import worker_process_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "saas.config.settings.base")

app = Celery("mallwright")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    "sweep": {"task": "saas.config.delivery.sweep", "schedule": 2.0, "options": {"expires": 4}},
    "seal": {"task": "saas.config.sealing.seal_books", "schedule": 600.0, "options": {"expires": 600}},
}
if os.environ.get("ROLE", "cell") == "cell":
    app.conf.beat_schedule["provisioning"] = {
        "task": "provisioning.executor.sweep",
        "schedule": 3.0,
        "options": {"expires": 6},
    }
    app.conf.beat_schedule["report"] = {
        "task": "provisioning.executor.report",
        "schedule": 60.0,
        "options": {"expires": 60},
    }
    app.conf.beat_schedule["rounds"] = {
        "task": "saas.config.rounds.run_rounds",
        "schedule": 600.0,
        "options": {"expires": 600},
    }
elif os.environ.get("ROLE") == "control":
    app.conf.beat_schedule["billing"] = {"task": "billing.tasks.run", "schedule": 600.0, "options": {"expires": 600}}
    app.conf.beat_schedule["collect"] = {"task": "billing.tasks.collect", "schedule": 30.0, "options": {"expires": 30}}
app.conf.imports = ("saas.config.delivery", "saas.config.sealing")
if os.environ.get("ROLE", "cell") == "cell":
    app.conf.imports += ("saas.config.rounds",)


@worker_process_init.connect
def _fresh_connections(**kwargs: object) -> None:
    """A forked child must not share its parent's sockets."""
    from django.db import connections

    for connection in connections.all(initialized_only=True):
        connection.connection = None
