"""One typed reader for every setting that comes from outside. A secret may be given as NAME or as NAME_FILE."""

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit


class MissingSetting(Exception):
    """A required environment variable is absent or malformed; the message names it."""


def text(name: str, default: str | None = None) -> str:
    """The variable as text. Raises MissingSetting when it is absent and has no default."""
    file_name = os.environ.get(f"{name}_FILE")
    if file_name:
        return Path(file_name).read_text().strip()
    value = os.environ.get(name, default)
    if value is None:
        raise MissingSetting(f"{name} is not set (nor {name}_FILE)")
    return value


def boolean(name: str, default: bool) -> bool:
    """`1`, `true`, `yes`, `on` and their opposites; anything else is refused."""
    value = os.environ.get(name)
    if value is None:
        return default
    if value.lower() in ("1", "true", "yes", "on"):
        return True
    if value.lower() in ("", "0", "false", "no", "off"):
        return False
    raise MissingSetting(f"{name} must be a boolean, not {value!r}")


def integer(name: str, default: int) -> int:
    """The variable as a whole number."""
    value = os.environ.get(name)
    if value is None:
        return default
    try:
        return int(value)
    except ValueError:
        raise MissingSetting(f"{name} must be a whole number, not {value!r}") from None


def json_object(name: str) -> dict[str, Any]:
    """The variable as a JSON object; empty if it is absent."""
    try:
        value = json.loads(text(name, "") or "{}")
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise MissingSetting(f"{name} must be a JSON object")
    return value


def database(url: str) -> dict[str, str]:
    """NAME, USER, PASSWORD, HOST, PORT of a `postgresql://` URL; `?host=/dir` names a Unix socket."""
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres") or not parts.path.strip("/"):
        raise MissingSetting(f"not a PostgreSQL URL: {url!r}")
    query = parse_qs(parts.query)
    return {
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.get("host", [parts.hostname or ""])[0],
        "PORT": query.get("port", [str(parts.port or "")])[0],
    }
