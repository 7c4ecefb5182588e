"""Migrations that only add are rendered late: the statements are the same, and whoever comes after sees whole models."""

import contextlib

from django.db import connection, migrations, models
from django.db.migrations.migration import Migration
from django.db.migrations.state import ProjectState
from django_tenants.utils import schema_context

from saas.tenants.backend.first_migrations import rendered_late

_KEY = ("id", models.BigAutoField(primary_key=True))


def adding() -> Migration:
    """Two tables, the second with a key to the first; a column, an index and two constraints afterwards."""
    made = Migration("0001_initial", "malls")
    made.operations = [
        migrations.CreateModel("Shelf", [_KEY, ("name", models.CharField(max_length=20))]),
        migrations.CreateModel(
            "Jar", [_KEY, ("shelf", models.ForeignKey("malls.Shelf", models.PROTECT, related_name="jars"))]
        ),
        migrations.AddField("Jar", "label", models.CharField(max_length=20, default="")),
        migrations.AddField("Shelf", "first", models.ForeignKey("malls.Jar", models.PROTECT, null=True)),
        migrations.AddIndex("Jar", models.Index(fields=["label"], name="late_label")),
        migrations.AddConstraint("Jar", models.UniqueConstraint(fields=["shelf", "label"], name="late_one")),
        migrations.AddConstraint("Shelf", models.CheckConstraint(condition=~models.Q(name=""), name="late_named")),
    ]
    return made


def changing(seen: list[object]) -> Migration:
    """A changed key, which Django follows to whoever points at it, and code that reads the models."""

    def look(state_apps, editor):
        jar, shelf = state_apps.get_model("malls", "Jar"), state_apps.get_model("malls", "Shelf")
        seen.append([constraint.name for constraint in jar._meta.constraints + shelf._meta.constraints])
        seen.append(sorted(field.name for field in shelf._meta.get_fields()))
        seen.append(jar._meta.get_field("shelf").related_model is shelf)

    made = Migration("0002_changed", "malls")
    made.operations = [
        migrations.AlterField("Shelf", "id", models.UUIDField(primary_key=True)),
        migrations.RunPython(look, migrations.RunPython.noop),
    ]
    return made


def written(block: contextlib.AbstractContextManager[None]) -> tuple[list[str], list[object], ProjectState]:
    seen: list[object] = []
    state = ProjectState()
    assert state.apps is not None  # as the executor does: rendered before the first
    with block, schema_context("public"), connection.schema_editor(collect_sql=True, atomic=False) as editor:
        for migration in (adding(), changing(seen)):
            for operation in migration.operations:
                operation.reduces_to_sql = True
            state = migration.apply(state, editor)
    return editor.collected_sql, seen, state


def test_the_statements_are_the_same_and_later_migrations_see_everything(db):
    plain, seen, state = written(contextlib.nullcontext())
    late, seen_late, state_late = written(rendered_late())
    assert late == plain
    assert len([line for line in late if line.startswith("CREATE TABLE")]) == 2
    assert any('"malls_jar"' in line and "uuid" in line for line in late)  # the key that points there has followed
    assert seen_late == seen == [["late_one", "late_named"], ["first", "id", "jars", "name"], True]
    assert state_late == state


def test_django_is_as_it_was_afterwards():
    before = (Migration.apply, ProjectState._find_reload_model, ProjectState._append_option)
    with contextlib.suppress(ZeroDivisionError), rendered_late():
        assert Migration.apply is not before[0]
        raise ZeroDivisionError
    assert (Migration.apply, ProjectState._find_reload_model, ProjectState._append_option) == before
