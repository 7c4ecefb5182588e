"""Codes by SMS or e-mail: 6 digits, 5 minutes, 5 tries, one use, worth nothing outside the session that asked."""

import datetime as dt
import hmac
import secrets

from django.db import transaction
from django.db.models import F
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from saas.identity import limits
from saas.identity.models import SignInCode
from saas.identity.tokens import audience
from saas.kernel.errors import InvalidInput
from saas.kernel.ids import new_ulid
from saas.messaging.notices import services as notices

CODE_MINUTES = 5
CODE_TRIES = 5


class WrongCode(InvalidInput):
    """The code does not fit, is too old, was used or tried too often: the answer does not tell which."""

    code = "wrong_code"
    message = _("The code is wrong or has expired.")


class CodeSpent(WrongCode):
    """No further try is possible with this code; a new one must be asked for."""

    code = "code_spent"
    message = _("The code is no longer valid. Please ask for a new one.")


def send_code(*, purpose: str, target: str, ip: str, now: dt.datetime) -> str:
    """Send a code to a phone (E.164) or an e-mail address, known here or not; the caller keeps the id in the session.

    Raises TooManyAttempts, and SmsUnavailable when the spend breaker is open or cannot be read.
    """
    by_phone = target.startswith("+")
    kind = "sms" if by_phone else "email"
    wanted = [
        limits.Limit(f"{kind}_code.target", target),
        limits.Limit(f"{kind}_code.ip", ip),
        limits.Limit(f"{kind}_code.mall", "all"),
    ]
    if by_phone:
        notices.require_sms(now=now)
    code = f"{secrets.randbelow(1_000_000):06d}"
    ulid = new_ulid()
    with transaction.atomic():
        limits.check(wanted, now=now)
        limits.record(wanted, now=now)
        SignInCode.objects.create(
            ulid=ulid,
            purpose=purpose,
            target=target,
            digest=_digest(ulid, code),
            created_at=now,
            expires_at=now + dt.timedelta(minutes=CODE_MINUTES),
        )
        SignInCode.objects.filter(created_at__lt=now - dt.timedelta(days=1)).delete()
        notices.send_notice(
            kind="sign_in_code",
            to_phone=target if by_phone else "",
            to_email="" if by_phone else target,
            context={"code": code, "minutes": CODE_MINUTES},
            key=f"code:{ulid}",
        )
    return ulid


def check_code(*, ulid: str, purpose: str, code: str, now: dt.datetime) -> str:
    """The phone or e-mail address that the code `ulid` was sent to, if `code` is that code; it is then used up.

    Every call counts as a try, in a transaction of its own, however it ends. Raises WrongCode, CodeSpent.
    """
    with transaction.atomic():
        tried = SignInCode.objects.filter(
            ulid=ulid, purpose=purpose, used_at=None, expires_at__gt=now, tries__lt=CODE_TRIES
        ).update(tries=F("tries") + 1)
        row = SignInCode.objects.filter(ulid=ulid).first() if tried else None
        fits = row is not None and hmac.compare_digest(row.digest, _digest(ulid, code.strip()))
        used = fits and SignInCode.objects.filter(ulid=ulid, used_at=None).update(used_at=now) == 1
    if row is None:
        raise CodeSpent(field="code")
    if not used:
        raise CodeSpent(field="code") if row.tries >= CODE_TRIES else WrongCode(field="code")
    return row.target


def _digest(ulid: str, code: str) -> str:
    return salted_hmac(f"mallwright.code.{audience()}", f"{ulid}:{code}", algorithm="sha256").hexdigest()
