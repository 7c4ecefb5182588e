"""State machines as data."""

from enum import StrEnum

import pytest

from saas.kernel.states import IllegalTransition, check_transition


class Light(StrEnum):
    RED = "red"
    GREEN = "green"


TABLE = {Light.RED: frozenset({Light.GREEN})}


def test_allows_what_the_table_says():
    check_transition(TABLE, Light.RED, Light.GREEN)


def test_refuses_everything_else():
    with pytest.raises(IllegalTransition) as refusal:
        check_transition(TABLE, Light.GREEN, Light.RED)
    assert "green" in refusal.value.text
