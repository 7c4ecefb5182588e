"""What a mall types in for WeChat Pay, each field checked by itself before anything is stored (CHANNELS 1.14)."""

import datetime as dt
import re
from collections.abc import Mapping

from cryptography import x509
from cryptography.x509.oid import NameOID
from django.utils.translation import gettext_noop

from saas.channels.contract import Account, Check
from saas.channels.wechat import crypto

FIELDS = (
    "merchant_id",
    "app_id",
    "private_key",
    "certificate",
    "api_key",
    "platform_key_id",
    "platform_key",
    "app_secret",
)
SECRET_FIELDS = ("private_key", "api_key", "app_secret")
_SERIAL = re.compile(r"^[0-9A-F]{40}$")


def check_fields(given: Mapping[str, str], now: dt.datetime) -> tuple[Account | None, list[Check]]:
    """The account, if every field is right, and the result for each field. Nothing is asked of the channel here."""
    form = {name: given.get(name, "").strip() for name in FIELDS}
    key_check = _private_key(form["private_key"])
    serial, certificate_check = _certificate(form, now) if key_check.passed else ("", None)
    checks = [
        _pattern("merchant_id", form, r"^\d{8,10}$", gettext_noop("A merchant number has 8 to 10 digits.")),
        _pattern("app_id", form, r"^wx[0-9a-f]{16}$", gettext_noop("An app id is “wx” and 16 hexadecimal digits.")),
        key_check,
        certificate_check
        or Check("certificate", False, gettext_noop("Give a right private key first; the certificate must match it.")),
        _api_key(form["api_key"]),
        *_platform_key(form),
        *_app_secret(form["app_secret"]),
    ]
    if not all(check.passed for check in checks):
        return None, checks
    account = Account(
        merchant_id=form["merchant_id"],
        app_id=form["app_id"],
        certificate_serial=serial,
        private_key=form["private_key"],
        api_key=form["api_key"],
        app_secret=form["app_secret"],
        platform_key_id=form["platform_key_id"],
        platform_key=form["platform_key"],
    )
    return account, checks


def _pattern(name: str, form: Mapping[str, str], pattern: str, detail: str) -> Check:
    passed = bool(re.match(pattern, form[name]))
    return Check(name, passed, "" if passed else detail)


def _private_key(pem: str) -> Check:
    name = "private_key"
    if "BEGIN RSA PRIVATE KEY" in pem:
        return Check(name, False, gettext_noop("This is a PKCS#1 key. Use apiclient_key.pem as downloaded (PKCS#8)."))
    if "BEGIN PRIVATE KEY" not in pem:
        return Check(
            name, False, gettext_noop("Paste the whole content of apiclient_key.pem, with its first and last line.")
        )
    try:
        key = crypto.load_private_key(pem)
    except ValueError:
        return Check(name, False, gettext_noop("The key cannot be read: part of it is missing or changed."))
    passed = key.key_size == 2048
    return Check(name, passed, "" if passed else gettext_noop("The key must be RSA with 2048 bits."))


def _certificate(form: Mapping[str, str], now: dt.datetime) -> tuple[str, Check]:
    name, text = "certificate", form["certificate"]
    if "BEGIN CERTIFICATE" not in text:
        serial = text.replace(":", "").replace(" ", "").upper()
        passed = bool(_SERIAL.match(serial))
        detail = gettext_noop("Paste apiclient_cert.pem, or its serial number: 40 hexadecimal digits.")
        return serial, Check(name, passed, "" if passed else detail)
    try:
        certificate = x509.load_pem_x509_certificate(text.encode())
    except ValueError:
        return "", Check(name, False, gettext_noop("The certificate cannot be read: part of it is missing or changed."))
    serial = format(certificate.serial_number, "040X")
    if certificate.public_key() != crypto.load_private_key(form["private_key"]).public_key():
        return serial, Check(name, False, gettext_noop("The certificate belongs to another private key."))
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        return serial, Check(name, False, gettext_noop("The certificate is not valid today."))
    names = {str(entry.value) for entry in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)}
    # Inferred, not documented: another common name is worth a word, not a refusal.
    warning = (
        "" if form["merchant_id"] in names else gettext_noop("The certificate does not name this merchant number.")
    )
    return serial, Check(name, True, warning)


def _api_key(text: str) -> Check:
    passed = len(text) == 32 and text.isascii()
    return Check("api_key", passed, "" if passed else gettext_noop("The APIv3 key has exactly 32 characters."))


def _platform_key(form: Mapping[str, str]) -> list[Check]:
    key_id, pem = form["platform_key_id"], form["platform_key"]
    if not key_id and not pem:
        return []  # certificate mode: the live check downloads them
    id_right = bool(re.match(r"^PUB_KEY_ID_[0-9A-Za-z]{8,50}$", key_id))
    checks = [
        Check(
            "platform_key_id",
            id_right,
            "" if id_right else gettext_noop("The id begins with “PUB_KEY_ID_”; keep that."),
        )
    ]
    try:
        key_right = crypto.load_public_key(pem).key_size >= 2048
    except ValueError:
        key_right = False
    detail = gettext_noop("Paste the whole content of pub_key.pem, with its first and last line.")
    return [*checks, Check("platform_key", key_right, "" if key_right else detail)]


def _app_secret(text: str) -> list[Check]:
    if not text:
        return []
    passed = bool(re.match(r"^[0-9a-f]{32}$", text))
    return [Check("app_secret", passed, "" if passed else gettext_noop("An app secret has 32 hexadecimal digits."))]
