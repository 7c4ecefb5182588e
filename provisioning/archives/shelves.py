"""Where files of this kind lie in the installation's storage, disk or bucket: written as a stream, read at will."""

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Protocol

from django.conf import settings

from saas.tenants.malls.storage import BucketStorage, DiskStorage, mall_storage, own_folder

_PART = 8 * 1024 * 1024  # S3 takes no smaller part but the last
_BLOCK = 1024 * 1024


class Shelf(Protocol):
    """A file that is being written: it appears under its name when it is closed, whole, or never."""

    size: int

    def write(self, data: bytes) -> int: ...

    def flush(self) -> None: ...

    def sha256(self) -> str: ...

    def keep(self) -> None: ...

    def drop(self) -> None: ...


def backup_name(mall: str, ulid: str) -> str:
    """Of a backup: outside the mall's own folder, since it must outlast it."""
    return f"backups/{mall}/{ulid}.mwb"


def backup_folder(mall: str) -> str:
    """Of all backups of a mall."""
    return f"backups/{mall}/"


def kept_folder(mall: str, ulid: str) -> str:
    """Of the pictures of a demo's seed, kept beside its backup."""
    return f"{backup_folder(mall)}{ulid}.media/"


def export_folder(mall: str) -> str:
    """Of a mall's exports: private, and no part of an export or a backup."""
    return f"{own_folder(mall)}private/exports/"


def arrival_name(ulid: str) -> str:
    """Of a file that waits to be imported."""
    return f"arrivals/{ulid}.zip"


class _Disk:
    def __init__(self, storage: DiskStorage, name: str) -> None:
        self._wanted = Path(storage.path(name))
        self._wanted.parent.mkdir(parents=True, exist_ok=True)
        self._partial = self._wanted.with_name(f".{self._wanted.name}.partial")
        self._file: IO[bytes] = self._partial.open("wb")
        os.chmod(self._partial, 0o600)
        self._sum, self.size = hashlib.sha256(), 0

    def write(self, data: bytes) -> int:
        self._sum.update(data)
        self.size += len(data)
        return self._file.write(data)

    def flush(self) -> None:
        self._file.flush()

    def sha256(self) -> str:
        return self._sum.hexdigest()

    def keep(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._partial.rename(self._wanted)

    def drop(self) -> None:
        self._file.close()
        self._partial.unlink(missing_ok=True)


class _Bucket:
    def __init__(self, storage: BucketStorage, name: str) -> None:
        self._client, self._where = storage.client, {"Bucket": settings.MEDIA_BUCKET, "Key": name}
        self._upload: str = self._client.create_multipart_upload(**self._where)["UploadId"]
        self._parts: list[dict[str, Any]] = []
        self._waiting, self._sum, self.size = bytearray(), hashlib.sha256(), 0

    def write(self, data: bytes) -> int:
        self._sum.update(data)
        self.size += len(data)
        self._waiting += data
        while len(self._waiting) >= _PART:
            self._send(bytes(self._waiting[:_PART]))
            del self._waiting[:_PART]
        return len(data)

    def flush(self) -> None:
        """Parts are sent when they are full."""

    def sha256(self) -> str:
        return self._sum.hexdigest()

    def keep(self) -> None:
        self._send(bytes(self._waiting))
        self._client.complete_multipart_upload(
            **self._where, UploadId=self._upload, MultipartUpload={"Parts": self._parts}
        )

    def drop(self) -> None:
        self._client.abort_multipart_upload(**self._where, UploadId=self._upload)

    def _send(self, part: bytes) -> None:
        number = len(self._parts) + 1
        answer = self._client.upload_part(**self._where, UploadId=self._upload, PartNumber=number, Body=part)
        self._parts.append({"ETag": answer["ETag"], "PartNumber": number})


@contextlib.contextmanager
def writing(name: str) -> Iterator[Shelf]:
    """A file to be written; kept when the block ends well, else nothing of it stays."""
    storage = mall_storage()
    shelf: Shelf = _Bucket(storage, name) if isinstance(storage, BucketStorage) else _Disk(storage, name)
    try:
        yield shelf
        shelf.keep()
    except BaseException:
        with contextlib.suppress(Exception):
            shelf.drop()
        raise


@contextlib.contextmanager
def reading(name: str) -> Iterator[Path]:
    """A stored file as one on this machine. Raises FileNotFoundError."""
    storage = mall_storage()
    if isinstance(storage, DiskStorage):
        path = Path(storage.path(name))
        if not path.is_file():
            raise FileNotFoundError(name)
        yield path
        return
    storage.size(name)
    descriptor, temporary = tempfile.mkstemp(prefix="mallwright-", suffix=Path(name).suffix)
    try:
        with os.fdopen(descriptor, "wb") as file:
            storage.client.download_fileobj(settings.MEDIA_BUCKET, name, file)
        yield Path(temporary)
    finally:
        Path(temporary).unlink(missing_ok=True)


def blocks(file: IO[bytes]) -> Iterator[bytes]:
    """The content in blocks."""
    while block := file.read(_BLOCK):
        yield block


def media(mall: str) -> Iterator[tuple[str, int]]:
    """The mall's files that belong to it for good: name within its folder, bytes. Exports and uploads under way are not."""
    prefix = own_folder(mall)
    for name, size in mall_storage().walk(prefix):
        own = name.removeprefix(prefix)
        if not own.startswith(("private/exports/", "private/uploads/", ".")):
            yield own, size


def delete(name: str) -> None:
    """Delete a file; one that is not there is no error."""
    with contextlib.suppress(FileNotFoundError):
        mall_storage().delete(name)
