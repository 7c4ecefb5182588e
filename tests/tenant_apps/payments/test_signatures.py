"""The wire rules of CHANNELS 1.2–1.5. The AES vector is the channel's own; the RSA keys here are self-made."""

import base64
import datetime as dt

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from saas.channels.wechat import crypto
from saas.channels.wechat.errors import classify
from tenant_apps.payments.rules import ErrorClass

NOW = dt.datetime(2026, 3, 1, 12, 0, tzinfo=dt.UTC)
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
VECTOR = {
    "algorithm": "AEAD_AES_256_GCM",
    "nonce": "uluk4a9R25RW",
    "associated_data": "associatedData",
    "ciphertext": "ulwSiIajGClcvcOYvOQ7+l+0PAbzzwI=",
}
API_KEY = "a7cde1ZJB1kG2e7VfTs3jQzaWizur8Gb"


def headers(body=b"{}", *, at=NOW, nonce="n"):
    stamp = str(int(at.timestamp()))
    text = f"{stamp}\n{nonce}\n".encode() + body + b"\n"
    signature = base64.b64encode(KEY.sign(text, padding.PKCS1v15(), hashes.SHA256())).decode()
    return {"wechatpay-timestamp": stamp, "wechatpay-nonce": nonce, "wechatpay-signature": signature}


def check(given, body=b"{}"):
    crypto.check_window(given, NOW)
    crypto.check_signature(given, body, KEY.public_key())


def test_opens_the_published_vector():
    assert crypto.open_resource(API_KEY, VECTOR) == b"message"


@pytest.mark.parametrize(
    "change",
    [
        {"nonce": "short"},
        {"nonce": "uluk4a9R25RWx"},
        {"ciphertext": "AAAA"},
        {"ciphertext": "not base64!"},
        {"associated_data": "other"},
        {"associated_data": "x" * 17},
        {"algorithm": "AEAD_SM4_GCM"},
    ],
)
def test_lengths_and_tag_are_checked(change):
    with pytest.raises(crypto.BadCipher):
        crypto.open_resource(API_KEY, {**VECTOR, **change})


def test_a_key_of_another_length_is_refused():
    with pytest.raises(crypto.BadCipher):
        crypto.open_resource(API_KEY[:31], VECTOR)


def test_accepts_what_the_platform_signed_even_an_empty_body():
    check(headers())
    check(headers(b""), b"")


@pytest.mark.parametrize("seconds", [-301, 301, -86400])
def test_refuses_what_is_more_than_five_minutes_away(seconds):
    with pytest.raises(crypto.BadSignature, match="window"):
        check(headers(at=NOW + dt.timedelta(seconds=seconds)))


@pytest.mark.parametrize("seconds", [-299, 0, 299])
def test_accepts_what_is_within_five_minutes(seconds):
    check(headers(at=NOW + dt.timedelta(seconds=seconds)))


def test_refuses_another_body_nonce_or_time():
    with pytest.raises(crypto.BadSignature):
        check(headers(), b"{ }")
    with pytest.raises(crypto.BadSignature):
        check({**headers(), "wechatpay-nonce": "m"})
    with pytest.raises(crypto.BadSignature):
        check({**headers(), "wechatpay-timestamp": str(int(NOW.timestamp()) + 1)})


@pytest.mark.parametrize("signature", ["", "WECHATPAY/SIGNTEST/abc", "!!!", "AAAA"])
def test_probes_and_rubbish_fail_verification(signature):
    with pytest.raises(crypto.BadSignature):
        check({**headers(), "wechatpay-signature": signature})


@pytest.mark.parametrize("stamp", ["", "abc", "-5", "1e9", "9" * 40])
def test_refuses_a_time_that_is_none(stamp):
    with pytest.raises(crypto.BadSignature):
        check({**headers(), "wechatpay-timestamp": stamp})


def test_request_signature_is_over_the_lines_as_sent():
    text = crypto.request_text("GET", "/v3/certificates", 1554208460, "593BEC0C930BF1AFEB40B4A08C8FB242", "")
    assert text == "GET\n/v3/certificates\n1554208460\n593BEC0C930BF1AFEB40B4A08C8FB242\n\n"
    KEY.public_key().verify(
        base64.b64decode(crypto.sign(KEY, text)), text.encode(), padding.PKCS1v15(), hashes.SHA256()
    )


def test_only_rsa_keys_in_pem_are_taken():
    pem = KEY.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"x")
    )
    with pytest.raises(ValueError):
        crypto.load_private_key(pem.decode())
    with pytest.raises(ValueError):
        crypto.load_private_key("nothing")


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (400, "ORDERPAID", ErrorClass.PAID),
        (400, "ORDER_PAID", ErrorClass.PAID),
        (400, "ORDER_CLOSED", ErrorClass.CLOSED),
        (404, "ORDERNOTEXIST", ErrorClass.NOT_FOUND),
        (403, "OUT_TRADE_NO_USED", ErrorClass.DUPLICATE),
        (403, "NOT_ENOUGH", ErrorClass.INSUFFICIENT),
        (401, "SIGN_ERROR", ErrorClass.SIGN),
        (401, "", ErrorClass.SIGN),
        (429, "", ErrorClass.RATE_LIMIT),
        (500, "SYSTEM_ERROR", ErrorClass.UNKNOWN),
        (502, "ORDERPAID", ErrorClass.UNKNOWN),
        (400, "SOMETHING_NEW", ErrorClass.UNKNOWN),
        (403, "", ErrorClass.UNKNOWN),
        (404, "", ErrorClass.UNKNOWN),
    ],
)
def test_unknown_is_never_failed(status, code, expected):
    assert classify(status, code) is expected
