"""The mall's own part of the media storage, named by its ULID so that it moves with the mall (SCALE 4.8)."""

import secrets

from django.core.files.base import ContentFile

from provisioning.steps.context import Context
from saas.tenants.malls.storage import mall_storage, own_folder


class StorageNotWritable(RuntimeError):
    """What was written could not be read back."""


def ensure(context: Context) -> str:
    """Prove that what is written into the mall's folder can be read."""
    storage, word = mall_storage(), secrets.token_hex(16)
    name = storage.save(f"{own_folder(context.mall)}.probe-{secrets.token_hex(4)}", ContentFile(word.encode()))
    try:
        with storage.open(name) as file:
            if file.read().decode() != word:
                raise StorageNotWritable(own_folder(context.mall))
    finally:
        storage.delete(name)
    return "folder ready, written to and read back"


def remove(context: Context) -> str:
    """Delete everything of the mall."""
    return f"{mall_storage().delete_folder(own_folder(context.mall))} files deleted"
