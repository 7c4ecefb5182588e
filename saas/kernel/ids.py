"""Globally unique names: public ids, schema names, document numbers. Never row numbers, never reused."""

import datetime as dt
import re
import secrets

from ulid import ULID

_BASE32 = "0123456789abcdefghjkmnpqrstvwxyz"
_ULID = re.compile("[0-7][0-9A-HJKMNP-TV-Z]{25}")


def new_ulid() -> str:
    """A fresh ULID: 26 characters, sortable by time of birth."""
    return str(ULID())


def is_ulid(text: str) -> bool:
    """Whether `text` is written as a ULID is."""
    return bool(_ULID.fullmatch(text))


def new_schema_name() -> str:
    """A fresh mall schema name: our own characters only, never from a vendor's input."""
    return "t_" + str(ULID()).lower()


def new_document_number(prefix: str, now: dt.datetime) -> str:
    """A number safe for every channel (CHANNELS 0.3): date, then 16 random base-32 characters; 25 to 27 in all."""
    tail = "".join(secrets.choice(_BASE32) for _ in range(16)).upper()
    return f"{prefix}{now:%y%m%d}{tail}"
