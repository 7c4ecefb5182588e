"""WeChat Pay v3: signatures over raw bytes and the encryption of `resource` (CHANNELS 1.2, 1.3, 1.5). Pure."""

import base64
import binascii
import datetime as dt
from collections.abc import Mapping

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

WINDOW_SECONDS = 300
_NONCE_BYTES, _TAG_BYTES, _KEY_BYTES, _ASSOCIATED_LIMIT = 12, 16, 32, 16


class BadSignature(Exception):
    """Signature, time or serial is not right; the message says which."""


class BadCipher(Exception):
    """The encrypted part does not open with the merchant's APIv3 key."""


def load_private_key(pem: str) -> rsa.RSAPrivateKey:
    """A merchant's private key. Raises ValueError if it is no RSA key in PEM."""
    try:
        key = serialization.load_pem_private_key(pem.encode(), password=None)
    except TypeError:
        raise ValueError("the key is protected by a password") from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ValueError("not an RSA key")
    return key


def load_public_key(pem: str) -> rsa.RSAPublicKey:
    """A platform public key. Raises ValueError if it is no RSA public key in PEM."""
    key = serialization.load_pem_public_key(pem.encode())
    if not isinstance(key, rsa.RSAPublicKey):
        raise ValueError("not an RSA key")
    return key


def sign(key: rsa.RSAPrivateKey, text: str) -> str:
    """SHA256withRSA, PKCS#1 v1.5, base64."""
    return base64.b64encode(key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()


def request_text(method: str, target: str, timestamp: int, nonce: str, body: str) -> str:
    """What is signed of a request; `target` is path and query exactly as sent."""
    return f"{method}\n{target}\n{timestamp}\n{nonce}\n{body}\n"


def check_window(headers: Mapping[str, str], now: dt.datetime) -> None:
    """Raise BadSignature unless the message is at most five minutes away from `now`."""
    timestamp = headers.get("wechatpay-timestamp", "")
    if not timestamp.isdecimal() or len(timestamp) > 12:
        raise BadSignature("no timestamp")
    if abs(now.timestamp() - int(timestamp)) > WINDOW_SECONDS:
        raise BadSignature("outside the five-minute window")


def check_signature(headers: Mapping[str, str], body: bytes, key: rsa.RSAPublicKey) -> None:
    """Raise BadSignature unless the raw `body` was signed by `key`. Probes (WECHATPAY/SIGNTEST/…) fail like any other."""
    try:
        signature = base64.b64decode(headers.get("wechatpay-signature", ""), validate=True)
    except (binascii.Error, ValueError):
        raise BadSignature("the signature is not base64") from None
    prefix = f"{headers['wechatpay-timestamp']}\n{headers.get('wechatpay-nonce', '')}\n".encode()
    try:
        key.verify(signature, prefix + body + b"\n", padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        raise BadSignature("the signature does not match") from None


def open_resource(api_key: str, resource: Mapping[str, object]) -> bytes:
    """Decrypt a `resource` (AEAD_AES_256_GCM). Lengths are checked first. Raises BadCipher."""
    key = api_key.encode()
    nonce = str(resource.get("nonce", "")).encode()
    associated = str(resource.get("associated_data") or "").encode()
    try:
        sealed = base64.b64decode(str(resource.get("ciphertext", "")), validate=True)
    except (binascii.Error, ValueError):
        raise BadCipher("the ciphertext is not base64") from None
    if resource.get("algorithm", "AEAD_AES_256_GCM") != "AEAD_AES_256_GCM":
        raise BadCipher("unknown algorithm")
    if len(key) != _KEY_BYTES or len(nonce) != _NONCE_BYTES or len(sealed) < _TAG_BYTES:
        raise BadCipher("key, nonce or ciphertext has the wrong length")
    if len(associated) > _ASSOCIATED_LIMIT:
        raise BadCipher("associated data is too long")
    try:
        return AESGCM(key).decrypt(nonce, sealed, associated)
    except InvalidTag:
        raise BadCipher("does not open with this APIv3 key") from None
