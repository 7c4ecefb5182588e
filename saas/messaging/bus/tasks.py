"""The base class of tasks that work in the public schema of their database: dispatchers, provisioning, control."""

from typing import Any

from celery import Task
from django.db import connection


class PublicTask(Task):
    """Base of every task without a mall: `@shared_task(base=PublicTask)`. The choice is explicit, never a default."""

    abstract = True
    acks_late = True
    reject_on_worker_lost = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if hasattr(connection, "set_trap"):
            connection.set_schema_to_public()
        try:
            return self.run(*args, **kwargs)
        finally:
            if hasattr(connection, "set_trap"):
                connection.set_trap()
