"""The garbage collector of processes that live long: what was loaded at the start is never looked at again."""

import gc


def settle() -> None:
    """Call once everything is loaded. Most objects of a request die by their count; a full collection looks at all others."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
