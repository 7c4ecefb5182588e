"""The mall's own folder for pictures and files, named by its ULID so that it moves with the mall (SCALE 4.8)."""

import secrets
import shutil
from pathlib import Path

from django.conf import settings

from provisioning.steps.context import Context


class StorageNotWritable(RuntimeError):
    """What was written could not be read back."""


def ensure(context: Context) -> str:
    """Make the folder and prove that what is written there can be read."""
    folder = _folder(context)
    folder.mkdir(parents=True, exist_ok=True)
    probe, word = folder / f".probe-{secrets.token_hex(4)}", secrets.token_hex(16)
    try:
        probe.write_text(word)
        if probe.read_text() != word:
            raise StorageNotWritable(str(folder))
    finally:
        probe.unlink(missing_ok=True)
    return "folder ready, written to and read back"


def remove(context: Context) -> str:
    """Delete the folder with everything in it."""
    folder = _folder(context)
    if not folder.exists():
        return "folder was not there"
    shutil.rmtree(folder)
    return "folder deleted"


def _folder(context: Context) -> Path:
    return Path(settings.MEDIA_ROOT) / "t" / context.mall
