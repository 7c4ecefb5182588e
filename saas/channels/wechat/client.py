"""The signed HTTP conversation with WeChat Pay v3, for one merchant account. Replies are verified over their raw bytes."""

import collections
import datetime as dt
import json
import secrets
import threading
import time
from collections.abc import Mapping
from typing import Any

import urllib3
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from saas.channels.contract import Account, ChannelError
from saas.channels.facts import ErrorClass
from saas.channels.wechat import crypto
from saas.channels.wechat.errors import classify

TIMEOUT_SECONDS = 4.5
_FETCHES_PER_MINUTE = 5  # forged notices name made-up serials: they must not make us hammer the channel
_USER_AGENT = "mallwright/1"
# urllib3 rather than httpx: one signed call costs a third of the CPU. Nothing is sent twice, no redirect is followed, and
# certificates are checked (its default).
_shared = urllib3.PoolManager(num_pools=20, maxsize=8, timeout=urllib3.Timeout(total=TIMEOUT_SECONDS), retries=False)


class WechatClient:
    """Signs requests, verifies replies, holds the platform's keys (both modes at once during a migration)."""

    def __init__(self, account: Account, base_url: str) -> None:
        self.account = account
        self.base_url = base_url
        self._private_key = crypto.load_private_key(account.private_key)
        self._lock = threading.Lock()
        self._fetched: collections.deque[float] = collections.deque(maxlen=_FETCHES_PER_MINUTE)
        self._keys: dict[str, rsa.RSAPublicKey] = {}
        if account.platform_key_id:
            self._keys[account.platform_key_id] = crypto.load_public_key(account.platform_key)

    def sign(self, text: str) -> str:
        """The merchant's signature of `text`."""
        return crypto.sign(self._private_key, text)

    def call(self, method: str, target: str, body: Mapping[str, Any] | None, now: dt.datetime) -> dict[str, Any]:
        """The reply's JSON, verified ({} for 204). Raises ChannelError: UNKNOWN whenever the outcome is not certain."""
        reply = self._send(method, target, body, now)
        if reply.status >= 300:
            raise self._refusal(reply, now)
        try:
            self.verify(_signed_headers(reply.headers), reply.data, now)
        except crypto.BadSignature as error:
            raise ChannelError(ErrorClass.UNKNOWN, "BAD_REPLY_SIGNATURE", str(error)) from None
        return _json_object(reply.data) if reply.data else {}

    def verify(self, headers: Mapping[str, str], body: bytes, now: dt.datetime) -> None:
        """Check window, serial and signature of a reply or notice. Raises crypto.BadSignature.

        An unknown certificate serial leads to one download of the platform's certificates, then to refusal.
        """
        crypto.check_window(headers, now)
        crypto.check_signature(headers, body, self._platform_key(headers.get("wechatpay-serial", ""), now))

    def fetch_certificates(self, now: dt.datetime) -> int:
        """Download the platform's certificates (GET /v3/certificates); how many are valid now. Raises ChannelError.

        The reply is signed by one of the certificates in it: they are opened with the APIv3 key first, then it is verified.
        """
        reply = self._send("GET", "/v3/certificates", None, now)
        if reply.status >= 300:
            raise _classified(reply, signed=False)
        headers = _signed_headers(reply.headers)
        try:
            keys = self._certificates(_json_object(reply.data), now)
            crypto.check_window(headers, now)
            signer = keys.get(headers.get("wechatpay-serial", "")) or self._keys.get(
                headers.get("wechatpay-serial", "")
            )
            if signer is None:
                raise crypto.BadSignature("signed by a certificate that is not in the list")
            crypto.check_signature(headers, reply.data, signer)
        except (crypto.BadCipher, crypto.BadSignature) as error:
            raise ChannelError(ErrorClass.SIGN, "BAD_CERTIFICATES", str(error)) from None
        with self._lock:
            self._keys.update(keys)
        return len(keys)

    def _platform_key(self, serial: str, now: dt.datetime) -> rsa.RSAPublicKey:
        key = self._keys.get(serial)
        if key is None and _is_certificate_serial(serial) and self._may_fetch():
            try:
                self.fetch_certificates(now)
            except ChannelError as error:
                raise crypto.BadSignature(f"unknown serial, and no certificates: {error}") from None
            key = self._keys.get(serial)
        if key is None:
            raise crypto.BadSignature("unknown serial")
        return key

    def _may_fetch(self) -> bool:
        with self._lock:
            if len(self._fetched) == self._fetched.maxlen and time.monotonic() - self._fetched[0] < 60:
                return False
            self._fetched.append(time.monotonic())
            return True

    def _certificates(self, content: Mapping[str, Any], now: dt.datetime) -> dict[str, rsa.RSAPublicKey]:
        keys = {}
        for item in content.get("data", []):
            pem = crypto.open_resource(self.account.api_key, item.get("encrypt_certificate", {}))
            certificate = x509.load_pem_x509_certificate(pem)
            key = certificate.public_key()
            if isinstance(key, rsa.RSAPublicKey) and certificate.not_valid_after_utc > now:
                keys[format(certificate.serial_number, "040X")] = key
        return keys

    def _send(
        self, method: str, target: str, body: Mapping[str, Any] | None, now: dt.datetime
    ) -> urllib3.BaseHTTPResponse:
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":")) if body is not None else ""
        timestamp, nonce = int(now.timestamp()), secrets.token_hex(16)
        signature = self.sign(crypto.request_text(method, target, timestamp, nonce, text))
        authorization = (
            f'WECHATPAY2-SHA256-RSA2048 mchid="{self.account.merchant_id}",nonce_str="{nonce}",'
            f'signature="{signature}",timestamp="{timestamp}",serial_no="{self.account.certificate_serial}"'
        )
        headers = {"Authorization": authorization, "Accept": "application/json", "User-Agent": _USER_AGENT}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if self.account.platform_key_id:
            headers["Wechatpay-Serial"] = self.account.platform_key_id
        try:
            return _shared.request(
                method, self.base_url + target, body=text.encode() or None, headers=headers, redirect=False
            )
        except urllib3.exceptions.HTTPError as error:
            raise ChannelError(ErrorClass.UNKNOWN, "NO_ANSWER", type(error).__name__) from None

    def _refusal(self, reply: urllib3.BaseHTTPResponse, now: dt.datetime) -> ChannelError:
        """What an error answer means. Not every one is signed; a wrong signature makes it worth nothing."""
        headers = _signed_headers(reply.headers)
        signed = "wechatpay-signature" in headers
        if signed:
            try:
                self.verify(headers, reply.data, now)
            except crypto.BadSignature as error:
                return ChannelError(ErrorClass.UNKNOWN, "BAD_REPLY_SIGNATURE", str(error))
        return _classified(reply, signed=signed)


def _classified(reply: urllib3.BaseHTTPResponse, *, signed: bool) -> ChannelError:
    try:
        content = _json_object(reply.data)
    except ChannelError:
        content = {}
    code = str(content.get("code", ""))[:60]
    return ChannelError(classify(reply.status, code), code or str(reply.status), signed=signed)


def _signed_headers(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items() if name.lower().startswith("wechatpay-")}


def _is_certificate_serial(serial: str) -> bool:
    return 0 < len(serial) <= 40 and all(character in "0123456789abcdefABCDEF" for character in serial)


def _json_object(raw: bytes) -> dict[str, Any]:
    try:
        content = json.loads(raw)
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise ChannelError(ErrorClass.UNKNOWN, "NOT_JSON")
    return content
