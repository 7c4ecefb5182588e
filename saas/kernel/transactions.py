"""The outermost transaction of a use case, repeated when PostgreSQL asks for it (deadlock, serialization failure)."""

import functools
import random
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection, transaction

_P = ParamSpec("_P")
_R = TypeVar("_R")
ATTEMPTS = 10
_RETRYABLE = frozenset({"40001", "40P01"})


def retried_transaction(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """`transaction.atomic` for a service that posts: the whole function runs again after a deadlock, up to ten times.

    Inside a transaction that is already open it only calls through: the outermost one repeats. The function must have
    no effect outside the database.
    """
    return _retried(function, inside=function)


def retried_or_savepoint(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """As `retried_transaction`; inside an open transaction the function gets a savepoint: a refusal leaves the caller's work."""
    return _retried(function, inside=transaction.atomic(function))


def _retried(function: Callable[_P, _R], *, inside: Callable[_P, _R]) -> Callable[_P, _R]:
    @functools.wraps(function)
    def run(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        if connection.in_atomic_block:
            return inside(*args, **kwargs)
        attempt = 0
        while True:
            attempt += 1
            try:
                with transaction.atomic():
                    return function(*args, **kwargs)
            except OperationalError as error:
                if getattr(error.__cause__, "sqlstate", None) not in _RETRYABLE or attempt == ATTEMPTS:
                    raise
            time.sleep(random.uniform(0, 0.004 * 2 ** min(attempt, 6)))

    return run
