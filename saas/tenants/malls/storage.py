"""Where malls' files lie: a folder on disk, or a bucket that speaks S3. A mall's keys begin with `t/<its ULID>/`, in
every cell the same, so that a mall that moves keeps them; inside a mall no other name is read or written."""

import io
import posixpath
import shutil
from collections.abc import Iterator
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, Storage, default_storage
from django.db import connection
from django.utils.deconstruct import deconstructible

_BATCH = 1000  # keys that one S3 request may delete
_MISSING = {"404", "NoSuchKey", "NotFound"}


def own_folder(mall: str) -> str:
    """The prefix of every key of the mall with this ULID."""
    return f"t/{mall}/"


def check_own(name: str) -> str:
    """`name`, if it lies in the active mall's folder or no mall is active. Raises SuspiciousFileOperation."""
    if posixpath.normpath(name) != name.rstrip("/") or name.startswith(("/", "..")):
        raise SuspiciousFileOperation(f"not a plain path: {name!r}")
    mall = getattr(getattr(connection, "tenant", None), "ulid", "")
    if mall and not name.startswith(own_folder(str(mall))):
        raise SuspiciousFileOperation(f"{name!r} is not a file of this mall")
    return name


@deconstructible(path="saas.tenants.malls.storage.DiskStorage")
class DiskStorage(FileSystemStorage):
    """Files below MEDIA_ROOT."""

    def path(self, name: str) -> str:
        """Where on disk. Raises SuspiciousFileOperation."""
        return str(super().path(check_own(name)))

    def delete_folder(self, prefix: str) -> int:
        """Delete everything below `prefix`; how many files there were."""
        folder = super().path(prefix)
        names = list(self.walk(prefix))
        shutil.rmtree(folder, ignore_errors=True)
        return len(names)

    def walk(self, prefix: str) -> Iterator[tuple[str, int]]:
        """Every file below `prefix`: name and bytes, in order of name."""
        try:
            folders, files = self.listdir(prefix)
        except FileNotFoundError:
            return
        for file in sorted(files):
            yield f"{prefix}{file}", self.size(f"{prefix}{file}")
        for folder in sorted(folders):
            yield from self.walk(f"{prefix}{folder}/")


@deconstructible(path="saas.tenants.malls.storage.BucketStorage")
class BucketStorage(Storage):
    """Objects of MEDIA_BUCKET."""

    def __init__(self) -> None:
        self._client: Any = None

    @property
    def client(self) -> Any:
        """boto3's client of this process."""
        if self._client is None:
            self._client = boto3.client(
                "s3",
                endpoint_url=settings.AWS_ENDPOINT_URL or None,
                config=Config(
                    signature_version="s3v4",
                    connect_timeout=3,
                    read_timeout=20,
                    retries={"max_attempts": 3, "mode": "standard"},
                ),
            )
        return self._client

    def exists(self, name: str) -> bool:
        """Whether there is such an object."""
        try:
            self.size(name)
        except FileNotFoundError:
            return False
        return True

    def size(self, name: str) -> int:
        """Its bytes. Raises FileNotFoundError."""
        return int(self._ask("head_object", name)["ContentLength"])

    def delete(self, name: str) -> None:
        """Delete it; one that is not there is no error."""
        self._ask("delete_object", name)

    def url(self, name: str | None) -> str:
        """The address under the mall's own host."""
        return f"{settings.MEDIA_URL}{name}"

    def delete_folder(self, prefix: str) -> int:
        """Delete everything below `prefix`; how many objects there were."""
        names = [name for name, _ in self.walk(prefix)]
        for start in range(0, len(names), _BATCH):
            keys = [{"Key": name} for name in names[start : start + _BATCH]]
            self.client.delete_objects(Bucket=settings.MEDIA_BUCKET, Delete={"Objects": keys, "Quiet": True})
        return len(names)

    def walk(self, prefix: str) -> Iterator[tuple[str, int]]:
        """Every object below `prefix`: name and bytes, in order of name."""
        pages = self.client.get_paginator("list_objects_v2").paginate(
            Bucket=settings.MEDIA_BUCKET, Prefix=check_own(prefix)
        )
        for page in pages:
            for one in page.get("Contents", []):
                yield one["Key"], int(one["Size"])

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """The name itself: every name here is new, made from a ULID."""
        return name

    def presigned_upload(self, name: str, *, content_type: str, max_bytes: int, seconds: int) -> dict[str, Any]:
        """Address and fields of a form that may put this one object here: of this type, at most this large, until then."""
        form: dict[str, Any] = self.client.generate_presigned_post(
            settings.MEDIA_BUCKET,
            check_own(name),
            Fields={"Content-Type": content_type},
            Conditions=[{"Content-Type": content_type}, ["content-length-range", 1, max_bytes]],
            ExpiresIn=seconds,
        )
        return form

    def presigned_download(self, name: str, *, title: str, seconds: int) -> str:
        """An address at which this one object can be fetched, as a file of that title, until then."""
        wanted = {
            "Bucket": settings.MEDIA_BUCKET,
            "Key": check_own(name),
            "ResponseContentDisposition": f'attachment; filename="{title}"',
        }
        return str(self.client.generate_presigned_url("get_object", Params=wanted, ExpiresIn=seconds))

    def _open(self, name: str, mode: str = "rb") -> File:
        if mode != "rb":
            raise ValueError("objects are read, or saved whole")
        return File(io.BytesIO(self._ask("get_object", name)["Body"].read()), name=name)

    def _save(self, name: str, content: Any) -> str:
        content.seek(0)
        kind = getattr(content, "content_type", None)
        self._ask("put_object", name, Body=content.read(), **({"ContentType": kind} if kind else {}))
        return name

    def _ask(self, action: str, name: str, **arguments: Any) -> Any:
        try:
            return getattr(self.client, action)(Bucket=settings.MEDIA_BUCKET, Key=check_own(name), **arguments)
        except ClientError as error:
            if error.response["Error"]["Code"] in _MISSING:
                raise FileNotFoundError(name) from None
            raise


def stored_bytes(mall: str) -> int:
    """Bytes of a mall's files, without its exports: those are made by us and go by themselves."""
    made = f"{own_folder(mall)}private/exports/"
    return sum(size for name, size in mall_storage().walk(own_folder(mall)) if not name.startswith(made))


def mall_storage() -> DiskStorage | BucketStorage:
    """The storage of this installation, with what malls need beyond Django's."""
    storage: DiskStorage | BucketStorage = default_storage  # type: ignore[assignment]
    return storage
