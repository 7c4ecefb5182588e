"""The file of an import: staged in the storage by whoever brought it, found again by its name and digest."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.files.base import ContentFile

from provisioning.archives import bundles, rules, shelves
from provisioning.archives.bundles import ArchiveRefused, Reader
from provisioning.executor import schema as template
from provisioning.rules import NotRepeatable
from provisioning.steps.context import Context
from saas.tenants.malls.storage import mall_storage, own_folder


@contextmanager
def opened(context: Context) -> Iterator[Reader]:
    """The export that the order names. Raises NotRepeatable: it is gone, damaged or another."""
    part = context.order["import"]
    try:
        with shelves.reading(part["file"]) as path:
            if bundles.file_digest(path) != part["sha256"]:
                raise NotRepeatable("the staged file is not the one that was looked at")
            with bundles.opened(path, wanted=rules.EXPORT_FORMAT) as reader:
                yield reader
    except ArchiveRefused as refused:
        raise NotRepeatable(refused.english) from None
    except FileNotFoundError:
        raise NotRepeatable("the file to import is no longer in the storage") from None


def check(context: Context) -> str:
    """Read it through once."""
    with opened(context) as reader:
        require_same_release(reader)
        reader.check()
        return f"export {reader.manifest['export']} of {reader.manifest['taken_at']} is whole"


def require_same_release(reader: Reader) -> None:
    """Raises ArchiveRefused when the rows are of other migrations than the code's."""
    theirs, ours = str(reader.manifest.get("migrations")), template.migrations_hash()
    if theirs != ours:
        raise ArchiveRefused("other_migrations", f"{theirs} ≠ {ours}")


def folders(context: Context, reader: Reader) -> tuple[str, str]:
    """The media folder in the file's rows, and the new mall's."""
    return own_folder(str(reader.manifest["mall"]["ulid"])), own_folder(context.mall)


def unpack_media(context: Context) -> str:
    """Pictures into the mall's folder; what is there with the right size stays."""
    storage, own, count = mall_storage(), own_folder(context.mall), 0
    here = dict(storage.walk(own))
    with opened(context) as reader:
        for one in reader.manifest["media"]:
            name = f"{own}{one['name']}"
            content = b"".join(reader.blocks(f"media/{one['name']}"))
            if here.get(name) == len(content):
                continue
            storage.delete(name)
            storage.save(name, ContentFile(content))
            count += 1
        return f"{count} of {len(reader.manifest['media'])} pictures unpacked"


def delete(context: Context) -> None:
    """The file has served."""
    shelves.delete(context.order["import"]["file"])
