"""Key-encryption keys: what wraps a mall's data key. One file here; AWS KMS is `saas.tenants.vault.gateways`."""

import base64
import contextlib
import json
import os
import secrets
import stat
import tempfile
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16


class KeyringRefused(RuntimeError):
    """The keyring file cannot be used; the message says why and what mends it. The process must not start."""


class Undecryptable(Exception):
    """A ciphertext that does not open: damaged, of another place, or under a key that is not here."""


class KeyProvider(Protocol):
    """Where data keys come from and how they are unwrapped. `context` binds a wrapped key to its owner."""

    def generate_data_key(self, context: str) -> tuple[bytes, str]: ...

    def unwrap(self, wrapped: str, context: str) -> bytes: ...

    def rewrap(self, wrapped: str, context: str) -> str: ...

    def is_current(self, wrapped: str) -> bool: ...


def seal_bytes(key: bytes, plaintext: bytes, context: str) -> bytes:
    """AES-256-GCM: nonce, ciphertext, tag. `context` is authenticated, not stored."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plaintext, context.encode())


def open_bytes(key: bytes, sealed: bytes, context: str) -> bytes:
    """The plaintext of `seal_bytes`. Raises Undecryptable."""
    if len(key) != KEY_BYTES or len(sealed) < NONCE_BYTES + TAG_BYTES:
        raise Undecryptable("ciphertext or key has the wrong length")
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context.encode())
    except InvalidTag:
        raise Undecryptable("ciphertext does not belong here, or was changed") from None


class LocalKeyring:
    """Keys in one JSON file of mode 0600: `{"current": 2, "keys": {"1": "<base64>", "2": "<base64>"}}`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._keys: dict[int, bytes] = {}
        self._current = 0

    def check(self) -> None:
        """Raise KeyringRefused if the file is there and others than its owner can read or write it."""
        if not self.path.exists():
            return
        mode = stat.S_IMODE(self.path.stat().st_mode)
        if mode & 0o077:
            raise KeyringRefused(f"{self.path} has mode {mode:04o}; run: chmod 600 {self.path}")

    def ensure(self) -> None:
        """Make the file with a first key if it is not there. Of two processes that try, one wins and both read that."""
        if not self.path.exists():
            self._write({1: secrets.token_bytes(KEY_BYTES)}, 1, replace=False)

    def add_version(self) -> int:
        """A new current key; older ones stay to unwrap what they wrapped. Its number is returned."""
        self._load(force=True)
        version = max(self._keys) + 1
        self._write({**self._keys, version: secrets.token_bytes(KEY_BYTES)}, version, replace=True)
        return version

    def generate_data_key(self, context: str) -> tuple[bytes, str]:
        """A fresh data key and its wrapped form."""
        key = secrets.token_bytes(KEY_BYTES)
        return key, self._wrap(key, context)

    def unwrap(self, wrapped: str, context: str) -> bytes:
        """The data key of a wrapped form. Raises Undecryptable."""
        version, sealed = self._parse(wrapped)
        if version not in self._keys:
            self._load(force=True)  # another process may have rotated
        if version not in self._keys:
            raise Undecryptable(f"the keyring holds no key {version}")
        return open_bytes(self._keys[version], sealed, context)

    def rewrap(self, wrapped: str, context: str) -> str:
        """The same data key under the current key. Raises Undecryptable."""
        return self._wrap(self.unwrap(wrapped, context), context)

    def is_current(self, wrapped: str) -> bool:
        """Whether the current key wrapped it."""
        self._load()
        return self._parse(wrapped)[0] == self._current

    def _wrap(self, key: bytes, context: str) -> str:
        self._load()
        sealed = seal_bytes(self._keys[self._current], key, context)
        return f"local.{self._current}.{base64.b64encode(sealed).decode()}"

    @staticmethod
    def _parse(wrapped: str) -> tuple[int, bytes]:
        try:
            provider, version, body = wrapped.split(".", 2)
            if provider != "local":
                raise ValueError
            return int(version), base64.b64decode(body, validate=True)
        except ValueError:
            raise Undecryptable("not a key wrapped by the local keyring") from None

    def _load(self, *, force: bool = False) -> None:
        if self._keys and not force:
            return
        self.check()
        try:
            content = json.loads(self.path.read_text())
            keys = {int(number): base64.b64decode(text) for number, text in content["keys"].items()}
            current = int(content["current"])
        except FileNotFoundError:
            raise KeyringRefused(f"{self.path} is missing: without it no stored secret can be read") from None
        except (ValueError, KeyError, TypeError):
            raise KeyringRefused(f"{self.path} is not a keyring file") from None
        if current not in keys or any(len(key) != KEY_BYTES for key in keys.values()):
            raise KeyringRefused(f"{self.path} is damaged: keys are 32 bytes, and the current one must be among them")
        self._keys, self._current = keys, current

    def _write(self, keys: dict[int, bytes], current: int, *, replace: bool) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        body = {"current": current, "keys": {str(n): base64.b64encode(k).decode() for n, k in keys.items()}}
        descriptor, temporary = tempfile.mkstemp(dir=self.path.parent, prefix=".keyring-")  # mode 0600
        try:
            with os.fdopen(descriptor, "w") as handle:
                json.dump(body, handle)
                handle.flush()
                os.fsync(handle.fileno())
            if replace:
                os.replace(temporary, self.path)
            else:
                with contextlib.suppress(FileExistsError):
                    os.link(temporary, self.path)
        finally:
            Path(temporary).unlink(missing_ok=True)
        self._load(force=True)
