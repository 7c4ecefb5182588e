"""Fresh databases are migrated in a fraction of the time: models that nobody reads between two operations are not rendered.

Django renders a model anew, with all that is related to it, after each operation of a migration. A migration that only adds
(tables, columns, indexes, constraints, SQL of its own) looks at nothing but the one model it adds to: there this is left out.
Before the first migration that does anything else, and before what follows migrations, everything is rendered as always.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.migrations import operations
from django.db.migrations.migration import Migration
from django.db.migrations.state import ProjectState

_ADDING = (
    operations.CreateModel,
    operations.AddField,
    operations.AddIndex,
    operations.AddConstraint,
    operations.AlterUniqueTogether,
    operations.RunSQL,
)
_MARK = "_only_added"


@contextmanager
def rendered_late() -> Iterator[None]:
    """`migrate` inside this block renders models late. Not for several threads at once: it changes Django's classes."""
    states: Any = ProjectState
    single: Any = Migration
    kept = (single.apply, states._find_reload_model, states._append_option)
    apply, find, append = kept

    def apply_late(migration: Migration, state: Any, *args: Any, **options: Any) -> Any:
        adds = all(type(operation) in _ADDING for operation in migration.operations)
        if adds and "apps" in state.__dict__:
            state.is_delayed = True  # Django's own mark: whoever needs whole models renders them first
            setattr(state, _MARK, True)
            try:
                return apply(migration, state, *args, **options)
            finally:
                setattr(state, _MARK, False)
        if state.is_delayed:
            state.clear_delayed_apps_cache()
            state.is_delayed = False
            state.apps  # noqa: B018  (a cached property: renders every model once)
        return apply(migration, state, *args, **options)

    def find_late(state: Any, app_label: str, model_name: str, delay: bool = False) -> Any:
        return {(app_label, model_name)} if getattr(state, _MARK, False) else find(state, app_label, model_name, delay)

    def append_late(state: Any, app_label: str, model_name: str, option: str, added: object) -> None:
        if not getattr(state, _MARK, False):
            append(state, app_label, model_name, option, added)
            return
        model = state.models[app_label, model_name]
        model.options[option] = [*model.options[option], added]

    single.apply = apply_late
    states._find_reload_model, states._append_option = find_late, append_late
    try:
        yield
    finally:
        single.apply, states._find_reload_model, states._append_option = kept
