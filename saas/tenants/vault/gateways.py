"""AWS KMS as the key provider: the key-encryption key never leaves it (RELIABILITY A4)."""

import base64
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from saas.kernel.keyring import KEY_BYTES, Undecryptable

_NOT_OURS = {"InvalidCiphertextException", "IncorrectKeyException", "NotFoundException"}


class KmsKeyring:
    """Data keys made, unwrapped and wrapped again by one KMS key. The context goes along as its encryption context."""

    def __init__(self, key_id: str, *, endpoint_url: str | None = None) -> None:
        self._key_id = key_id
        self._client = boto3.client(
            "kms",
            endpoint_url=endpoint_url,
            config=Config(connect_timeout=3, read_timeout=5, retries={"max_attempts": 3, "mode": "standard"}),
        )

    def generate_data_key(self, context: str) -> tuple[bytes, str]:
        """A fresh data key and its wrapped form."""
        answer = self._client.generate_data_key(
            KeyId=self._key_id, NumberOfBytes=KEY_BYTES, EncryptionContext=_bound(context)
        )
        return answer["Plaintext"], _text(answer["CiphertextBlob"])

    def unwrap(self, wrapped: str, context: str) -> bytes:
        """The data key of a wrapped form. Raises Undecryptable."""
        answer = self._ask(
            "decrypt", KeyId=self._key_id, CiphertextBlob=_blob(wrapped), EncryptionContext=_bound(context)
        )
        return bytes(answer["Plaintext"])

    def rewrap(self, wrapped: str, context: str) -> str:
        """The same data key under the key's newest material; its plain form stays inside KMS. Raises Undecryptable."""
        answer = self._ask(
            "re_encrypt",
            CiphertextBlob=_blob(wrapped),
            SourceEncryptionContext=_bound(context),
            DestinationKeyId=self._key_id,
            DestinationEncryptionContext=_bound(context),
        )
        return _text(answer["CiphertextBlob"])

    def is_current(self, wrapped: str) -> bool:
        """Never known: KMS does not say which material wrapped a key, so a rotation wraps all again."""
        return False

    def _ask(self, action: str, **arguments: Any) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = getattr(self._client, action)(**arguments)
        except ClientError as error:
            if error.response["Error"]["Code"] in _NOT_OURS:
                raise Undecryptable(
                    "KMS does not open this key: another owner's, damaged, or under a key of another account"
                ) from None
            raise
        return answer


def _bound(context: str) -> dict[str, str]:
    return {"mallwright": context}


def _text(blob: bytes) -> str:
    return f"kms.{base64.b64encode(blob).decode()}"


def _blob(wrapped: str) -> bytes:
    provider, _, body = wrapped.partition(".")
    try:
        if provider != "kms":
            raise ValueError
        return base64.b64decode(body, validate=True)
    except ValueError:
        raise Undecryptable("not a key wrapped by KMS") from None
