"""Frozen dataclasses that are made quickly are the dataclasses they were."""

import dataclasses
from dataclasses import dataclass, field

import pytest

from saas.kernel.quick import quick


@quick
@dataclass(frozen=True)
class Point:
    x: int
    y: int = 2
    marks: list[int] = field(default_factory=list)
    name: str = field(default="p", kw_only=True)

    def __post_init__(self) -> None:
        if self.x < 0:
            raise ValueError("left of everything")


def test_parameters_defaults_and_factories_are_the_same():
    assert (Point(1).x, Point(1).y, Point(1).marks, Point(1).name) == (1, 2, [], "p")
    assert Point(1).marks is not Point(1).marks
    assert repr(Point(3, 4, [5], name="q")) == "Point(x=3, y=4, marks=[5], name='q')"
    for wrong in (lambda: Point(), lambda: Point(1, 2, [], "q"), lambda: Point(1, z=2)):
        with pytest.raises(TypeError, match="__init__"):
            wrong()


def test_it_stays_frozen_comparable_and_checked():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Point(1).x = 2  # type: ignore[misc]
    assert Point(1) == Point(1) != Point(2)
    assert dataclasses.replace(Point(1), y=7) == Point(1, 7)
    with pytest.raises(ValueError, match="left of everything"):
        Point(-1)
