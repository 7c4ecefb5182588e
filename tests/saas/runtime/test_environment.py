"""Which variables a process learns, and which it does not."""

import stat

import pytest

from saas.runtime import environment
from saas.runtime.environment import PartlyExternal

pytestmark = pytest.mark.usefixtures("clean_environment")
EXTERNAL = {
    "CONTROL_DATABASE_URL": "postgresql://app@db/control",
    "DATABASE_URL": "postgresql://app@db/cell",
    "REDIS_URL": "redis://cache/0",
}


def test_only_a_process_that_must_learns_the_owner(place):
    plain = environment.process_environment("cell", place)
    assert "DATABASE_OWNER_URL" not in plain
    assert "CONTROL_DATABASE_URL" not in plain
    owning = environment.process_environment("cell", place, owner=True)
    assert "mallwright_owner" in owning["DATABASE_OWNER_URL"]
    assert "mallwright_owner" in environment.as_owner("cell", owning)["DATABASE_URL"]
    assert {"CONTROL_DATABASE_URL", "DATABASE_URL"} <= set(environment.process_environment("relay", place))


def test_with_all_urls_set_nothing_is_embedded(place, monkeypatch):
    for name, value in EXTERNAL.items():
        monkeypatch.setenv(name, value)
    assert environment.is_external()
    values = environment.process_environment("cell", place)
    assert (values["DATABASE_URL"], values["REDIS_URL"]) == (EXTERNAL["DATABASE_URL"], EXTERNAL["REDIS_URL"])


def test_some_urls_without_the_others_are_refused(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", EXTERNAL["DATABASE_URL"])
    with pytest.raises(PartlyExternal, match="CONTROL_DATABASE_URL, REDIS_URL"):
        environment.is_external()


def test_the_signing_key_is_made_once_and_is_nobody_elses_to_read(place):
    key = environment.secret_key(place)
    assert len(key) > 40
    assert environment.secret_key(place) == key
    assert stat.S_IMODE((place / "secret-key").stat().st_mode) == 0o600
