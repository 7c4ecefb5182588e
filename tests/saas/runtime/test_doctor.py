"""`mall doctor` names faults that are there, and only those."""

import re

import pytest

from saas.runtime import doctor
from saas.runtime.doctor import FAULTS, data, machine, servers
from saas.runtime.paths import PROJECT
from saas.runtime.postgres import Postgres

pytestmark = pytest.mark.usefixtures("clean_environment")


def codes(findings):
    return sorted({finding.code for finding in findings})


def test_every_fault_has_a_section_in_the_book_and_every_section_a_fault():
    text = (PROJECT / "docs" / "troubleshooting.md").read_text()
    assert sorted(re.findall(r"^## `([a-z-]+)`", text, re.M)) == sorted(FAULTS)


def test_every_fault_can_be_found():
    source = "".join(path.read_text() for path in (PROJECT / "saas" / "runtime" / "doctor").glob("*.py"))
    named = set(re.findall(r"""Finding\(\s*"([a-z-]+)\"""", source))
    assert named == set(FAULTS)


def test_there_are_at_least_fifteen_faults_each_with_a_mend():
    assert len(FAULTS) >= 15
    assert all(fault.title and fault.mend for fault in FAULTS.values())


def test_a_readable_secret(place):
    (place / "secret-key").write_text("x")
    (place / "secret-key").chmod(0o644)
    assert codes(machine.secret_files(place)) == ["secret-readable"]
    (place / "secret-key").chmod(0o600)
    assert codes(machine.secret_files(place)) == []


def test_some_urls_without_the_others(place, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://app@db/cell")
    assert codes(servers.addresses(place)) == ["urls-partial"]
    monkeypatch.setenv("CONTROL_DATABASE_URL", "postgresql://app@db/control")
    monkeypatch.setenv("REDIS_URL", "redis://cache/0")
    assert codes(servers.addresses(place)) == ["owner-url-missing"]


def test_a_cluster_of_another_version(place):
    server = Postgres(place)
    server.data.mkdir(parents=True)
    (server.data / "PG_VERSION").write_text("15\n")
    assert codes(servers.postgres(place)) == ["postgres-version"]


def test_servers_that_do_not_start(place):
    server = Postgres(place)
    server.start()
    server.stop()
    (server.data / "postgresql.conf").write_text("no_such_setting = 1\n")
    assert codes(servers.postgres(place)) == ["postgres-down"]


def test_a_full_disk_and_a_missing_package(place, monkeypatch):
    monkeypatch.setattr(machine, "DISK_BYTES", 10**18)
    assert "disk-full" in codes(machine.disk_and_memory(place))
    assert codes(machine.installed_packages(place)) == []
    assert codes(machine.python_version(place)) == []


def test_a_taken_port(place, monkeypatch):
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setattr(machine, "PREFERRED_PORTS", {"cell": taken.getsockname()[1]})
        assert codes(machine.ports(place)) == ["port-taken"]


def test_a_fresh_folder_has_its_tables_missing_and_nothing_worse(place):
    from saas.runtime.servers import using_servers

    with using_servers(place):
        found = [*data.migrations(place), *data.template(place), *data.clock(place)]
    assert codes(found) == ["migrations-pending", "template-stale"]
    assert not any(finding.is_fatal for finding in found)
    assert len(doctor.MACHINE + doctor.SERVERS + doctor.DATA) >= 15
