"""Notices of a channel: verified over their raw bytes, stored once, acknowledged; processed afterwards at our own pace."""

import datetime as dt
from collections.abc import Mapping

from django.db import connection, transaction

from saas.channels.contract import BadNotice
from saas.kernel.errors import NotFound
from saas.kernel.ids import new_ulid
from saas.kernel.prepared import PreparedRead, prepared_cursor
from saas.kernel.rows import insert_part
from saas.messaging.bus import services as bus
from tenant_apps.payments.models import ChannelCredential, Notice
from tenant_apps.payments.services import accounts, confirming, refunding

_BY_TOKEN = PreparedRead(
    lambda channel, token: ChannelCredential.objects.filter(channel=channel, notify_token=token),
    channel="?channel",
    token="?token",  # noqa: S106 - a sample
)
_LOCKED = PreparedRead(
    lambda ulid: Notice.objects.select_for_update(of=("self",)).select_related("credential").filter(ulid=ulid),
    ulid="?ulid",
)


def receive_notice(
    *, channel: str, token: str, headers: Mapping[str, str], body: bytes, now: dt.datetime
) -> Notice | None:
    """Verify and store a notice and publish `payment.notice_received`; None if it was received before.

    `token` says whose keys verify it; it is looked up in the mall of the request's host alone, so another mall's is
    unknown here. Raises NotFound, BadNotice: nothing was stored.
    """
    credential = _BY_TOKEN.first(channel=channel, token=token)
    if credential is None:
        raise NotFound
    facts = accounts.gateway_of(credential).parse_notify(headers, body, now)
    if not facts.notice_id or len(facts.notice_id) > 64:
        raise BadNotice("the notice has no usable id")
    kept = {name.lower(): value for name, value in headers.items() if name.lower().startswith("wechatpay-")}
    with transaction.atomic():
        notice = Notice(
            ulid=new_ulid(),
            channel=channel,
            notice_id=facts.notice_id,
            credential=credential,
            event_type=facts.event_type[:40],
            body=body,
            headers=kept,
            received_at=now,
        )
        return notice if _store(notice) else None


_STORE = """
WITH stored AS ({insert} ON CONFLICT (channel, notice_id) DO NOTHING RETURNING id), told AS ({event} FROM stored)
SELECT id FROM stored"""


def _store(notice: Notice) -> bool:
    """Write a notice and its event unless it is known (one statement); whether it was new."""
    insert, values = insert_part(notice)
    event, event_values = bus.publish_part("payment.notice_received", {"notice": notice.ulid}, key=notice.ulid)
    with prepared_cursor(connection) as cursor:
        cursor.execute(_STORE.format(insert=insert, event=event), [*values, *event_values])
        row = cursor.fetchone()
    if row is not None:
        notice.pk, notice._state.adding = row[0], False
    return row is not None


_PROCESSED = "UPDATE payments_notice SET outcome = %s, processed_at = %s WHERE id = %s"


def process_notice(*, notice_ulid: str, now: dt.datetime) -> str:
    """Do what follows from a stored notice, once; the outcome, which is kept with it.

    Within a transaction that is open (an event's) it fails with the whole of it.
    """
    with transaction.atomic(savepoint=False):
        notice = _LOCKED.first(ulid=notice_ulid)
        if notice is None:
            raise NotFound
        if notice.processed_at is not None:
            return notice.outcome
        facts = accounts.gateway_of(notice.credential).open_notice(bytes(notice.body))
        if facts.payment is not None:
            outcome = confirming.apply_payment_facts(facts=facts.payment, now=now)
        elif facts.refund is not None:
            outcome = refunding.apply_refund_facts(facts=facts.refund, now=now)
        else:
            outcome = "ignored: unknown event"
        with prepared_cursor(connection) as cursor:
            cursor.execute(_PROCESSED, [outcome[:60], now, notice.pk])
    return outcome
