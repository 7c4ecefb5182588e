"""T5, T8, T9 and the write gate: the connection never shows a mall to whoever comes next (RELIABILITY A2, SCALE 4.6)."""

import threading

import psycopg
import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from django.test import Client
from django_tenants.utils import schema_context

from saas.config.celery import app
from saas.identity.models import User
from saas.kernel.clock import now
from saas.tenants.backend.base import MallNotWritable, WriteOutsideTransaction
from saas.tenants.malls import services as malls
from saas.tenants.malls.activation import in_mall
from saas.tenants.malls.models import Mall
from saas.tenants.malls.rules import MallState
from saas.tenants.malls.tasks import MallTask
from tests import environment


def mall_of(schema: str) -> Mall:
    with schema_context("public"):
        return Mall.objects.get(schema_name=schema)


def path() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW search_path")
        return cursor.fetchone()[0]


@pytest.mark.parametrize("page", ["/", "/_health"])
def test_after_a_request_a_raw_cursor_sees_the_empty_trap(committed, page):
    response = Client().get(page, headers={"host": "grocery.localhost"})
    assert response.status_code in (200, 404)
    assert path() == "mall_trap"
    with pytest.raises(ProgrammingError), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM identity_user")


def test_a_savepoint_that_rolls_back_leaves_the_mall_as_it_was(committed):
    grocery, beauty = mall_of("t_test_grocery"), mall_of("t_test_beauty")
    with in_mall(grocery), transaction.atomic():
        User.objects.create_user(phone="+8613800000001")
        with pytest.raises(RuntimeError), transaction.atomic(), in_mall(beauty):
            User.objects.create_user(phone="+8613800000002")
            raise RuntimeError
        assert list(User.objects.values_list("phone", flat=True)) == ["+8613800000001"]
    with in_mall(beauty):
        assert not User.objects.exists()


def test_a_write_outside_a_transaction_is_refused(committed):
    with in_mall(mall_of("t_test_grocery")), pytest.raises(WriteOutsideTransaction), connection.cursor() as cursor:
        cursor.execute("UPDATE identity_user SET name = 'x'")


@pytest.mark.parametrize("state", [MallState.MOVING, MallState.MOVED, MallState.GONE])
def test_a_mall_that_moves_or_is_gone_refuses_writes_but_not_reads(committed, state):
    grocery = mall_of("t_test_grocery")
    with schema_context("public"):
        Mall.objects.filter(pk=grocery.pk).update(state=state)
    with in_mall(grocery):
        with pytest.raises(MallNotWritable), transaction.atomic():
            User.objects.create_user(phone="+8613800000001")
        assert not User.objects.exists()
    with in_mall(mall_of("t_test_beauty")), transaction.atomic():
        User.objects.create_user(phone="+8613800000001")


def test_the_freeze_waits_for_a_write_under_way_and_refuses_the_next(committed):
    grocery = mall_of("t_test_grocery")
    frozen = threading.Event()

    def freeze() -> None:
        try:
            malls.change_state(grocery.ulid, MallState.MOVING, now=now())
            frozen.set()
        finally:
            connection.close()

    with in_mall(grocery), transaction.atomic():
        User.objects.create_user(phone="+8613800000001")
        thread = threading.Thread(target=freeze)
        thread.start()
        assert not frozen.wait(0.4)
    thread.join(10)
    assert frozen.is_set()
    with in_mall(grocery):
        assert User.objects.count() == 1
        with pytest.raises(MallNotWritable), transaction.atomic():
            User.objects.create_user(phone="+8613800000002")


def test_one_worker_process_serves_two_malls_in_turn_without_mixing_them(committed):
    class AddUser(MallTask):
        name = "tests.add_user"

        def run(self, *, phone: str, fail: bool) -> str:
            with transaction.atomic():
                User.objects.create_user(phone=phone)
                if fail:
                    raise ValueError
            return connection.schema_name

    task = app.register_task(AddUser())
    wanted = {"t_test_grocery": 0, "t_test_beauty": 0}
    for number in range(200):
        schema = list(wanted)[number % 2]
        fail = number % 7 == 0
        kwargs = {"phone": f"+86139{number:08d}", "fail": fail}
        result = task.apply(kwargs=kwargs, headers={"mall": mall_of(schema).ulid})
        assert path() == "mall_trap"
        if fail:
            assert isinstance(result.result, ValueError)
        else:
            assert result.get() == schema
            wanted[schema] += 1
    for schema, count in wanted.items():
        with in_mall(mall_of(schema)):
            assert User.objects.count() == count
            assert {int(phone[-8:]) % 2 for phone in User.objects.values_list("phone", flat=True)} == {
                list(wanted).index(schema)
            }


def tables_of(schema: str) -> set[str]:
    query = "SELECT table_name FROM information_schema.tables WHERE table_schema = %s"
    with psycopg.connect(environment.SERVER.url(environment.DATABASE, "mallwright_owner")) as raw:
        return {row[0] for row in raw.execute(query, [schema]).fetchall()}


def test_both_malls_hold_the_same_tables_and_public_none_of_them(committed):
    grocery, beauty, public = (tables_of(name) for name in ("t_test_grocery", "t_test_beauty", "public"))
    assert grocery == beauty
    assert "identity_user" in grocery
    assert grocery & public == {"django_migrations"}
    assert tables_of("mall_trap") == set()


def test_the_app_role_may_not_change_a_schema(committed):
    with psycopg.connect(environment.SERVER.url(environment.DATABASE)) as raw:
        for statement in ("CREATE TABLE t_test_grocery.x (a int)", "DROP SCHEMA t_test_grocery CASCADE"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                raw.execute(statement)
            raw.rollback()
