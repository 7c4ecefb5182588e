"""The Celery app of a process; its queue is its role's (`control`, `cell.<id>`)."""

import os
from typing import Any

from celery import Celery
from celery.signals import task_prerun, worker_process_init

from saas.config import broker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "saas.config.settings.base")
broker.install()

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
    app.conf.beat_schedule["rollouts"] = {
        "task": "provisioning.rollouts.sweep",
        "schedule": 10.0,
        "options": {"expires": 10},
    }
    app.conf.beat_schedule["report"] = {
        "task": "provisioning.executor.report",
        "schedule": 60.0,
        "options": {"expires": 60},
    }
    app.conf.beat_schedule["archives"] = {
        "task": "provisioning.archives.sweep",
        "schedule": 30.0,
        "options": {"expires": 30},
    }
    app.conf.beat_schedule["jobs"] = {
        "task": "saas.config.jobs.sweep_jobs",
        "schedule": 5.0,
        "options": {"expires": 5},
    }
    app.conf.beat_schedule["rounds"] = {
        "task": "saas.config.rounds.run_rounds",
        "schedule": 600.0,
        "options": {"expires": 600},
    }
elif os.environ.get("ROLE") == "control":
    app.conf.beat_schedule["billing"] = {"task": "billing.tasks.run", "schedule": 600.0, "options": {"expires": 600}}
    app.conf.beat_schedule["lifecycle"] = {
        "task": "provisioning.lifecycle.run",
        "schedule": 600.0,
        "options": {"expires": 600},
    }
    app.conf.beat_schedule["collect"] = {"task": "billing.tasks.collect", "schedule": 30.0, "options": {"expires": 30}}
    app.conf.beat_schedule["support"] = {
        "task": "saas.support.tasks.run",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    }
    app.conf.beat_schedule["domains"] = {
        "task": "provisioning.domains.tasks.look",
        "schedule": 15.0,
        "options": {"expires": 15},
    }
app.conf.imports = ("saas.config.delivery", "saas.config.sealing")
if os.environ.get("ROLE", "cell") == "cell":
    app.conf.imports += ("saas.config.rounds", "saas.config.jobs")


# Celery would close the connection, and its pool, before and after every task; a child keeps its one connection.
app.conf["CELERY_DB_REUSE_MAX"] = 10**9


@worker_process_init.connect
def _begin_child(**kwargs: object) -> None:
    """A forked child must not share its parent's sockets; it works alone and needs no pool."""
    from saas.config import connections, memory

    connections.keep_one()
    memory.settle()


@task_prerun.connect
def _usable_connection(task: Any = None, **kwargs: object) -> None:
    """Before a task of a worker."""
    from saas.config import connections

    if not getattr(task.request, "is_eager", False):
        connections.make_usable()
