"""Proof that the mall works in its new cell: its storefront answers there."""

from provisioning.steps import smoke_test
from provisioning.steps.context import Context


def ensure(context: Context) -> str:
    """Ask for the home page as a shopper's browser would. Raises SmokeTestFailed."""
    seconds = smoke_test.check_storefront(context)
    return f"storefront answered 200 in {seconds * 1000:.0f} ms"


def remove(context: Context) -> str:
    """Nothing was made."""
    return "nothing to undo"
