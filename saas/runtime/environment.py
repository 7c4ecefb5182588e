"""The environment variables that a process of a role needs, from the embedded servers or from the caller's own URLs."""

import os
import secrets
from pathlib import Path

from saas.runtime.postgres import Postgres
from saas.runtime.redis import Redis

CONTROL_DATABASE = "control"


def secret_key(home: Path) -> str:
    """The installation's signing key, made once and kept in a file of mode 0600."""
    file = home / "secret-key"
    if not file.exists():
        home.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as handle:
            handle.write(secrets.token_urlsafe(48))
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
