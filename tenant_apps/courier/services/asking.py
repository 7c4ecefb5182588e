"""What a service says of its errands: callbacks, stored once and answered by asking; and asking where none comes."""

import datetime as dt

from django.db import transaction

from saas.channels.contract import ChannelError
from saas.channels.facts import ErrorClass
from saas.kernel import clock
from saas.kernel.errors import NotFound
from saas.kernel.ids import new_ulid
from saas.messaging.bus import services as bus
from tenant_apps.courier.models import CourierAccount, CourierNotice, Errand
from tenant_apps.courier.rules import OPEN, ErrandState
from tenant_apps.courier.services import accounts, applying, calling


def receive_callback(*, provider: str, token: str, body: bytes, now: dt.datetime) -> CourierNotice | None:
    """Store a callback and publish `courier.notice_received`; None if it came before.

    `token` names the account in the mall of the request's host alone. Raises NotFound (token, or no errand of this
    account), BadNotice: then nothing was stored.
    """
    rows = CourierAccount.objects.filter(provider=provider, notify_token=token)
    account = rows.exclude(app_secret_sealed="").first()  # left behind in a mall made from a backup
    if account is None:
        raise NotFound
    found = accounts.gateway_of(account).parse_callback(body)
    errand = Errand.objects.filter(account=account, number=found.number).first()
    if errand is None:
        raise NotFound
    with transaction.atomic():
        row, is_new = CourierNotice.objects.get_or_create(
            account=account,
            notice_id=found.notice_id,
            defaults={"ulid": new_ulid(), "errand": errand, "body": body, "received_at": now},
        )
        if not is_new:
            return None
        bus.publish("courier.notice_received", {"notice": row.ulid}, key=row.ulid)
    return row


def note_callback(*, notice_ulid: str, now: dt.datetime) -> str | None:
    """Mark a stored callback as seen, once; the errand that is to be asked about, None where it is over or was seen."""
    row = CourierNotice.objects.select_for_update(of=("self",)).select_related("errand").get(ulid=notice_ulid)
    if row.processed_at is not None or row.errand is None:
        return None
    over = row.errand.state not in OPEN
    row.processed_at, row.outcome = now, "over" if over else "asked"
    row.save(update_fields=["processed_at", "outcome"])
    return None if over else row.errand.ulid


def ask_service(*, errand_ulid: str, now: dt.datetime) -> str:
    """Ask the service about an errand and do what follows; the outcome in one word. Not inside a transaction.

    One whose call was never answered and that the service does not know is sent again, under its own number.
    """
    row = Errand.objects.select_related("account").filter(ulid=errand_ulid).first()
    if row is None:
        raise NotFound
    if row.state not in OPEN or row.account is None or not row.account.app_secret_sealed:
        return "over"
    try:
        facts = accounts.gateway_of(row.account).query(row.number, clock.to_real(now))
    except ChannelError as error:
        if error.kind is not ErrorClass.UNKNOWN and row.state == ErrandState.CALLING:
            return calling.send(row, now=now)
        return calling.note(row, error)
    with transaction.atomic():
        changed = applying.apply_facts(applying.locked(row.ulid), facts, actor="system", now=now)
    return str(facts.state) if changed else "same"
