"""Connections to the two cells of a move. An order names secrets; this process must have been given their values."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from django.conf import settings

from provisioning.executor import schema
from provisioning.steps.context import MovePlan

LOCK_TIMEOUT_SECONDS = 15


class SecretMissing(RuntimeError):
    """This worker was not given the address of the other cell's database."""


def variable(reference: str) -> str:
    """The environment variable that holds a secret: `cells/c2/owner-url` → `CELLS_C2_OWNER_URL`."""
    return "".join(letter if letter.isalnum() else "_" for letter in reference).upper()


def secret(reference: str) -> str | None:
    """The value of a secret, from its variable or from the file that `<variable>_FILE` names; None without either."""
    name = variable(reference)
    if file := os.environ.get(f"{name}_FILE"):
        return Path(file).read_text().strip()
    return os.environ.get(name)


def database_url(cell: str, reference: str) -> str:
    """The address of a cell's database as its owner. Raises SecretMissing."""
    if cell == settings.CELL:
        return schema.owner_url()
    found = secret(reference) if reference else None
    if not found:
        raise SecretMissing(
            f"set {variable(reference) or '(no secret is registered)'} for the workers of {settings.CELL}"
        )
    return found


def source_url(plan: MovePlan) -> str:
    """The database that the mall leaves."""
    return database_url(plan.source, plan.source_database)


def target_url(plan: MovePlan) -> str:
    """The database that the mall goes to."""
    return database_url(plan.target, plan.target_database)


def replication_url(cell: str, reference: str) -> str:
    """The same database as a role that may replicate: `<variable>_REPLICATION`, else the owner. Raises SecretMissing."""
    return secret(f"{reference}-replication") or database_url(cell, reference)


@contextmanager
def source(plan: MovePlan) -> Iterator[psycopg.Connection]:
    """One transaction in the cell that the mall leaves."""
    with _open(source_url(plan)) as connection:
        yield connection


@contextmanager
def target(plan: MovePlan) -> Iterator[psycopg.Connection]:
    """One transaction in the cell that the mall goes to."""
    with _open(target_url(plan)) as connection:
        yield connection


@contextmanager
def replicating(cell: str, reference: str) -> Iterator[psycopg.Connection]:
    """A cell's database as a role that may publish and subscribe, without transactions: slots know none."""
    with _open(replication_url(cell, reference)) as connection:
        connection.autocommit = True
        yield connection


def _open(url: str) -> psycopg.Connection:
    options = f"-c lock_timeout={LOCK_TIMEOUT_SECONDS}s -c timezone=UTC -c datestyle=ISO -c extra_float_digits=1"
    return psycopg.connect(url, connect_timeout=10, options=options)
