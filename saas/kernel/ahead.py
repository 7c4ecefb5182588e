"""Several keys of the cache asked for at once, where a page is known to need them all: one round trip instead of many."""

from collections.abc import Callable, Iterable

from django.core.cache import cache


def read_ahead(*keys: str) -> None:
    """Read keys of the active mall (`saas.config.cache`); nothing happens with a cache that cannot."""
    ask: Callable[[Iterable[str]], None] | None = getattr(cache, "read_ahead", None)
    if ask is not None:
        ask(keys)
