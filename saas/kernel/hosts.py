"""Host names as they are stored and compared: one form for all the ways in which people and programs write them. Pure."""

import re

import idna

HOST_MAX, LABEL_MAX = 253, 63
_HOST = re.compile(r"(?=.{1,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\Z")
_PORT = re.compile(r":[0-9]{1,5}\Z")
_DOTS = str.maketrans({"。": ".", "．": ".", "｡": "."})


def normalise(raw: str) -> str | None:
    """Lower case, in ASCII (IDNA 2008), no port, no trailing dot; None if it is no host name (an IPv6 address is none)."""
    host = _PORT.sub("", raw.strip())
    if not host.isascii():
        try:
            host = idna.encode(host.translate(_DOTS).removesuffix("."), uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            return None
    host = host.removesuffix(".").lower()
    return host if _HOST.match(host) else None


def readable(host: str) -> str:
    """A normalised host as people write it; itself where it is not a name of IDNA 2008."""
    if "xn--" not in host:
        return host
    try:
        return idna.decode(host)
    except (idna.IDNAError, UnicodeError):
        return host
