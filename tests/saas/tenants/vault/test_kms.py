import boto3
import pytest
from django.core.exceptions import ImproperlyConfigured

from saas.kernel.keyring import Undecryptable
from saas.tenants.malls.activation import in_mall
from saas.tenants.vault import services as vault
from saas.tenants.vault.gateways import KmsKeyring
from saas.tenants.vault.models import DataKey

PLACE = {"table": "payments_channelcredential", "field": "api_key_sealed", "row": "01ROW"}


@pytest.fixture
def kms(aws, settings):
    """The vault of this process asks KMS; afterwards the local keyring again."""
    settings.KEY_PROVIDER = "kms"
    settings.KMS_KEY_ID = boto3.client("kms", endpoint_url=aws).create_key()["KeyMetadata"]["Arn"]
    vault.keyring.cache_clear()
    vault.forget_keys()
    yield settings.KMS_KEY_ID
    vault.keyring.cache_clear()
    vault.forget_keys()


def test_a_secret_sealed_with_kms_opens_after_the_process_forgot_its_keys(grocery, kms):
    sealed = vault.seal("一把钥匙", **PLACE)
    assert DataKey.objects.get().wrapped.startswith("kms.")
    vault.forget_keys()
    assert vault.unseal(sealed, **PLACE) == "一把钥匙"


def test_another_malls_wrapped_key_is_refused_by_its_context(grocery, beauty, kms):
    with in_mall(grocery):
        sealed, wrapped = vault.seal("secret", **PLACE), DataKey.objects.get().wrapped
    with in_mall(beauty):
        DataKey.objects.create(version=1, wrapped=wrapped)
        vault.forget_keys()
        with pytest.raises(Undecryptable):
            vault.unseal(sealed, **PLACE)


def test_rewrapping_keeps_the_data_key(grocery, kms):
    sealed, before = vault.seal("secret", **PLACE), DataKey.objects.get().wrapped
    assert vault.rewrap_data_keys() == 1
    assert DataKey.objects.get().wrapped != before
    vault.forget_keys()
    assert vault.unseal(sealed, **PLACE) == "secret"


@pytest.mark.parametrize("wrapped", ["local.1.AAAA", "kms.%%%", "kms.AAAA", ""])
def test_what_kms_did_not_wrap_is_undecryptable(kms, aws, wrapped):
    with pytest.raises(Undecryptable):
        KmsKeyring(kms, endpoint_url=aws).unwrap(wrapped, "01MALL|data-key|1")


def test_a_provider_that_is_not_there_stops_with_its_setting_named(settings):
    vault.keyring.cache_clear()
    settings.KEY_PROVIDER = "kms"
    settings.KMS_KEY_ID = ""
    with pytest.raises(ImproperlyConfigured, match="KMS_KEY_ID"):
        vault.keyring()
    settings.KEY_PROVIDER = "stone"
    with pytest.raises(ImproperlyConfigured, match="KEY_PROVIDER"):
        vault.keyring()
