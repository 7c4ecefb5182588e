"""Rows, pictures, dictionary and manifest in one zip, streamed to the storage."""

from provisioning.archives import exports, shelves
from provisioning.rules import NotRepeatable
from provisioning.steps.context import Context


def ensure(context: Context) -> str:
    """Pack. Taken up again it begins anew: a half-written file never has the name."""
    try:
        made = exports.package(context.mall, context.run)
    except FileNotFoundError:
        raise NotRepeatable("the staged rows are gone: ask for a new export") from None
    return f"{made['size'] / 1e6:.1f} MB, sha256 {made['sha256']}"


def remove(context: Context) -> str:
    """Delete the file."""
    shelves.delete(exports.file_name(context.mall, context.run))
    return "file deleted"
