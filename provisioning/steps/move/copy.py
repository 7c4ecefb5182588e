"""The mall's schema, dumped from one cell straight into the other, in one transaction there."""

import subprocess

from django.conf import settings
from psycopg import sql

from provisioning.executor import schema
from provisioning.processes import die_with_us
from provisioning.steps.context import Context, MovePlan
from provisioning.steps.move import sides
from saas.kernel.crashpoint import crashpoint
from saas.messaging.bus import moving as events
from saas.tenants.backend.grants import grant_statements
from saas.tenants.malls import moving


class DumpFailed(RuntimeError):
    """pg_dump or pg_restore ended with an error; nothing of it is kept."""


def ensure(context: Context) -> str:
    """Copy the schema whole; a copy that is there already is made anew. Raises DumpFailed, MoveOvertaken."""
    plan = context.move
    with sides.source(plan) as source:
        if moving.has_left(source, context.mall, epoch=plan.epoch, target=plan.target):
            return "the mall has left already; its copy stays as it is"
        moving.require_frozen(source, context.mall, epoch=plan.epoch)
    drop_copy(context)
    cross(plan, context.schema, [])
    crashpoint("provision.copy.restored")
    grant(plan, context.schema)
    return f"schema {context.schema} copied"


def remove(context: Context) -> str:
    """Drop what was copied so far and forget that the mall was expected. A mall that opened there stays."""
    dropped = drop_copy(context)
    return f"the copy in {context.move.target} {'was dropped' if dropped else 'was not begun'}"


def drop_copy(context: Context) -> bool:
    """Drop the half-made schema and events in the cell that the mall goes to; whether there was a schema."""
    with sides.target(context.move) as target:
        there = schema.exists(target, context.schema)
        target.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(context.schema)))
        if moving.forget_arrival(target, context.mall):
            events.forget_events(target, context.mall)
    return there


def cross(plan: MovePlan, name: str, options: list[str]) -> None:
    """pg_dump of one schema piped into pg_restore, all or nothing. Raises DumpFailed."""
    tools = schema.pg_dump().parent
    dump = [str(tools / "pg_dump"), "-Fc", "-Z0", "-n", name, "--no-owner", "--no-acl", "--no-publications", *options]
    restore = [str(tools / "pg_restore"), "-1", "--no-owner", "--no-acl", "-d", sides.target_url(plan)]
    giving = subprocess.Popen(
        [*dump, "-d", sides.source_url(plan)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=die_with_us
    )
    taking = subprocess.Popen(restore, stdin=giving.stdout, stderr=subprocess.PIPE, preexec_fn=die_with_us)
    assert giving.stdout is not None and giving.stderr is not None
    giving.stdout.close()
    _, restored = taking.communicate()
    dumped = giving.stderr.read()
    giving.stderr.close()
    if giving.wait() or taking.returncode:
        raise DumpFailed((dumped + restored).decode(errors="replace")[-1500:])


def grant(plan: MovePlan, name: str) -> None:
    """The app role's rights on the copy, as every mall has them."""
    with sides.target(plan) as target:
        for statement in grant_statements(name, settings.TENANT_APPS):
            target.execute(statement)
