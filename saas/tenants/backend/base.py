"""The cell's database wrapper: django-tenants' search path, plus the write gate and the trap schema (SCALE 4.6).

Every transaction that writes to a mall first reads that mall's row FOR SHARE; a mall that is moving, moved or gone
refuses. A connection that goes back to the pool, and a process between two requests, looks at an empty trap schema.
"""

import functools
import re
from typing import Any

from django.db.backends.postgresql.schema import DatabaseSchemaEditor
from django_tenants.postgresql_backend import base as tenants_base

from saas.kernel.errors import DomainError
from saas.kernel.prepared import prepared_cursor
from saas.tenants.backend.pool import LastUsedFirst

TRAP_SCHEMA = "mall_trap"
WRITABLE_STATES = ("creating", "held", "rehearsal", "active", "suspended")
_WRITE = re.compile(r"\s*(?:INSERT|UPDATE|DELETE|MERGE|TRUNCATE|WITH\b.*?\b(?:INSERT|UPDATE|DELETE))\b", re.I | re.S)
_GATE = "SELECT state, epoch, clock_offset_seconds FROM public.malls_mall WHERE schema_name = %s FOR SHARE"


class MallNotWritable(DomainError):
    """The mall is moving, has moved or is gone: try again elsewhere or later."""

    code = "mall_not_writable"
    http_status = 503
    message = "This mall is being moved and cannot take changes for a moment. Please try again."


class MallClockMoved(DomainError):
    """The rehearsal's clock went on since this work read it: what it reckoned is of another day."""

    code = "mall_clock_moved"
    http_status = 503
    message = "The clock of this rehearsal has just been moved on. Please try again."


class WriteOutsideTransaction(RuntimeError):
    """A mall was written to in autocommit: a programming error, since the gate's lock would be gone at once."""


@functools.lru_cache(maxsize=4096)
def _writes(statement: str) -> bool:
    return _WRITE.match(statement) is not None


class TrapTenant:
    """What a connection looks at while no mall is active: a schema without tables, and not even public."""

    schema_name = TRAP_SCHEMA
    ulid = ""
    domain_url = None

    def get_tenant_type(self) -> str:
        return "trap"


class SchemaEditor(DatabaseSchemaEditor):
    """Makes no second index for LIKE beside each index of a text column: a sixth of a mall's relations, and of no use.

    A cell's database collates by code point (`C.UTF-8`), where the ordinary index serves `LIKE 'prefix%'` too.
    """

    def _create_like_index_sql(self, model: Any, field: Any) -> None:
        return None


class DatabaseWrapper(tenants_base.DatabaseWrapper):
    """One a process and thread; `schema_name` says which mall is active."""

    SchemaEditorClass = SchemaEditor

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._gate_schema: str | None = None
        self.gate_count = 0
        self.ungated = False  # set only by provisioning while it migrates a schema that has no mall row (the template)
        super().__init__(*args, **kwargs)
        self.execute_wrappers.append(self._gate)

    @property
    def pool(self) -> Any:
        """Django's, but ours of its kind."""
        options = self.settings_dict["OPTIONS"].get("pool")
        if options and self.alias not in self._connection_pools:
            how = {**self.get_connection_params(), "autocommit": True}
            configure: Any = self._configure_connection
            made = LastUsedFirst(kwargs=how, open=False, configure=configure, **options)
            self._connection_pools.setdefault(self.alias, made)
        return super().pool

    def _configure_connection(self, connection: Any) -> bool:
        """Statements that are prepared are planned once: left to itself, the server plans some anew at every use."""
        super()._configure_connection(connection)
        connection.execute("SET plan_cache_mode = force_generic_plan")
        return True

    def set_trap(self) -> None:
        """Leave whatever mall was active; the next query outside an activation fails loudly."""
        self.set_tenant(TrapTenant(), include_public=False)

    def _gate(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        schema = self.schema_name
        if schema in ("public", TRAP_SCHEMA) or self._gate_schema == schema or not _writes(str(sql)):
            return execute(sql, params, many, context)
        if self.ungated:
            return execute(sql, params, many, context)
        if not self.in_atomic_block:
            raise WriteOutsideTransaction(f"write to mall {schema} outside a transaction: {str(sql)[:80]}")
        with prepared_cursor(self) as cursor:
            cursor.execute(_GATE, [schema])
            row = cursor.fetchone()
        self.gate_count += 1
        if row is None or row[0] not in WRITABLE_STATES:
            raise MallNotWritable
        if getattr(self.tenant, "clock_offset_seconds", row[2]) != row[2]:
            raise MallClockMoved
        self._gate_schema = schema
        return execute(sql, params, many, context)

    def set_autocommit(self, *args: Any, **kwargs: Any) -> None:
        self._gate_schema = None
        super().set_autocommit(*args, **kwargs)

    def rollback(self) -> None:
        self._gate_schema = None
        super().rollback()

    def savepoint_rollback(self, sid: str) -> None:
        # The row lock may have been taken after the savepoint: take it again.
        self._gate_schema = None
        super().savepoint_rollback(sid)

    def set_tenant(self, tenant: Any, include_public: bool = True) -> None:
        self._gate_schema = None
        super().set_tenant(tenant, include_public)

    def _close(self) -> None:
        if self.connection is not None and self.pool and not self.connection.closed:
            try:
                self.connection.rollback()
                with self.connection.cursor() as cursor:
                    cursor.execute(f"SET search_path = {TRAP_SCHEMA}")
            except self.Database.Error:
                self.connection.close()
        super()._close()
