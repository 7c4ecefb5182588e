"""The SQL of the migrations that a mall lacks: captured once while the first mall is migrated, replayed in all others.

Migrations whose operations all reduce to SQL are replayed as text in one transaction a mall; one with Python in it is
run by Django's executor in each mall. Everything happens in the schema that is active, as the role that owns the tables.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.core.management.sql import emit_post_migrate_signal
from django.db import connection
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations import SeparateDatabaseAndState
from django.db.migrations.operations.base import Operation
from psycopg import sql

Key = tuple[str, str]

_SHAPE = """
WITH relation AS MATERIALIZED (
  SELECT oid, relname, relkind FROM pg_class WHERE relnamespace = %(schema)s::regnamespace AND relkind IN ('r', 'p', 'i'))
SELECT md5(coalesce(string_agg(part, '|' ORDER BY part), '')) FROM (
  SELECT c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull AS part
    FROM relation c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
   WHERE c.relkind <> 'i'
  UNION ALL SELECT 'index ' || relname FROM relation WHERE relkind = 'i'
  UNION ALL SELECT 'constraint ' || k.conname || k.contype::text
    FROM relation c JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype <> 'n' WHERE c.relkind <> 'i'
  UNION ALL SELECT 'trigger ' || t.tgname
    FROM relation c JOIN pg_trigger t ON t.tgrelid = c.oid AND NOT t.tgisinternal WHERE c.relkind <> 'i') parts"""


class ShapeDiffers(RuntimeError):
    """After the replay a mall does not look like the first one: its transaction is undone, an operator looks."""


@dataclass(frozen=True)
class Segment:
    """Migrations in a row of one kind: `text` replays them, or there is none and the executor runs them."""

    migrations: tuple[Key, ...]
    text: str | None


@dataclass
class Script:
    """What brings a mall from one version to the code's."""

    applied: frozenset[Key]  # what a mall must have, to be brought on by it
    segments: list[Segment]
    extras: str = ""  # content types and permissions: post_migrate is not sent by a replay
    shape: str = ""
    is_atomic: bool = True

    @property
    def is_replayed(self) -> bool:
        """Whether it is text alone."""
        return all(segment.text is not None for segment in self.segments)


@dataclass
class _Book:
    """Statements by migration, as the schema editor was given them."""

    current: Key | None = None
    statements: dict[Key, list[str]] = field(default_factory=dict)

    def note(self, text: str) -> None:
        if self.current is not None:
            self.statements.setdefault(self.current, []).append(text.rstrip().rstrip(";"))


def applied_migrations() -> frozenset[Key]:
    """What the active mall's own table says."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations")
        return frozenset(cursor.fetchall())


def plan() -> list[Migration]:
    """The migrations that the active mall lacks, in order."""
    executor = MigrationExecutor(connection)
    return [migration for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]


def is_pure(migration: Migration) -> bool:
    """Whether every operation reduces to SQL, and all of it may be one transaction."""
    return bool(migration.atomic) and all(_reduces(operation) for operation in migration.operations)


def _reduces(operation: Operation) -> bool:
    if isinstance(operation, SeparateDatabaseAndState):
        return all(_reduces(one) for one in operation.database_operations)
    return bool(operation.reduces_to_sql)


def capture(schema: str) -> Script:
    """Migrate the active mall by the executor and keep what it ran. In the caller's transaction if `is_atomic`."""
    before, known = applied_migrations(), _registered()
    book = _Book()

    def follow(action: str, migration: Any = None, fake: bool = False) -> None:
        if action == "apply_start":
            book.current = (migration.app_label, migration.name)
        elif action == "apply_success":
            book.current = None

    executor = MigrationExecutor(connection, progress_callback=follow)  # type: ignore[arg-type]
    targets = executor.loader.graph.leaf_nodes()
    todo = [migration for migration, _ in executor.migration_plan(targets)]
    with _written_down(book):
        state = executor.migrate(targets)
    emit_post_migrate_signal(verbosity=0, interactive=False, db=connection.alias, apps=state.apps)
    return Script(
        applied=before,
        segments=_segments(todo, book),
        extras=_extras(known),
        shape=shape_of(schema),
        is_atomic=all(migration.atomic for migration in todo),
    )


def _segments(todo: Iterable[Migration], book: _Book) -> list[Segment]:
    found: list[Segment] = []
    for migration in todo:
        key = (migration.app_label, migration.name)
        if not is_pure(migration):
            found.append(Segment((key,), None))
            continue
        text = "".join(f"{statement};\n" for statement in book.statements.get(key, [])) + _recorded(key)
        if found and found[-1].text is not None:
            found[-1] = Segment((*found[-1].migrations, key), found[-1].text + text)
        else:
            found.append(Segment((key,), text))
    return found


def _recorded(key: Key) -> str:
    statement = sql.SQL("INSERT INTO django_migrations (app, name, applied) VALUES ({}, {}, now());\n")
    return statement.format(*map(sql.Literal, key)).as_string(None)


def _registered() -> tuple[set[tuple[Any, ...]], set[tuple[Any, ...]]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT app_label, model FROM django_content_type")
        types = set(cursor.fetchall())
        cursor.execute(
            "SELECT t.app_label, t.model, p.codename, p.name FROM auth_permission p"
            " JOIN django_content_type t ON t.id = p.content_type_id"
        )
        return types, set(cursor.fetchall())


def _extras(known: tuple[set[tuple[Any, ...]], set[tuple[Any, ...]]]) -> str:
    types, permissions = (new - old for new, old in zip(_registered(), known, strict=True))
    of_type = sql.SQL("INSERT INTO django_content_type (app_label, model) VALUES ({}, {}) ON CONFLICT DO NOTHING;\n")
    of_permission = sql.SQL(
        "INSERT INTO auth_permission (content_type_id, codename, name) SELECT id, {codename}, {name} FROM"
        " django_content_type WHERE app_label = {app} AND model = {model} ON CONFLICT DO NOTHING;\n"
    )
    lines = [of_type.format(*map(sql.Literal, row)).as_string(None) for row in sorted(types)]
    for app, model, codename, name in sorted(permissions):
        values = {"app": app, "model": model, "codename": codename, "name": name}
        lines.append(of_permission.format(**{key: sql.Literal(value) for key, value in values.items()}).as_string(None))
    return "".join(lines)


def run_segment(segment: Segment) -> None:
    """Bring the active mall on by one segment."""
    if segment.text is not None:
        with connection.cursor() as cursor:
            cursor.cursor.execute(segment.text)  # many statements and no parameters: one trip, one transaction
        return
    executor = MigrationExecutor(connection)
    executor.migrate([segment.migrations[-1]])


def run_text(text: str) -> None:
    """Run statements in the active mall."""
    if text:
        with connection.cursor() as cursor:
            cursor.cursor.execute(text)


def shape_of(schema: str) -> str:
    """A digest of the columns, indexes, constraints and triggers of a schema."""
    with connection.cursor() as cursor:
        cursor.execute(_SHAPE, {"schema": schema})
        return str(cursor.fetchone()[0])


@contextmanager
def _written_down(book: _Book) -> Iterator[None]:
    original: Any = connection.SchemaEditorClass

    class WritingEditor(original):  # type: ignore[misc, valid-type]
        def execute(self, statement: Any, params: Any = ()) -> Any:
            book.note(str(statement) if params is None else self.connection.ops.compose_sql(str(statement), params))
            return super().execute(statement, params)

    connection.SchemaEditorClass = WritingEditor  # type: ignore[misc, assignment]
    try:
        yield
    finally:
        connection.SchemaEditorClass = original  # type: ignore[misc]
