"""Frozen dataclasses that are made by the hundred thousand. Pure."""

import dataclasses
from collections.abc import Callable
from typing import Any, TypeVar

_T = TypeVar("_T")
_UNGIVEN: Any = object()


def quick(cls: type[_T]) -> type[_T]:
    """Give a frozen dataclass without slots an `__init__` that puts its fields straight into the instance.

    The one that dataclasses make for a frozen class sets each field by a call of its own, three times the cost. Same
    parameters, defaults and `__post_init__`; still frozen.
    """
    scope: dict[str, Any] = {"_ungiven": _UNGIVEN}
    fields = [field for field in dataclasses.fields(cls) if field.init]  # type: ignore[arg-type]
    placed = [_parameter(field, scope) for field in fields if not field.kw_only]
    named = [_parameter(field, scope) for field in fields if field.kw_only]
    lines = [
        f"def __init__({', '.join(['self', *placed, *(['*', *named] if named else [])])}):",
        " into = self.__dict__",
        *(f" into[{field.name!r}] = {_value(field)}" for field in fields),
        *([" self.__post_init__()"] if hasattr(cls, "__post_init__") else []),
    ]
    exec("\n".join(lines), scope)  # noqa: S102 - names of fields alone, as dataclasses do it
    made: Callable[..., None] = scope["__init__"]
    made.__qualname__ = f"{cls.__qualname__}.__init__"
    made.__annotations__ = cls.__init__.__annotations__
    setattr(cls, "__init__", made)  # noqa: B010 - mypy forbids the assignment
    return cls


def _parameter(field: "dataclasses.Field[Any]", scope: dict[str, Any]) -> str:
    if field.default is not dataclasses.MISSING:
        scope[f"_of_{field.name}"] = field.default
        return f"{field.name}=_of_{field.name}"
    if field.default_factory is not dataclasses.MISSING:
        scope[f"_make_{field.name}"] = field.default_factory
        return f"{field.name}=_ungiven"
    return field.name


def _value(field: "dataclasses.Field[Any]") -> str:
    if field.default_factory is dataclasses.MISSING:
        return field.name
    return f"_make_{field.name}() if {field.name} is _ungiven else {field.name}"
