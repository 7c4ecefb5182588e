"""Sending notices: a row in the caller's transaction, sent after the commit by an event's handler, tried again if need be."""

import datetime as dt
import importlib
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from saas.kernel import clock
from saas.kernel.errors import DomainError
from saas.kernel.ids import new_ulid
from saas.messaging.bus import services as bus
from saas.messaging.notices.gateways import Message, Refused, TryLater
from saas.messaging.notices.kinds import KINDS
from saas.messaging.notices.models import Notice
from saas.messaging.notices.rules import MAX_ATTEMPTS, NoticeState, retry_seconds


class SmsUnavailable(DomainError):
    """The spend breaker for SMS is open, or cannot be read: nothing is sent that might cost without end."""

    code = "sms_unavailable"
    http_status = 503
    message = _("Text messages cannot be sent at the moment. Please try again later or use your password.")


def send_notice(*, kind: str, to_phone: str = "", to_email: str = "", context: Mapping[str, Any], key: str) -> Notice:
    """Queue an SMS or an e-mail, in the caller's transaction, in the active language; the same key queues nothing new.

    `to_phone` is E.164. Exactly one recipient. An unknown kind or a missing placeholder is a caller's mistake.
    """
    template = KINDS[kind]
    with transaction.atomic():
        notice, made = Notice.objects.get_or_create(
            key=key,
            defaults={
                "ulid": new_ulid(),
                "kind": kind,
                "to_phone": to_phone,
                "to_email": to_email,
                "subject": gettext(template.subject).format(**context)[:120],
                "body": gettext(template.body).format(**context),
                "created_at": clock.real_now(),
            },
        )
        if made:
            bus.publish("notice.queued", {"notice": notice.ulid}, key=f"{notice.ulid}:0")
    return notice


def require_sms(*, now: dt.datetime) -> None:
    """Raise SmsUnavailable when the hour's spend limit of this process group is reached, or Redis cannot tell."""
    if sms_spent(now) >= settings.SMS_PER_HOUR_BREAKER:
        raise SmsUnavailable


def begin_attempt(ulid: str, *, now: dt.datetime) -> Message | None:
    """Claim one attempt at a notice, in the caller's transaction, with the next one scheduled in case this one dies."""
    notice = Notice.objects.select_for_update().filter(ulid=ulid, state=NoticeState.QUEUED).first()
    if notice is None:
        return None
    if notice.attempts >= MAX_ATTEMPTS:
        _finish(notice, NoticeState.FAILED, now)
        return None
    notice.attempts += 1
    notice.save(update_fields=["attempts"])
    bus.publish(
        "notice.queued",
        {"notice": ulid},
        key=f"{ulid}:{notice.attempts}",
        available_at=clock.to_mall(now + dt.timedelta(seconds=retry_seconds(notice.attempts))),
    )
    return Message(notice.ulid, notice.kind, notice.to_phone, notice.to_email, notice.subject, notice.body)


def finish_attempt(message: Message, *, now: dt.datetime) -> None:
    """Send a claimed message, outside any transaction, and record how it ended. A failure that may pass stays queued."""
    try:
        if message.to_phone:
            require_sms(now=now)
            _spend(now)
        _gateway(message).send(message)
    except (TryLater, SmsUnavailable) as error:
        with transaction.atomic():
            Notice.objects.filter(ulid=message.ulid).update(last_error=str(error)[:200])
        return
    except Refused as error:
        _close(message, NoticeState.FAILED, now, error=str(error))
        return
    _close(message, NoticeState.SENT, now)


def _close(message: Message, state: NoticeState, now: dt.datetime, error: str = "") -> None:
    with transaction.atomic():
        notice = Notice.objects.select_for_update().get(ulid=message.ulid)
        notice.last_error = error[:200]
        _finish(notice, state, now)
        bus.cancel("notice.queued", key=f"{notice.ulid}:{notice.attempts}")


def _finish(notice: Notice, state: NoticeState, now: dt.datetime) -> None:
    notice.state = state
    notice.sent_at = now if state is NoticeState.SENT else None
    if KINDS[notice.kind].secret and not mailbox_open():
        notice.subject, notice.body = "", ""
    notice.save(update_fields=["state", "sent_at", "last_error", "subject", "body"])


def _gateway(message: Message) -> Any:
    return importlib.import_module(settings.NOTICE_GATEWAYS["sms" if message.to_phone else "email"])


def mailbox_open() -> bool:
    """Whether the development mailbox may be read here."""
    return settings.ENVIRONMENT in ("demo", "test")


def _hour(now: dt.datetime) -> str:
    return f"sms-spent:{now:%Y%m%d%H}"


def sms_spent(now: dt.datetime) -> int:
    """SMS handed to the gateway in this clock hour by all malls of the cell (or by control). Raises SmsUnavailable."""
    key = _hour(now)
    try:
        return int(
            caches["public"].get_many([key]).get(key, 0)
        )  # `get` of a server that is gone is a miss, this raises
    except Exception as error:  # whatever the cache's client raises when its server is gone
        raise SmsUnavailable from error


def _spend(now: dt.datetime) -> None:
    try:
        caches["public"].add(_hour(now), 0, timeout=7200)
        caches["public"].incr(_hour(now))
    except Exception as error:
        raise SmsUnavailable from error
