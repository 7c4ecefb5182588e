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
from saas.messaging.notices.gateways import Answer, Found, Message, Receipt, Refused, Stopped, TryLater, Unknown
from saas.messaging.notices.kinds import KINDS
from saas.messaging.notices.models import Notice
from saas.messaging.notices.rules import MAX_ATTEMPTS, OPEN, NoticeState, never_arrived, retry_seconds


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
                "parameters": {name: str(value) for name, value in context.items()},
                "created_at": clock.real_now(),
            },
        )
        if made:
            bus.publish("notice.queued", {"notice": notice.ulid}, key=f"{notice.ulid}:0", available_at=_when(notice))
    return notice


def _when(notice: Notice) -> dt.datetime | None:
    """A provider may take seconds to answer: its messages are a schedule, for a worker, not for the cell's deliverer."""
    is_remote = getattr(_gateway(notice), "is_remote", None)
    if is_remote is None or not is_remote("sms" if notice.to_phone else "email"):
        return None
    return clock.now()


def require_sms(*, now: dt.datetime) -> None:
    """Raise SmsUnavailable when the hour's spend limit of this process group is reached, or Redis cannot tell."""
    if sms_spent(now) >= settings.SMS_PER_HOUR_BREAKER:
        raise SmsUnavailable


def begin_attempt(ulid: str, *, now: dt.datetime) -> Message | None:
    """Claim one attempt at a notice, in the caller's transaction, with the next one scheduled in case this one dies.

    An attempt that did not say how it ended is followed by a question to the provider, where it can be asked.
    """
    notice = Notice.objects.select_for_update().filter(ulid=ulid, state__in=sorted(OPEN)).first()
    if notice is None:
        return None
    asks = notice.state != NoticeState.QUEUED and hasattr(_gateway(notice), "ask")
    if notice.attempts >= MAX_ATTEMPTS * (1 + notice.rounds):
        _finish(notice, NoticeState.UNKNOWN if asks else NoticeState.FAILED, now)
        return None
    notice.attempts += 1
    notice.state = notice.state if asks else NoticeState.SENDING
    notice.tried_at = notice.tried_at or now
    notice.save(update_fields=["attempts", "state", "tried_at"])
    bus.publish(
        "notice.queued",
        {"notice": ulid},
        key=f"{ulid}:{notice.attempts}",
        available_at=clock.to_mall(
            now + dt.timedelta(seconds=retry_seconds(notice.attempts - MAX_ATTEMPTS * notice.rounds))
        ),
    )
    return Message(
        notice.ulid,
        notice.kind,
        notice.to_phone,
        notice.to_email,
        notice.subject,
        notice.body,
        notice.parameters,
        KINDS[notice.kind].essential,
        notice.tried_at,
        notice.provider_id,
        notice.attempts == 1,
        asks,
    )


def finish_attempt(message: Message, *, now: dt.datetime) -> None:
    """Send a claimed message, or ask after it, outside any transaction, and record how it ended.

    A failure that may pass stays queued; what may have gone out is unknown, never failed, and is asked after.
    """
    try:
        if message.asks:
            _note_answer(message, _gateway(message).ask(message), now)
            return
        if message.to_phone:
            require_sms(now=now)
            _spend(now)
        receipt = _gateway(message).send(message)
    except (TryLater, SmsUnavailable) as error:
        _stay(message, NoticeState.UNKNOWN if message.asks else NoticeState.QUEUED, str(error))
    except Unknown as error:
        _stay(message, NoticeState.UNKNOWN, str(error))
    except Refused as error:
        _close(message, NoticeState.FAILED, now, error=str(error))
    except Stopped as error:
        _close(message, NoticeState.STOPPED, now, error=str(error))
    else:
        _close(message, NoticeState.SENT, now, receipt=receipt)


def _note_answer(message: Message, answer: Answer, now: dt.datetime) -> None:
    """What the provider said of a message that may have gone out."""
    if answer.found is not Found.MISSING:
        _close(message, NoticeState(answer.found), now, error=answer.detail, receipt=Receipt("", answer.provider_id))
        return
    with transaction.atomic():
        notice = Notice.objects.select_for_update().get(ulid=message.ulid)
        notice.missing += 1
        notice.save(update_fields=["missing"])
        gone = never_arrived(notice.missing, notice.tried_at or now, now)
    if not gone:
        _stay(message, NoticeState.UNKNOWN, answer.detail)
    elif KINDS[message.kind].secret:  # a code is of no use by now: its owner has asked for another
        _close(message, NoticeState.FAILED, now, error=answer.detail)
    else:
        with transaction.atomic():
            Notice.objects.filter(ulid=message.ulid).update(missing=0)
            _stay(message, NoticeState.QUEUED, answer.detail)


def note_report(*, provider: str, provider_id: str, delivered: bool, detail: str, now: dt.datetime) -> bool:
    """A provider's report on a message that it took: the person has it, or will not get it. Whether it changed anything."""
    with transaction.atomic():
        notice = (
            Notice.objects.select_for_update()
            .filter(provider=provider, provider_id=provider_id, state=NoticeState.SENT)
            .exclude(provider_id="")
            .first()
        )
        if notice is None:
            return False
        notice.state = NoticeState.DELIVERED if delivered else NoticeState.FAILED
        notice.delivered_at = now if delivered else None
        notice.last_error = "" if delivered else detail[:200]
        notice.save(update_fields=["state", "delivered_at", "last_error"])
    return True


def try_again(*, ulid: str, now: dt.datetime) -> bool:
    """Attempts anew for a notice that failed, was stopped or stays unknown (then the provider is asked first).

    False: it is on its way or arrived, or it held a secret.
    """
    closed = [NoticeState.FAILED, NoticeState.STOPPED, NoticeState.UNKNOWN]
    with transaction.atomic():
        notice = Notice.objects.select_for_update().filter(ulid=ulid, state__in=closed).exclude(body="").first()
        if notice is None or KINDS[notice.kind].secret or (notice.state == NoticeState.FAILED and notice.provider_id):
            return False
        if notice.state != NoticeState.UNKNOWN:
            notice.state = NoticeState.QUEUED
        notice.rounds += 1
        notice.attempts = MAX_ATTEMPTS * notice.rounds
        notice.save(update_fields=["state", "attempts", "rounds"])
        bus.publish("notice.queued", {"notice": ulid}, key=f"{ulid}:again:{notice.rounds}", available_at=now)
    return True


def _stay(message: Message, state: NoticeState, error: str) -> None:
    with transaction.atomic():
        Notice.objects.filter(ulid=message.ulid, state__in=sorted(OPEN)).update(state=state, last_error=error[:200])


def _close(
    message: Message, state: NoticeState, now: dt.datetime, error: str = "", receipt: Receipt | None = None
) -> None:
    with transaction.atomic():
        notice = Notice.objects.select_for_update().get(ulid=message.ulid)
        notice.last_error = error[:200]
        if receipt is not None:
            notice.provider = receipt.provider or notice.provider
            notice.provider_id = receipt.provider_id or notice.provider_id
            notice.last_error = error[:200] or receipt.detail[:200]
        _finish(notice, state, now)
        bus.cancel("notice.queued", key=f"{notice.ulid}:{notice.attempts}")


def _finish(notice: Notice, state: NoticeState, now: dt.datetime) -> None:
    notice.state = state
    notice.sent_at = now if state in (NoticeState.SENT, NoticeState.DELIVERED) else None
    notice.delivered_at = now if state is NoticeState.DELIVERED else None
    if KINDS[notice.kind].secret and not mailbox_open():
        notice.subject, notice.body, notice.parameters = "", "", {}
    notice.save()


def _gateway(message: Message | Notice) -> Any:
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


def forget_recipient(*, phone: str, email: str) -> int:
    """Delete every notice to a person whose account is closed; how many."""
    with transaction.atomic():
        count = 0
        if phone:
            count += Notice.objects.filter(to_phone=phone).delete()[0]
        if email:
            count += Notice.objects.filter(to_email=email).delete()[0]
    return count
