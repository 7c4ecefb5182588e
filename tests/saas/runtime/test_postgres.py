"""The launcher of the embedded PostgreSQL."""

import os
import signal
import stat
import threading
import time
from pathlib import Path

import psycopg
import pytest

from saas.runtime.postgres import Postgres, PostgresFailed
from tests.saas.runtime.conftest import alive


def main_pid(server: Postgres) -> int:
    return int((server.data / "postmaster.pid").read_text().split()[0])


def put(server: Postgres, number: int) -> None:
    with server.connect("shop") as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (n int)")
        connection.execute("INSERT INTO kept VALUES (%s)", [number])


def kept(server: Postgres) -> list[int]:
    with server.connect("shop") as connection:
        return [row[0] for row in connection.execute("SELECT n FROM kept ORDER BY n").fetchall()]


def test_starts_stops_and_keeps_what_was_written_through_a_kill(place):
    server = Postgres(place)
    server.start()
    assert server.ensure_database("shop") is True
    assert server.ensure_database("shop") is False
    put(server, 1)
    server.stop()
    assert not server.running()
    server.start()
    put(server, 2)
    os.kill(main_pid(server), signal.SIGKILL)
    server.start()
    assert kept(server) == [1, 2]
    first = main_pid(server)
    server.start()
    assert main_pid(server) == first


def test_two_starts_at_once_make_one_server(place):
    errors = []

    def start() -> None:
        try:
            Postgres(place).start()
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert Postgres(place).log.read_text().count("ready to accept connections") == 1


def test_a_pid_file_that_names_another_process_does_not_stop_it(place):
    server = Postgres(place)
    server.start()
    pid = main_pid(server)
    os.kill(pid, signal.SIGKILL)
    while alive(pid):
        time.sleep(0.02)
    file = server.data / "postmaster.pid"
    lines = file.read_text().splitlines()
    file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    server.start()
    assert main_pid(server) not in (pid, os.getpid())


def test_a_home_with_a_long_path_gets_its_sockets_elsewhere(place):
    server = Postgres(place / ("long-" * 12) / ("name-" * 12))
    assert not server.socket.is_relative_to(place)
    assert len(os.fsencode(server.socket / ".s.PGSQL.5432")) <= 107
    try:
        server.start()
        assert server.running()
        assert stat.S_IMODE(server.socket.stat().st_mode) == 0o700
    finally:
        server.stop()
        server.socket.rmdir()


def test_nobody_else_gets_in(place):
    server = Postgres(place)
    server.start()
    assert stat.S_IMODE(server.socket.stat().st_mode) == 0o700
    assert stat.S_IMODE(server.data.stat().st_mode) == 0o700
    with server.connect() as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        assert connection.execute("SHOW fsync").fetchone() == ("on",)
        assert connection.execute("SHOW data_checksums").fetchone() == ("on",)
    with pytest.raises(psycopg.OperationalError):
        server.connect(role="somebody")
    with server.connect(role="mallwright_app") as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("CREATE DATABASE mine")


def test_a_server_that_gives_up_is_told_at_once_with_its_log(place):
    server = Postgres(place)
    server.start()
    server.stop()
    (server.data / "pg_hba.conf").unlink()
    (server.data / "postgresql.conf").write_text("no_such_setting = 1\n")
    started = time.monotonic()
    with pytest.raises(PostgresFailed, match="no_such_setting"):
        server.start()
    assert time.monotonic() - started < 30


def test_a_half_made_cluster_is_made_anew(place):
    server = Postgres(place)
    partial = Path(place / "postgres" / "data.partial")
    partial.mkdir(parents=True)
    (partial / "PG_VERSION").write_text("18\n")
    server.start()
    assert server.running()
    assert not partial.exists()
