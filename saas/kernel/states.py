"""State machines as data: a table of transitions, checked in one place."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from saas.kernel.errors import DomainError

S = TypeVar("S", bound=StrEnum)


class IllegalTransition(DomainError):
    """The document is in a state from which this step is not allowed."""

    code = "illegal_transition"
    http_status = 409
    message = "This cannot be done now: the state is “{current}”, and “{wanted}” does not follow it."


def check_transition(table: Mapping[S, frozenset[S]], current: S, wanted: S) -> None:
    """Raise IllegalTransition unless `table` allows `current` → `wanted`."""
    if wanted not in table.get(current, frozenset()):
        raise IllegalTransition(current=str(current), wanted=str(wanted))
