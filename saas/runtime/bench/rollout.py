"""A schema migration over 200 malls: by the rollout, and by `migrate_schemas` in the same run.

Two apps with the same migration are made for it (EXTRA_TENANT_APPS), one for each way; the malls and the apps are gone afterwards.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from saas.runtime.bench import Bench, Figure
from saas.runtime.call import call
from saas.runtime.prepare import prepare
from saas.runtime.servers import using_servers

MALLS = 200
_INSIDE = "saas.runtime.bench.rollout_inside"
_MIGRATION = """
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            "Remark",
            [
                ("id", models.BigAutoField(primary_key=True)),
                ("order", models.CharField(max_length=26)),
                ("text", models.CharField(max_length=200, default="")),
                ("written_at", models.DateTimeField()),
            ],
        ),
        migrations.AddIndex("remark", models.Index(fields=["order"], name="{app}_order")),
        migrations.AddConstraint("remark", models.UniqueConstraint(fields=["order", "text"], name="{app}_once")),
        migrations.AddField("remark", "is_public", models.BooleanField(default=False)),
        migrations.RunSQL("ALTER TABLE orders_order ADD COLUMN {app} integer", "ALTER TABLE orders_order DROP COLUMN {app}"),
    ]
"""


def measure(bench: Bench) -> Iterator[Figure]:
    """Seconds a mall of both ways; the rollout is to be at least 15 times faster."""
    folder = bench.home / "bench-apps"
    apps = [_make_app(folder, f"bench_change_{letter}") for letter in "ab"]
    count = bench.times(MALLS)
    try:
        with using_servers(bench.home):
            with bench.console.status("preparing"):
                prepare(bench.home, lambda line: None)
                call("cell", "saas.runtime.bench.inside.drop_schemas", bench.home)
            with bench.console.status(f"making {count} malls"):
                call("cell", f"{_INSIDE}.make_malls", bench.home, count=count)
            with bench.console.status("the rollout"):
                ours = call("cell", f"{_INSIDE}.by_rollout", bench.home, migrating=True, extra=_with(folder, apps[:1]))
            with bench.console.status("migrate_schemas"):
                theirs = call(
                    "cell", f"{_INSIDE}.by_migrate_schemas", bench.home, migrating=True, extra=_with(folder, apps)
                )
            yield from _figures(count, ours, theirs)  # before tidying up, which may take long
            with bench.console.status("tidying up"):
                call("cell", "saas.runtime.bench.inside.drop_schemas", bench.home)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _figures(count: int, ours: float, theirs: float) -> Iterator[Figure]:
    ratio = theirs / ours
    yield Figure(f"migrate_schemas over {count} malls", theirs, "s")
    yield Figure(
        f"rollout over {count} malls", ours, "s", f"migrate_schemas {theirs:.1f} s", ratio, "at least 15 times faster",
        ratio >= 15,
    )  # fmt: skip


def _make_app(folder: Path, app: str) -> str:
    migrations = folder / app / "migrations"
    migrations.mkdir(parents=True, exist_ok=True)
    for path in (folder / app / "__init__.py", folder / app / "models.py", migrations / "__init__.py"):
        path.touch()
    (migrations / "0001_initial.py").write_text(_MIGRATION.replace("{app}", app))
    return app


def _with(folder: Path, apps: list[str]) -> dict[str, str]:
    path = os.environ.get("PYTHONPATH", "")
    return {"EXTRA_TENANT_APPS": ",".join(apps), "PYTHONPATH": f"{folder}:{path}" if path else str(folder)}
