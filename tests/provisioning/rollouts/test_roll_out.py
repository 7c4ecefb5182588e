"""A release reaches every mall that lacks it: as SQL, in waves, once each, whatever fails, waits or is killed on the way."""

import itertools
import os
import sys

import psycopg
import pytest
from django.conf import settings as django_settings
from django.db import connection

from provisioning.executor import schema
from provisioning.rollouts import engine, rules, selectors, services
from provisioning.rollouts.models import MallRollout
from saas.kernel.clock import now
from saas.kernel.ids import new_ulid
from saas.messaging.bus.models import OutboxEvent
from saas.tenants.backend.grants import lacking_grants
from saas.tenants.malls.models import Mall
from tests.provisioning.executor.conftest import in_a_process_that_dies_at

NUMBER = itertools.count()
MODEL = """
from django.db import migrations, models
class Migration(migrations.Migration):
    dependencies = []
    operations = [
        migrations.CreateModel("Note", [
            ("id", models.BigAutoField(primary_key=True)),
            ("text", models.CharField(max_length=40, unique=True, default="100% new")),
        ]),
        migrations.AddIndex("note", models.Index(fields=["text"], name="note_text")),
        migrations.RunSQL("CREATE INDEX note_account ON ledger_account (id)", "DROP INDEX note_account"),
    ]
"""
PYTHON = """
from django.db import migrations
def fill(apps, editor):
    apps.get_model("{app}", "Note").objects.create(text="by python")
class Migration(migrations.Migration):
    dependencies = [("{app}", "0001_initial")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
"""


@pytest.mark.parametrize(
    ("count", "sizes"), [(0, []), (1, [1]), (6, [1, 5]), (40, [1, 5, 25, 9]), (331, [1, 5, 25, 100, 100, 100])]
)
def test_waves_begin_with_one_mall(count, sizes):
    malls = [str(number) for number in range(count)]
    found = rules.waves(malls)
    assert [len(wave) for wave in found] == sizes
    assert [mall for wave in found for mall in wave] == malls


@pytest.mark.parametrize(("failed", "tried", "stops"), [(1, 1, False), (2, 2, False), (3, 6, True), (3, 7, False)])
def test_a_rollout_stops_when_half_of_a_wave_fails(failed, tried, stops):
    assert rules.must_stop(failed=failed, tried=tried) is stops


@pytest.fixture
def malls(committed, settings):
    """Four malls, and this process as the role that owns their tables."""
    connection.set_schema_to_public()
    for number in range(2):
        name = f"t_probe_{number}"
        schema.ensure_schema(name)
        Mall.objects.create(ulid=new_ulid(), schema_name=name, name=name, state="rehearsal", created_at=now())
    version = schema.migrations_hash()
    Mall.objects.update(schema_version=version)
    user = connection.settings_dict["USER"]
    _reconnect("mallwright_owner")
    yield list(Mall.objects.order_by("pk").values_list("schema_name", flat=True))
    _reconnect(user)


def _reconnect(user: str) -> None:
    connection.close()
    connection.close_pool()
    connection.settings_dict["USER"] = user
    connection.set_schema_to_public()


@pytest.fixture
def release(malls, settings, tmp_path, monkeypatch):
    """Brings an app of its own with these migrations into the code of this process."""

    def bring(*texts: str) -> str:
        app = f"probe_{os.getpid()}_{next(NUMBER)}"
        folder = tmp_path / app / "migrations"
        folder.mkdir(parents=True)
        for path in (tmp_path / app / "__init__.py", tmp_path / app / "models.py", folder / "__init__.py"):
            path.touch()
        for number, text in enumerate(texts, start=1):
            name = "0001_initial" if number == 1 else f"{number:04}_more"
            (folder / f"{name}.py").write_text(text.replace("{app}", app))
        monkeypatch.syspath_prepend(str(tmp_path))
        settings.TENANT_APPS = [*django_settings.TENANT_APPS, app]
        settings.INSTALLED_APPS = [*django_settings.INSTALLED_APPS, app]
        return app

    yield bring
    for name in [name for name in sys.modules if name.startswith("probe_")]:
        del sys.modules[name]


def roll_out() -> dict:
    rollout = selectors.running() or services.start_rollout(ulid=new_ulid(), actor="user:op", reason="test", now=now())
    if rollout.finished_at is None:
        engine.roll_out(rollout)
    return selectors.summary(rollout.ulid)


def ask(mall: str, query: str, user: str = "mallwright_owner") -> list[tuple]:
    url = os.environ["DATABASE_OWNER_URL"].replace("mallwright_owner", user)
    with psycopg.connect(url) as raw:
        raw.execute(f'SET search_path = "{mall}", public')
        done = raw.execute(query)
        return done.fetchall() if done.description else []


def assert_migrated(malls: list[str], app: str) -> None:
    assert set(Mall.objects.values_list("schema_version", flat=True)) == {schema.migrations_hash()}
    for mall in malls:
        assert ask(mall, f"SELECT count(*) FROM django_migrations WHERE app = '{app}'") == [(1,)]
        assert ask(mall, f"SELECT model FROM django_content_type WHERE app_label = '{app}'") == [("note",)]
        assert ask(mall, "SELECT count(*) FROM auth_permission WHERE codename LIKE '%_note'") == [(4,)]
        assert ask(mall, f"INSERT INTO {app}_note (text) VALUES ('x') RETURNING text", "mallwright_app") == [("x",)]
    shapes = {scripts_shape(mall) for mall in malls}
    assert len(shapes) == 1


def scripts_shape(mall: str) -> str:
    from provisioning.rollouts import scripts

    return scripts.shape_of(mall)


def test_the_first_mall_is_migrated_and_the_others_replay_what_it_ran(malls, release):
    app = release(MODEL)
    found = roll_out()
    assert (found["state"], found["done"], found["methods"]) == ("succeeded", 4, {"migrated": 1, "replayed": 3}), found
    assert_migrated(malls, app)
    facts = [one.payload for one in OutboxEvent.objects.filter(topic="rollout.progressed").order_by("pk")]
    assert [fact["sequence"] for fact in facts] == [1, 2, 3, 4]
    assert (facts[-1]["state"], facts[-1]["counts"]) == ("succeeded", {"pending": 0, "done": 4, "failed": 0})
    assert [len(fact["malls"]) for fact in facts] == [4, 1, 3, 0]
    again = roll_out()
    assert (again["state"], again["done"]) == ("succeeded", 0)


def test_a_mall_that_fails_stays_as_it_was_and_does_not_stop_the_others(malls, release):
    app = release(MODEL)
    ask(malls[2], f"CREATE TABLE {app}_note ()")
    found = roll_out()
    assert (found["state"], found["done"], found["failed"]) == ("failed", 3, 1)
    assert found["errors"][0][0] == malls[2] and "already exists" in found["errors"][0][1]
    assert ask(malls[2], f"SELECT count(*) FROM django_migrations WHERE app = '{app}'") == [(0,)]
    ask(malls[2], f"DROP TABLE {app}_note")
    services.retry_rollout(ulid=found["rollout"], now=now())
    assert roll_out()["state"] == "succeeded"
    assert_migrated(malls, app)


def test_killed_anywhere_it_goes_on_and_migrates_each_mall_once(malls, release):
    app = release(MODEL)
    for point in ("rollout.migrated", "rollout.mall_done", "rollout.migrated", "rollout.mall_done"):
        assert in_a_process_that_dies_at(point, roll_out) == 137
        connection.set_schema_to_public()
    assert sorted(MallRollout.objects.values_list("state", flat=True)) == ["done", "done", "pending", "pending"]
    assert in_a_process_that_dies_at("rollout.replayed", roll_out) == 137
    connection.set_schema_to_public()
    assert sorted(MallRollout.objects.values_list("state", flat=True)) == ["done", "done", "done", "pending"]
    found = roll_out()
    assert (found["state"], found["done"]) == ("succeeded", 4)
    assert_migrated(malls, app)


def test_a_lock_that_is_not_had_in_time_is_tried_again_and_then_left(malls, release, monkeypatch):
    monkeypatch.setattr(rules, "LOCK_TIMEOUT_SECONDS", 0.05)
    app = release(MODEL)
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as holder:
        holder.execute(f'LOCK TABLE "{malls[1]}".ledger_account IN ACCESS EXCLUSIVE MODE')
        found = roll_out()
    assert (found["done"], found["failed"]) == (3, 1)
    row = MallRollout.objects.get(schema_name=malls[1])
    assert (row.attempts, "lock timeout" in row.error) == (3, True)
    services.retry_rollout(ulid=found["rollout"], now=now())
    assert roll_out()["state"] == "succeeded"
    assert_migrated(malls, app)


def test_a_mall_that_moves_is_left_alone(malls, release):
    release(MODEL)
    rollout = services.start_rollout(ulid=new_ulid(), actor="user:op", reason="test", now=now())
    Mall.objects.filter(schema_name=malls[3]).update(state="moving")
    engine.roll_out(rollout)
    assert selectors.summary(rollout.ulid)["errors"] == [[malls[3], "MallBusy: the mall is moving"]]


def test_python_in_a_migration_runs_in_every_mall(malls, release):
    app = release(MODEL, PYTHON)
    found = roll_out()
    assert (found["state"], found["methods"]) == ("succeeded", {"migrated": 4}), found
    for mall in malls:
        assert ask(mall, f"SELECT text FROM {app}_note") == [("by python",)]
        assert ask(mall, f"SELECT count(*) FROM django_migrations WHERE app = '{app}'") == [(2,)]


def test_rights_of_the_app_role_are_compared_and_mended_one_by_one(malls):
    name, installed = malls[0], django_settings.TENANT_APPS
    with connection.cursor() as cursor:
        assert lacking_grants(cursor, name, installed) == []
        for wrong in [
            "GRANT DELETE ON {}.ledger_posting TO mallwright_app",
            "REVOKE INSERT ON {}.orders_order FROM mallwright_app",
            "REVOKE USAGE ON SEQUENCE {}.orders_order_id_seq FROM mallwright_app",
            "REVOKE ALL ON {}.orders_order FROM mallwright_app",
        ]:
            cursor.execute(wrong.format(name))
            (mend,) = lacking_grants(cursor, name, installed)
            cursor.execute(mend)
            assert lacking_grants(cursor, name, installed) == [], wrong
