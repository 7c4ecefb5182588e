"""Signed tokens that are worth nothing in another mall, and sealed ones that cross from control into a mall.

Every mall shares the installation's secret key, so the mall is part of each salt: a token of mall A is a forgery in B.
"""

import base64
import hashlib
import hmac
import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.signing import TimestampSigner
from django.db import connection
from django.utils.translation import gettext_lazy as _

from saas.kernel.errors import DomainError


class TokenRefused(DomainError):
    """The token is forged, altered, too old, of another mall or already used: never told which."""

    code = "token_refused"
    http_status = 403
    message = _("This link is no longer valid. Please ask for a new one.")


def audience() -> str:
    """Who a token made here is for: the active mall's ULID, or `control`."""
    if settings.ROLE == "control":
        return "control"
    ulid = getattr(getattr(connection, "tenant", None), "ulid", "")
    if not ulid:
        raise RuntimeError("a token needs an active mall")
    return str(ulid)


def mall_signer(purpose: str) -> TimestampSigner:
    """A signer whose tokens hold for one purpose in the active mall only."""
    return TimestampSigner(salt=f"mallwright.{purpose}.{audience()}")


def seal(purpose: str, to: str, payload: dict[str, Any]) -> str:
    """An opaque token that only `to` (a mall's ULID or `control`) can open; encrypted, so it may carry a phone number."""
    return _fernet(purpose, to).encrypt(json.dumps(payload).encode()).decode()


def unseal(purpose: str, token: str, *, max_age: int) -> dict[str, Any]:
    """The payload of a token sealed for this mall, at most `max_age` seconds old. Raises TokenRefused."""
    try:
        opened = _fernet(purpose, audience()).decrypt(token.encode(), ttl=max_age)
    except (InvalidToken, UnicodeEncodeError):
        raise TokenRefused from None
    payload: dict[str, Any] = json.loads(opened)
    return payload


def _fernet(purpose: str, to: str) -> Fernet:
    key = hmac.new(settings.SECRET_KEY.encode(), f"mallwright.seal.{purpose}.{to}".encode(), hashlib.sha256).digest()
    return Fernet(base64.urlsafe_b64encode(key))


class MallPasswordResetTokens(PasswordResetTokenGenerator):
    """Password reset tokens of one mall. (allauth's own generator writes to the database while it checks.)"""

    @property
    def key_salt(self) -> str:  # type: ignore[override]
        return f"mallwright.password_reset.{audience()}"
