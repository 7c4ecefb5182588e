"""The pass with which provisioning may see a storefront before it is open to anybody: signed, for one mall, for a minute."""

from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest

HEADER = "X-Mall-Probe"
_SALT = "malls.probe"
_SECONDS = 60


def token(mall: str) -> str:
    """A pass for the mall with this ULID."""
    return TimestampSigner(salt=_SALT).sign(mall)


def is_probe(request: HttpRequest, mall: str) -> bool:
    """Whether the request carries a pass for that mall."""
    given = request.headers.get(HEADER, "")
    if not given:
        return False
    try:
        return TimestampSigner(salt=_SALT).unsign(given, max_age=_SECONDS) == mall
    except BadSignature:
        return False
