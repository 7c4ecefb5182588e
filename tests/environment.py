"""Loaded by pytest before Django's settings: starts the embedded servers of the tests and names this worker's database.

ROLE picks the half of the suite (cell by default). The database of a worker is a copy of a base that holds the
migrated public schema and, for a cell, two malls made by template replay; the tests connect as the app role.
"""

import fcntl
import hashlib
import os
import subprocess
import sys
import zlib
from pathlib import Path

from saas.runtime.environment import role_environment
from saas.runtime.paths import PROJECT, home
from saas.runtime.postgres import Postgres
from saas.runtime.redis import Redis

ROLE = os.environ.setdefault("ROLE", "cell")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "saas.config.settings.test")
HOME = Path(os.environ.get("MALL_TEST_HOME", str(home()) + "-test"))
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
SERVER = Postgres(HOME, durable=False)
DATABASE = f"test_{ROLE}_{WORKER}"
# Twenty ports of this home's own: two servers that choose the same one at the same moment share it without a word.
PORTS = 20_000 + zlib.crc32(str(HOME).encode()) % 600 * 20


def _base_name() -> str:
    digest = hashlib.sha256()
    for folder in ("saas", "tenant_apps", "provisioning", "billing"):
        for file in sorted((PROJECT / folder).rglob("*.py")):
            if "migrations" in file.parts or file.name in ("schema.py", "grants.py", "apps.py"):
                digest.update(str(file.relative_to(PROJECT)).encode() + file.read_bytes())
    digest.update((PROJECT / "tests" / "make_malls.py").read_bytes())
    return f"base_{ROLE}_{digest.hexdigest()[:12]}"


BASE = _base_name()


def _run(module: list[str], database: str, role: str) -> None:
    values = role_environment(ROLE, HOME, control_database=database, cell_database=database)
    name = "DATABASE_URL" if ROLE == "cell" else "CONTROL_DATABASE_URL"
    values[name] = SERVER.url(database, role)
    done = subprocess.run(
        [sys.executable, "-m", *module], env={**os.environ, **values}, cwd=PROJECT, capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(module)} failed:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")


def fresh_database() -> None:
    """(Re)make this worker's database from the base."""
    SERVER.ensure_database(DATABASE, template=BASE, drop=True)


def prepare() -> None:
    """Start the servers, make the base if the migrations changed, and this worker's copy of it."""
    HOME.mkdir(parents=True, exist_ok=True)
    with (HOME / f"lock-{ROLE}").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        SERVER.start()
        Redis(HOME).start()
        with SERVER.connect() as connection:
            names = [row[0] for row in connection.execute("SELECT datname FROM pg_database").fetchall()]
            if BASE not in names:
                for name in names:
                    if name.startswith((f"base_{ROLE}_", *(["mallwright_template_"] if ROLE == "cell" else []))):
                        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
                making = f"making_{ROLE}"
                SERVER.ensure_database(making, drop=True)
                _run(["django", "migrate_public", "--verbosity", "0"], making, "mallwright_owner")
                if ROLE == "cell":
                    _run(["tests.make_malls"], making, "mallwright_owner")
                connection.execute(f'ALTER DATABASE "{making}" RENAME TO "{BASE}"')
        fresh_database()
    values = role_environment(ROLE, HOME, control_database=DATABASE, cell_database=DATABASE)
    values["MALL_HOME"] = str(HOME)
    # A cache of its own: clearing one worker's cache must not empty another's in the middle of a test.
    number = 2 * (int(WORKER[2:]) + 1 if WORKER.startswith("gw") else 0) + (ROLE == "control")
    values["REDIS_URL"] = values["REDIS_URL"].replace("db=0", f"db={number % 15 + 1}")
    os.environ.update(values)


if os.environ.get("MALL_TESTS_WITHOUT_DATABASE") != "1":
    prepare()
