import io

import pytest
from django.core.management import call_command

from saas.kernel.keyring import Undecryptable
from saas.tenants.malls.activation import in_mall
from saas.tenants.vault import services as vault
from saas.tenants.vault.models import DataKey

PLACE = {"table": "payments_channelcredential", "field": "api_key_sealed", "row": "01ROW"}


def test_opens_where_it_was_sealed(grocery):
    sealed = vault.seal("一把钥匙", **PLACE)
    assert "钥匙" not in sealed
    assert vault.unseal(sealed, **PLACE) == "一把钥匙"
    assert sealed != vault.seal("一把钥匙", **PLACE)
    assert DataKey.objects.count() == 1


@pytest.mark.parametrize("change", [{"table": "other"}, {"field": "private_key_sealed"}, {"row": "02ROW"}])
def test_does_not_open_in_another_table_field_or_row(grocery, change):
    sealed = vault.seal("secret", **PLACE)
    with pytest.raises(Undecryptable):
        vault.unseal(sealed, **{**PLACE, **change})


def test_does_not_open_in_another_mall(grocery, beauty):
    with in_mall(grocery):
        sealed = vault.seal("secret", **PLACE)
        wrapped = DataKey.objects.get().wrapped
    with in_mall(beauty):
        with pytest.raises(Undecryptable):
            vault.unseal(sealed, **PLACE)  # no key of that version here
        DataKey.objects.create(version=1, wrapped=wrapped)  # carried over with its key: still another mall's
        vault.forget_keys()
        with pytest.raises(Undecryptable):
            vault.unseal(sealed, **PLACE)


def test_a_new_data_key_seals_and_the_old_one_still_opens(grocery):
    old = vault.seal("before", **PLACE)
    assert vault.rotate_data_key() == 2
    new = vault.seal("after", **PLACE)
    assert (old.split(".")[1], new.split(".")[1]) == ("1", "2")
    assert vault.unseal(old, **PLACE) == "before"
    assert vault.unseal(new, **PLACE) == "after"


def test_rewrapping_changes_the_wrapping_alone(grocery):
    sealed = vault.seal("secret", **PLACE)
    before = DataKey.objects.get().wrapped
    vault.keyring().add_version()
    assert vault.rewrap_data_keys() == 1
    assert vault.rewrap_data_keys() == 0
    assert DataKey.objects.get().wrapped != before
    vault.forget_keys()
    assert vault.unseal(sealed, **PLACE) == "secret"


@pytest.mark.parametrize("text", ["", "v1", "v2.1.AAAA", "v1.x.AAAA", "v1.1.%%%"])
def test_what_was_never_sealed_is_refused(grocery, text):
    with pytest.raises(Undecryptable):
        vault.unseal(text, **PLACE)


def test_rotating_the_keyring_wraps_every_malls_keys_again_and_can_be_resumed(grocery, beauty):
    sealed = {}
    for mall in (grocery, beauty):
        with in_mall(mall):
            sealed[mall.pk] = vault.seal(mall.name, **PLACE)
    said = io.StringIO()
    call_command("rotate_keyring", stdout=said)
    assert said.getvalue().count("1 wrapped again") == 2
    again = io.StringIO()
    call_command("rotate_keyring", "--resume", stdout=again)
    assert again.getvalue().count("0 wrapped again") == 2
    vault.forget_keys()
    for mall in (grocery, beauty):
        with in_mall(mall):
            assert vault.unseal(sealed[mall.pk], **PLACE) == mall.name
