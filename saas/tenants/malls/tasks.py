"""The task base class: a task of a mall carries the mall's ULID in its header and raises without it (DESIGN 3)."""

from typing import Any

from celery import Task
from django.db import connection

from saas.tenants.malls import selectors
from saas.tenants.malls.activation import in_mall
from saas.tenants.malls.rules import Capability, may

MALL_HEADER = "mall"


class TaskWithoutMall(RuntimeError):
    """A mall task was sent or received without its mall."""


class CapabilityMissing(RuntimeError):
    """The mall's state does not allow this task."""


class MallTask(Task):
    """Base of every task that touches a mall: `@shared_task(base=MallTask)`. `capability` is what its mall must have.

    Prefork only: the activation lives on the process's connection.
    """

    abstract = True
    acks_late = True
    reject_on_worker_lost = True
    capability = Capability.JOBS

    def apply_async(  # type: ignore[override]
        self, args: Any = None, kwargs: Any = None, **options: Any
    ) -> Any:
        headers = dict(options.pop("headers", None) or {})
        if not headers.get(MALL_HEADER):
            headers[MALL_HEADER] = getattr(connection.tenant, "ulid", "")
        if not headers[MALL_HEADER]:
            raise TaskWithoutMall(f"{self.name} sent outside a mall")
        return super().apply_async(args, kwargs, headers=headers, **options)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        ulid = self.request.get(MALL_HEADER) or (self.request.headers or {}).get(MALL_HEADER)
        if not ulid:
            raise TaskWithoutMall(f"{self.name} received without a mall")
        mall = selectors.mall_by_ulid(ulid)
        if not may(mall.state, self.capability):
            raise CapabilityMissing(f"{self.name}: mall {ulid} is {mall.state}")
        try:
            with in_mall(mall):
                return self.run(*args, **kwargs)
        finally:
            connection.set_trap()
