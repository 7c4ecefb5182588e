"""How the two providers sign, computed anew here: neither the adapters nor the providers' libraries are asked."""

import datetime as dt
import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote

MAX_AGE = dt.timedelta(minutes=15)


class Rejected(Exception):
    """The signature, the key or the time is wrong; `code` as the provider calls it."""

    def __init__(self, code: str, message: str) -> None:
        self.code, self.message = code, message
        super().__init__(code)


def _hex(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _fields(header: str, scheme: str) -> dict[str, str]:
    name, _space, rest = header.partition(" ")
    if name != scheme:
        raise Rejected("MissingAuthorization", f"{scheme} is wanted")
    return dict(part.strip().partition("=")[::2] for part in rest.split(","))


def _encoded(text: str) -> str:
    return quote(text, safe="-_.~")


def require_acs3(
    method: str, path: str, query: str, headers: Mapping[str, str], body: bytes, secrets: Mapping[str, str]
) -> str:
    """ACS3-HMAC-SHA256 (Alibaba Cloud): the key id whose secret signed this request. Raises Rejected."""
    lower = {name.lower(): value.strip() for name, value in headers.items()}
    fields = _fields(lower.get("authorization", ""), "ACS3-HMAC-SHA256")
    key, names = fields.get("Credential", ""), fields.get("SignedHeaders", "").split(";")
    if key not in secrets:
        raise Rejected("InvalidAccessKeyId.NotFound", "Specified access key is not found.")
    wanted = {"host", "x-acs-action", "x-acs-content-sha256", "x-acs-date", "x-acs-signature-nonce", "x-acs-version"}
    if not wanted <= set(names) or names != sorted(names):
        raise Rejected("IncompleteSignature", "SignedHeaders lacks a header")
    if lower["x-acs-content-sha256"] != _hex(body):
        raise Rejected("SignatureDoesNotMatch", "the body is another one")
    sent = dt.datetime.strptime(lower["x-acs-date"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=dt.UTC)
    if abs(dt.datetime.now(dt.UTC) - sent) > MAX_AGE:
        raise Rejected("InvalidTimeStamp.Expired", "Specified time stamp or date value is expired.")
    pairs = sorted(parse_qsl(query, keep_blank_values=True))
    canonical = "\n".join(
        [
            method,
            path or "/",
            "&".join(f"{_encoded(name)}={_encoded(value)}" for name, value in pairs),
            *(f"{name}:{lower.get(name, '')}" for name in names),
            "",
            ";".join(names),
            _hex(body),
        ]
    )
    text = "ACS3-HMAC-SHA256\n" + _hex(canonical.encode())
    right = hmac.new(secrets[key].encode(), text.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(right, fields.get("Signature", "")):
        raise Rejected("SignatureDoesNotMatch", "Specified signature does not match our calculation.")
    return key


def require_tc3(method: str, path: str, headers: Mapping[str, str], body: bytes, secrets: Mapping[str, str]) -> str:
    """TC3-HMAC-SHA256 (Tencent Cloud): the key id whose secret signed this request. Raises Rejected."""
    lower = {name.lower(): value.strip() for name, value in headers.items()}
    fields = _fields(lower.get("authorization", ""), "TC3-HMAC-SHA256")
    key, _slash, scope = fields.get("Credential", "").partition("/")
    names = fields.get("SignedHeaders", "").split(";")
    if key not in secrets:
        raise Rejected("AuthFailure.SecretIdNotFound", "The SecretId is not found.")
    stamp = int(lower.get("x-tc-timestamp", "0"))
    at = dt.datetime.fromtimestamp(stamp, dt.UTC)
    if abs(dt.datetime.now(dt.UTC) - at) > dt.timedelta(minutes=5):
        raise Rejected("AuthFailure.SignatureExpire", "Signature expired.")
    date = f"{at:%Y-%m-%d}"
    if scope != f"{date}/sms/tc3_request" or not {"content-type", "host"} <= set(names):
        raise Rejected("AuthFailure.InvalidAuthorization", "The credential scope is wrong.")
    canonical = "\n".join(
        [
            method,
            path or "/",
            "",
            *(f"{name}:{lower.get(name, '').lower()}" for name in names),
            "",
            ";".join(names),
            _hex(body),
        ]
    )
    text = f"TC3-HMAC-SHA256\n{stamp}\n{scope}\n{_hex(canonical.encode())}"
    step = f"TC3{secrets[key]}".encode()
    for part in (date, "sms", "tc3_request"):
        step = hmac.new(step, part.encode(), hashlib.sha256).digest()
    right = hmac.new(step, text.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(right, fields.get("Signature", "")):
        raise Rejected("AuthFailure.SignatureFailure", "The provided credentials could not be validated.")
    return key
