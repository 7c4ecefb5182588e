"""Sealing and opening of secrets of the active mall, or in control of the platform (RELIABILITY A4). A sealed text opens
only where it was sealed: owner, table, field and row are authenticated with it."""

import base64
import functools
import time
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction

from saas.kernel.keyring import KeyProvider, LocalKeyring, Undecryptable, open_bytes, seal_bytes
from saas.tenants.vault.gateways import KmsKeyring
from saas.tenants.vault.models import DataKey

PLATFORM = "platform"
_CACHE_SECONDS = 300
_cache: dict[str, tuple[float, bytes]] = {}  # by the wrapped form: a version alone may be of a rolled-back row


@functools.cache
def keyring() -> KeyProvider:
    """The key provider of this process: the local keyring's file, or AWS KMS. Raises ImproperlyConfigured, KeyringRefused."""
    if settings.KEY_PROVIDER == "kms":
        if not settings.KMS_KEY_ID:
            raise ImproperlyConfigured("KEY_PROVIDER is kms: KMS_KEY_ID names the key")
        return KmsKeyring(settings.KMS_KEY_ID, endpoint_url=settings.AWS_ENDPOINT_URL or None)
    if settings.KEY_PROVIDER != "local":
        raise ImproperlyConfigured(f"KEY_PROVIDER is 'local' or 'kms', not {settings.KEY_PROVIDER!r}")
    ring = LocalKeyring(Path(settings.KEYRING_FILE))
    ring.check()
    ring.ensure()
    return ring


def seal(plaintext: str, *, table: str, field: str, row: str) -> str:
    """The text sealed for one place, to be stored there. In the caller's transaction (a first use makes the data key)."""
    mall = _owner()
    newest = DataKey.objects.order_by("-version").first()
    if newest is None:
        newest = _new_data_key(mall, 1)
    sealed = seal_bytes(_plain(mall, newest), plaintext.encode(), _place(mall, table, field, row))
    return f"v1.{newest.version}.{base64.b64encode(sealed).decode()}"


def unseal(sealed: str, *, table: str, field: str, row: str) -> str:
    """The text of `seal`. Raises Undecryptable: another mall, table, field or row, damaged, or its key is gone."""
    mall = _owner()
    version, body = _parse(sealed)
    key_row = DataKey.objects.filter(version=version).first()
    if key_row is None:
        raise Undecryptable(f"the mall has no data key {version}")
    return open_bytes(_plain(mall, key_row), body, _place(mall, table, field, row)).decode()


def reseal(sealed: str, *, owner: str, table: str, field: str, row: str) -> str:
    """What was sealed for the mall `owner`, sealed anew for the same place of the active mall, whose rows are a copy of it.

    Opens by the keys that were copied along. Raises Undecryptable where this installation did not wrap them.
    """
    version, body = _parse(sealed)
    key_row = DataKey.objects.filter(version=version).first()
    if key_row is None:
        raise Undecryptable(f"the mall has no data key {version}")
    text = open_bytes(_plain(owner, key_row), body, _place(owner, table, field, row)).decode()
    return seal(text, table=table, field=field, row=row)


def begin_own_keys() -> int:
    """In a mall made from another one's rows: a data key of its own, newer than those that came along; its version."""
    return rotate_data_key()


def forget_older_keys() -> int:
    """Delete every data key but the newest: what they sealed has been sealed anew. How many."""
    newest = DataKey.objects.order_by("-version").values_list("version", flat=True).first() or 0
    return DataKey.objects.filter(version__lt=newest).delete()[0]


def rotate_data_key() -> int:
    """A new data key for what the active mall seals from now on; its version."""
    with transaction.atomic():
        newest = DataKey.objects.select_for_update().order_by("-version").first()
        return _new_data_key(_owner(), newest.version + 1 if newest else 1).version


def rewrap_data_keys() -> int:
    """Wrap the active mall's data keys again under the provider's current key; how many were old."""
    mall, ring, changed = _owner(), keyring(), 0
    with transaction.atomic():
        for row in DataKey.objects.select_for_update().order_by("version"):
            if not ring.is_current(row.wrapped):
                row.wrapped = ring.rewrap(row.wrapped, _key_context(mall, row.version))
                row.save(update_fields=["wrapped"])
                changed += 1
    return changed


def _owner() -> str:
    """Whose secrets these are: the platform's in control, else the active mall's. Raises RuntimeError outside a mall."""
    if settings.ROLE == "control":
        return PLATFORM
    ulid = getattr(getattr(connection, "tenant", None), "ulid", "")
    if not ulid:
        raise RuntimeError("no mall is active")
    return str(ulid)


def _new_data_key(mall: str, version: int) -> DataKey:
    _, wrapped = keyring().generate_data_key(_key_context(mall, version))
    row, _ = DataKey.objects.get_or_create(version=version, defaults={"wrapped": wrapped})
    return row


def _plain(mall: str, row: DataKey) -> bytes:
    known = _cache.get(row.wrapped)
    if known is not None and known[0] >= time.monotonic():
        return known[1]
    key = keyring().unwrap(row.wrapped, _key_context(mall, row.version))
    _cache[row.wrapped] = (time.monotonic() + _CACHE_SECONDS, key)
    return key


def forget_keys() -> None:
    """Drop the plain data keys held by this process."""
    _cache.clear()


def _key_context(mall: str, version: int) -> str:
    return f"{mall}|data-key|{version}"


def _place(mall: str, table: str, field: str, row: str) -> str:
    return f"{mall}|{table}|{field}|{row}"


def _parse(sealed: str) -> tuple[int, bytes]:
    try:
        scheme, version, body = sealed.split(".", 2)
        if scheme != "v1":
            raise ValueError
        return int(version), base64.b64decode(body, validate=True)
    except ValueError:
        raise Undecryptable("not a sealed text") from None
