import json
import os

import pytest

from saas.kernel.keyring import KeyringRefused, LocalKeyring, Undecryptable, open_bytes, seal_bytes


def ring(tmp_path):
    made = LocalKeyring(tmp_path / "keyring.json")
    made.ensure()
    return made


def test_is_made_once_and_readable_by_its_owner_alone(tmp_path):
    first = ring(tmp_path)
    assert first.path.stat().st_mode & 0o777 == 0o600
    before = first.path.read_bytes()
    ring(tmp_path)
    assert first.path.read_bytes() == before


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o660, 0o644])
def test_refuses_a_file_that_others_can_read(tmp_path, mode):
    made = ring(tmp_path)
    made.path.chmod(mode)
    with pytest.raises(KeyringRefused, match="chmod 600"):
        LocalKeyring(made.path).check()


def test_a_process_does_not_start_over_a_readable_keyring(tmp_path):
    import subprocess
    import sys

    made = ring(tmp_path)
    made.path.chmod(0o644)
    done = subprocess.run(
        [sys.executable, "-c", "import django; django.setup()"],
        env={**os.environ, "KEYRING_FILE": str(made.path)}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode != 0
    assert "chmod 600" in done.stderr


def test_refuses_a_damaged_or_missing_file(tmp_path):
    with pytest.raises(KeyringRefused, match="missing"):
        LocalKeyring(tmp_path / "none").generate_data_key("x")
    broken = tmp_path / "broken"
    broken.touch(0o600)
    broken.write_text(json.dumps({"current": 1, "keys": {"1": "AAAA"}}))
    with pytest.raises(KeyringRefused, match="damaged"):
        LocalKeyring(broken).generate_data_key("x")


def test_wrapped_keys_open_in_their_own_context_only(tmp_path):
    made = ring(tmp_path)
    key, wrapped = made.generate_data_key("mall A")
    assert made.unwrap(wrapped, "mall A") == key
    with pytest.raises(Undecryptable):
        made.unwrap(wrapped, "mall B")


def test_rotation_keeps_old_wrapped_keys_open_and_wraps_anew(tmp_path):
    made = ring(tmp_path)
    elsewhere = LocalKeyring(made.path)
    key, wrapped = made.generate_data_key("mall")
    assert made.add_version() == 2
    assert not made.is_current(wrapped)
    again = made.rewrap(wrapped, "mall")
    assert made.is_current(again)
    assert elsewhere.unwrap(wrapped, "mall") == elsewhere.unwrap(again, "mall") == key


@pytest.mark.parametrize("size", [0, 11, 27])
def test_short_ciphertexts_are_refused_before_decryption(size):
    with pytest.raises(Undecryptable):
        open_bytes(b"k" * 32, b"x" * size, "place")


def test_a_changed_byte_is_noticed():
    sealed = bytearray(seal_bytes(b"k" * 32, b"secret", "place"))
    sealed[14] ^= 1
    with pytest.raises(Undecryptable):
        open_bytes(b"k" * 32, bytes(sealed), "place")
