"""Parcels of carriers, followed at the tracking service: taken on, asked about, its pushes stored once and applied."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saas.channels.contract import ChannelError
from saas.channels.facts import ErrorClass
from saas.identity import audit
from saas.kernel.errors import DomainError, NotFound
from saas.kernel.ids import new_ulid
from saas.messaging.bus import services as bus
from saas.tenants.malls import selectors as malls
from saas.tenants.malls.activation import active_mall
from tenant_apps.courier.models import CourierAccount, CourierNotice, ParcelWatch
from tenant_apps.courier.rules import Provider
from tenant_apps.courier.services import accounts, trackers
from tenant_apps.courier.tracking import OPEN, PHONE_CARRIERS, QUIET_BETWEEN, Course, WatchState, next_ask
from tenant_apps.orders import services as orders
from tenant_apps.orders.models import Parcel
from tenant_apps.orders.parcels import carrier_code


class NotFollowed(DomainError):
    """No tracking service is connected, or it does not know the carrier."""

    code = "parcel_not_followed"
    message = _("This parcel cannot be followed: connect a tracking service, and send by a carrier that it knows.")  # type: ignore[assignment]


class AskedRecently(DomainError):
    """The service locks numbers that are asked about more often than every half hour."""

    code = "parcel_asked_recently"
    message = _("The service was asked less than half an hour ago. News come by themselves.")  # type: ignore[assignment]


def follow_parcel(*, parcel_ulid: str, actor: str, now: dt.datetime) -> ParcelWatch:
    """Have a parcel followed from now on: `courier.parcel_due` asks the service. One that is followed stays as it is.

    Raises NotFound, NotFollowed.
    """
    with transaction.atomic():
        parcel = Parcel.objects.select_for_update().filter(ulid=parcel_ulid).first()
        if parcel is None:
            raise NotFound
        account, company = trackers.active_tracker(), carrier_code(parcel.carrier)
        if account is None or not company or not parcel.tracking_number:
            raise NotFollowed
        row = ParcelWatch.objects.filter(parcel=parcel).first()
        if row is not None and row.state in OPEN:
            return row
        row = row or ParcelWatch(ulid=new_ulid(), parcel=parcel, rounds=0)
        row.account, row.company, row.number = account, company, parcel.tracking_number
        row.state, row.reason, row.changed_at, row.rounds = WatchState.ASKING, "", now, row.rounds + 1
        row.save()
        _ask_later(row, 1, now)
        if actor != "system":
            audit.record(actor, "parcel.followed", target=f"parcel:{parcel_ulid}")
    return row


def ask(*, watch_ulid: str, now: dt.datetime, by_hand: bool = False) -> str:
    """Have a parcel taken on, or ask where one is that is followed; the outcome in one word. Not inside a transaction.

    Without a clear answer it stays as it is. Raises NotFound, AskedRecently (`by_hand`).
    """
    row = ParcelWatch.objects.select_related("account", "parcel__order").filter(ulid=watch_ulid).first()
    if row is None:
        raise NotFound
    if row.state not in OPEN or not row.account.app_secret_sealed:
        return "over"
    if row.asked_at is not None and now < row.asked_at + QUIET_BETWEEN and row.state == WatchState.FOLLOWED:
        if by_hand:
            raise AskedRecently
        return "quiet"
    _note(row, asked_at=now)
    gateway, phone = trackers.gateway_of(row.account), _phone(row)
    try:
        if row.state == WatchState.ASKING:
            gateway.follow(row.company, row.number, phone, _callback_url(row.account))
            return _settle(row, WatchState.FOLLOWED, "", now)
        course = gateway.query(row.company, row.number, phone)
    except ChannelError as error:
        if error.kind is ErrorClass.UNKNOWN or row.state == WatchState.FOLLOWED:  # a question may have no result yet
            _note(row, reason=accounts.why_of(error)[:200])
            return "unknown"
        return _settle(row, WatchState.REFUSED, accounts.why_of(error), now)
    with transaction.atomic():
        return _apply(row.ulid, course, now)


def receive_push(*, token: str, body: bytes, now: dt.datetime) -> CourierNotice | None:
    """Store a push and publish `courier.push_received`; None if it came before.

    `token` names the account in the mall of the request's host alone. Raises NotFound (token, or no parcel followed by
    this account), BadNotice: then nothing was stored.
    """
    rows = CourierAccount.objects.filter(provider=Provider.KUAIDI100, notify_token=token)
    account = rows.exclude(app_secret_sealed="").first()
    if account is None:
        raise NotFound
    found = trackers.gateway_of(account).parse_push(body)
    watch = ParcelWatch.objects.filter(account=account, number=found.course.number).order_by("pk").first()
    if watch is None:
        raise NotFound
    with transaction.atomic():
        row, is_new = CourierNotice.objects.get_or_create(
            account=account,
            notice_id=found.notice_id,
            defaults={"ulid": new_ulid(), "watch": watch, "body": body, "received_at": now},
        )
        if not is_new:
            return None
        bus.publish("courier.push_received", {"notice": row.ulid}, key=row.ulid)
    return row


def apply_push(*, notice_ulid: str, now: dt.datetime) -> str:
    """What a stored push says becomes the course of every parcel of that number; the outcome in one word, once."""
    with transaction.atomic():
        row = (
            CourierNotice.objects.select_for_update(of=("self",))
            .select_related("account", "watch")
            .get(ulid=notice_ulid)
        )
        if row.processed_at is not None or row.watch is None:
            return "seen"
        course = trackers.gateway_of(row.account).parse_push(bytes(row.body)).course
        rows = ParcelWatch.objects.filter(account=row.account, number=row.watch.number).order_by("pk")
        outcomes = [_apply(ulid, course, now) for ulid in rows.values_list("ulid", flat=True)]
        row.processed_at, row.outcome = now, outcomes[0]
        row.save(update_fields=["processed_at", "outcome"])
    return row.outcome


def ask_again(*, watch_ulid: str, round_number: int, attempt: int, now: dt.datetime) -> bool:
    """Schedule the next question about a parcel that is still followed; whether this one is to be asked now."""
    row = ParcelWatch.objects.select_for_update().filter(ulid=watch_ulid, state__in=sorted(OPEN)).first()
    if row is None or row.rounds != round_number:
        return False
    _ask_later(row, attempt + 1, now)
    return True


def give_up(*, watch_ulid: str, reason: str, now: dt.datetime) -> None:
    """A parcel of which nothing is heard any more is followed no longer; what is known of it stays."""
    with transaction.atomic():
        row = ParcelWatch.objects.select_for_update().filter(ulid=watch_ulid, state__in=sorted(OPEN)).first()
        if row is not None:
            _settle(row, WatchState.OVER, reason, now)


def _apply(watch_ulid: str, course: Course, now: dt.datetime) -> str:
    row = ParcelWatch.objects.select_for_update(of=("self",)).select_related("parcel").get(ulid=watch_ulid)
    steps = [(one.at, one.text) for one in course.steps]
    changed = orders.record_course(parcel_ulid=row.parcel.ulid, state=course.state, steps=steps, now=now)
    if course.is_over and row.state in OPEN:
        _settle(row, WatchState.OVER, course.reason, now)
    elif row.state == WatchState.ASKING:  # it tells of it: then it follows it
        _settle(row, WatchState.FOLLOWED, "", now)
    elif changed:
        _note(row, reason="")
    return "applied" if changed else "same"


def _settle(row: ParcelWatch, state: WatchState, reason: str, now: dt.datetime) -> str:
    """Nothing that came meanwhile is overwritten: only a parcel that still stands as it was read moves on."""
    with transaction.atomic():
        found = ParcelWatch.objects.filter(pk=row.pk, state=row.state)
        found.update(state=state, reason=reason[:200], changed_at=now)
    return str(state)


def _note(row: ParcelWatch, **values: object) -> None:
    with transaction.atomic():
        ParcelWatch.objects.filter(pk=row.pk).update(**values)


def _ask_later(row: ParcelWatch, attempt: int, now: dt.datetime) -> None:
    bus.publish(
        "courier.parcel_due",
        {"watch": row.ulid, "round": row.rounds, "attempt": attempt},
        key=f"{row.ulid}:{row.rounds}:{attempt}",
        available_at=now if attempt == 1 else next_ask(attempt - 1, row.state, now),
    )


def _phone(row: ParcelWatch) -> str:
    """The last four digits of the recipient's number, for the carriers that say nothing without; else nothing."""
    return row.parcel.order.recipient_phone[-4:] if row.company in PHONE_CARRIERS else ""


def _callback_url(account: CourierAccount) -> str:
    origin = malls.primary_origin(active_mall())
    return f"{origin}/notify-courier/{account.provider}/{account.notify_token}"
