"""The channel's side of signatures and encryption, written apart from the adapter's."""

import base64
import datetime as dt
import functools
import hashlib
import json
import os
import re
import time
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa, utils
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_AUTHORIZATION = re.compile(r'([a-z_]+)="([^"]*)"')
_SCHEME = "WECHATPAY2-SHA256-RSA2048 "


class Rejected(Exception):
    """A request that the channel answers with an error: status, code, text."""

    def __init__(self, status: int, code: str, text: str) -> None:
        self.status, self.code, self.text = status, code, text
        super().__init__(code)


@dataclass(frozen=True)
class Signer:
    """A key of the platform and the serial under which it is announced."""

    serial: str
    private_pem: bytes

    def headers(self, body: bytes, *, age_seconds: int = 0, spoil: str = "") -> dict[str, str]:
        """Signature headers of a reply or notice. `spoil`: `probe` or `garbage` make it wrong on purpose."""
        stamp, nonce = str(int(time.time()) - age_seconds), os.urandom(16).hex()
        signature = base64.b64encode(_rsa_sign(self.private_pem, _lines(stamp, nonce, body))).decode()
        if spoil == "probe":
            signature = "WECHATPAY/SIGNTEST/" + signature[19:]
        elif spoil == "garbage":
            signature = base64.b64encode(os.urandom(256)).decode()
        return {
            "Wechatpay-Timestamp": stamp,
            "Wechatpay-Nonce": nonce,
            "Wechatpay-Signature": signature,
            "Wechatpay-Signature-Type": "WECHATPAY2-SHA256-RSA2048",
            "Wechatpay-Serial": self.serial,
        }


def _lines(stamp: str, nonce: str, body: bytes) -> bytes:
    return b"".join(part + b"\x0a" for part in (stamp.encode(), nonce.encode(), body))


@functools.lru_cache(maxsize=500)
def _private(pem: bytes) -> rsa.RSAPrivateKey:
    key = serialization.load_pem_private_key(pem, None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


@functools.lru_cache(maxsize=5000)
def _public(pem: str) -> rsa.RSAPublicKey:
    key = serialization.load_pem_public_key(pem.encode())
    assert isinstance(key, rsa.RSAPublicKey)
    return key


def _rsa_sign(private_pem: bytes, message: bytes) -> bytes:
    return _private(private_pem).sign(
        hashlib.sha256(message).digest(), padding.PKCS1v15(), utils.Prehashed(hashes.SHA256())
    )


def _rsa_matches(public_pem: str, signature_text: str, message: bytes) -> bool:
    key = _public(public_pem)
    try:
        digest = hashlib.sha256(message).digest()
        key.verify(base64.b64decode(signature_text), digest, padding.PKCS1v15(), utils.Prehashed(hashes.SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True


def authorization_fields(header: str) -> dict[str, str]:
    """The named parts of an Authorization header. Raises Rejected."""
    if not header.startswith(_SCHEME):
        raise Rejected(401, "SIGN_ERROR", "Authorization 格式不正确")
    fields = dict(_AUTHORIZATION.findall(header[len(_SCHEME) :]))
    if not {"mchid", "nonce_str", "signature", "timestamp", "serial_no"} <= fields.keys():
        raise Rejected(401, "SIGN_ERROR", "Authorization 缺少字段")
    return fields


def require_signature(fields: dict[str, str], method: str, target: str, body: bytes, public_pem: str) -> None:
    """Verify a merchant's request. Raises Rejected."""
    if not fields["timestamp"].isdigit() or abs(int(fields["timestamp"]) - time.time()) > 300:
        raise Rejected(401, "SIGN_ERROR", "时间戳与服务器相差超过五分钟")
    head = f"{method}\x0a{target}\x0a{fields['timestamp']}\x0a{fields['nonce_str']}\x0a".encode()
    if not _rsa_matches(public_pem, fields["signature"], head + body + b"\x0a"):
        raise Rejected(401, "SIGN_ERROR", "签名错误，请检查后再试")


def page_signature_right(public_pem: str, given: dict[str, str]) -> bool:
    """Whether the parameters of a JSAPI call were signed by the merchant."""
    names = ("appId", "timeStamp", "nonceStr", "package")
    message = "".join(given.get(name, "") + "\x0a" for name in names).encode()
    return given.get("signType") == "RSA" and _rsa_matches(public_pem, given.get("paySign", ""), message)


def encrypted(api_key: str, content: bytes, associated: str) -> dict[str, str]:
    """AEAD_AES_256_GCM as in `resource` and `encrypt_certificate`: ciphertext with the tag at its end."""
    nonce = os.urandom(6).hex()
    box = Cipher(algorithms.AES(api_key.encode()), modes.GCM(nonce.encode())).encryptor()
    box.authenticate_additional_data(associated.encode())
    sealed = box.update(content) + box.finalize() + box.tag
    return {
        "algorithm": "AEAD_AES_256_GCM",
        "ciphertext": base64.b64encode(sealed).decode(),
        "nonce": nonce,
        "associated_data": associated,
    }


def compact(content: object) -> bytes:
    """JSON as this channel writes it."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def new_key() -> tuple[bytes, str]:
    """A fresh RSA 2048 key: PKCS#8 PEM and public PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private, public.decode()


class KeyRing:
    """Keys for new accounts: fresh ones, or with `most` above 0 so many that are then given out again in turn.

    Making a key takes longer than everything else here; tests open an account each.
    """

    def __init__(self, most: int = 0) -> None:
        self._most = most
        self._made: list[tuple[bytes, str]] = []

    def next_key(self) -> tuple[bytes, str]:
        """A key as `new_key` gives."""
        key = self._made.pop(0) if len(self._made) >= self._most > 0 else new_key()
        if self._most:
            self._made.append(key)
        return key


def new_certificate(private_pem: bytes, common_name: str) -> tuple[str, str]:
    """A self-signed certificate for a key, of five years: PEM and its serial, 40 hexadecimal digits."""
    key = serialization.load_pem_private_key(private_pem, None)
    assert isinstance(key, rsa.RSAPrivateKey)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name)])
    today = dt.datetime.now(dt.UTC)
    serial = int.from_bytes(b"\x5d" + os.urandom(19), "big")
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(serial).not_valid_before(today - dt.timedelta(days=1))
    certificate = builder.not_valid_after(today + dt.timedelta(days=1825)).sign(key, hashes.SHA256())
    return certificate.public_bytes(serialization.Encoding.PEM).decode(), format(serial, "040X")


def beijing(seconds: float | None = None) -> str:
    """An instant as the channel writes it."""
    zone = dt.timezone(dt.timedelta(hours=8))
    return dt.datetime.fromtimestamp(time.time() if seconds is None else seconds, zone).isoformat(timespec="seconds")
