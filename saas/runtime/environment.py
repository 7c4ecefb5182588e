"""The environment variables that a process of a role needs, from the embedded servers or from the caller's own URLs."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from saas.runtime.postgres import Postgres
from saas.runtime.redis import Redis

CONTROL_DATABASE = "control"
ROLES = ("control", "cell", "relay")
EXTERNAL = ("CONTROL_DATABASE_URL", "DATABASE_URL", "REDIS_URL")
OWNER = {"control": "CONTROL_DATABASE_OWNER_URL", "cell": "DATABASE_OWNER_URL"}


class PartlyExternal(RuntimeError):
    """Some of the servers' URLs are set and some are not: either all are, or the embedded servers are used."""


def is_external() -> bool:
    """Whether the servers are the caller's own (all of EXTERNAL set) and nothing is embedded. Raises PartlyExternal."""
    given = [name for name in EXTERNAL if os.environ.get(name) or os.environ.get(f"{name}_FILE")]
    if given and len(given) < len(EXTERNAL):
        missing = ", ".join(name for name in EXTERNAL if name not in given)
        raise PartlyExternal(f"{', '.join(given)} set, but not {missing}: set all three, or none of them")
    return bool(given)


def secret_key(home: Path) -> str:
    """The installation's signing key, made once and kept in a file of mode 0600."""
    file = home / "secret-key"
    if not file.exists():
        home.mkdir(parents=True, exist_ok=True)
        partial = file.with_name(f".secret-key.{secrets.token_hex(8)}.partial")
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as handle:
            handle.write(secrets.token_urlsafe(48))
        try:
            os.link(partial, file)  # whoever is first wins; nobody reads half a key
        except FileExistsError:
            pass
        finally:
            partial.unlink()
    return file.read_text()


def role_environment(
    role: str,
    home: Path,
    *,
    cell: str = "c1",
    control_database: str = CONTROL_DATABASE,
    cell_database: str | None = None,
) -> dict[str, str]:
    """Variables of a `control`, `cell` or `relay` process over the embedded servers of `home`."""
    postgres, redis = Postgres(home), Redis(home)
    database = cell_database or f"cell_{cell}"
    urls = {
        "CONTROL_DATABASE_URL": postgres.url(control_database),
        "DATABASE_URL": postgres.url(database),
        "CONTROL_DATABASE_OWNER_URL": postgres.url(control_database, "mallwright_owner"),
        "DATABASE_OWNER_URL": postgres.url(database, "mallwright_owner"),
    }
    if role == "control":
        urls.pop("DATABASE_URL"), urls.pop("DATABASE_OWNER_URL")
    elif role == "cell":
        urls.pop("CONTROL_DATABASE_URL"), urls.pop("CONTROL_DATABASE_OWNER_URL")
    return {
        "ROLE": role,
        "CELL": cell,
        "MALL_HOME": str(home),
        "SECRET_KEY": secret_key(home),
        "REDIS_URL": redis.url,
        "CELERY_BROKER_URL": redis.broker_url,
        "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "saas.config.settings.base"),
        **urls,
    }


def process_environment(
    role: str, home: Path, extra: Mapping[str, str] | None = None, *, owner: bool = False
) -> dict[str, str]:
    """The whole environment of a child process of `role`: ours, plus the role's, plus `extra`.

    Only with `owner` does it learn the owner's URL (migrations, provisioning). What the caller set wins, save ROLE.
    """
    values = dict(os.environ)
    if is_external():
        values.setdefault("SECRET_KEY", secret_key(home))
        values.setdefault("DJANGO_SETTINGS_MODULE", "saas.config.settings.base")
        values.setdefault("MALL_HOME", str(home))
    else:
        values.update(role_environment(role, home, cell=os.environ.get("CELL", "c1")))
    values["ROLE"] = role
    for of_role, name in OWNER.items():
        if not (owner and of_role == role):
            values.pop(name, None), values.pop(f"{name}_FILE", None)
    return {**values, **(extra or {})}


def as_owner(role: str, environment: dict[str, str]) -> dict[str, str]:
    """`environment` with the role's database opened as its owner. Raises KeyError when no owner URL is set."""
    name = "DATABASE_URL" if role == "cell" else "CONTROL_DATABASE_URL"
    owner = environment.get(OWNER[role])
    if owner is None:
        owner = Path(environment[f"{OWNER[role]}_FILE"]).read_text().strip()
    return {**environment, name: owner}
