"""T4: a task without its mall, or for a mall that is not there, refuses and writes nothing (RELIABILITY A2)."""

import pytest
from celery import Task

from saas.config.celery import app
from saas.kernel.errors import NotFound
from saas.messaging.bus.tasks import PublicTask
from saas.tenants.malls.tasks import MallTask, TaskWithoutMall
from tests.isolation.test_connections import tables_of

OURS = ("saas.", "tenant_apps.", "provisioning.", "billing.")


def our_tasks() -> dict[str, Task]:
    app.loader.import_default_modules()
    return {name: task for name, task in app.tasks.items() if name.startswith(OURS)}


def counts() -> dict[str, int]:
    from django.db import connection

    with connection.cursor() as cursor:
        found = {}
        for table in sorted(tables_of("public")):
            cursor.execute(f'SELECT count(*) FROM public."{table}"')
            found[table] = cursor.fetchone()[0]
        return found


def test_every_task_says_whether_it_has_a_mall():
    tasks = our_tasks()
    assert "saas.config.delivery.deliver" in tasks
    assert [name for name, task in tasks.items() if not isinstance(task, MallTask | PublicTask)] == []


class Nothing(MallTask):
    """A task of the tests' own, so that the rule is tried even where no package has one."""

    name = "tests.nothing"

    def run(self) -> None:
        raise AssertionError("must not run")


@pytest.mark.parametrize(
    ("headers", "error"), [({}, TaskWithoutMall), ({"mall": "01JNOSVCHMALL0000000000000"}, NotFound)]
)
def test_a_mall_task_without_its_mall_refuses(committed, headers, error):
    before = counts()
    app.register_task(Nothing())
    for name in [*our_tasks(), "tests.nothing"]:
        if isinstance(app.tasks[name], MallTask):
            assert isinstance(app.tasks[name].apply(kwargs={}, headers=headers).result, error), name
    assert counts() == before


def test_a_mall_task_cannot_be_sent_outside_a_mall(committed):
    task = app.register_task(Nothing())
    with pytest.raises(TaskWithoutMall):
        task.apply_async()
    assert isinstance(task.apply(headers={}).result, TaskWithoutMall)
