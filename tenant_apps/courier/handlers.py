"""What couriers do upon events. Services are asked after the handler's transaction has committed (STYLE rule 16); each
handler first schedules the next question, so a process that dies in between loses nothing."""

import contextlib
from functools import partial

from django.db import transaction
from django.utils.translation import gettext

from saas.kernel.clock import now
from saas.messaging.bus import services as bus
from saas.messaging.bus.services import Event
from tenant_apps.courier import services as courier
from tenant_apps.courier.models import Errand
from tenant_apps.courier.rules import OPEN, QUERY_LIMIT, next_query
from tenant_apps.courier.services import asking, watching
from tenant_apps.courier.tracking import ASK_LIMIT


def on_notice_received(event: Event) -> None:
    """A stored callback: ask how things stand."""
    errand = asking.note_callback(notice_ulid=str(event.payload["notice"]), now=now())
    if errand is not None:
        transaction.on_commit(partial(_ask, errand), robust=True)


def on_query_due(event: Event) -> None:
    """An errand is not over: ask the service, and again later."""
    ulid, attempt = str(event.payload["errand"]), int(event.payload["attempt"])
    if attempt > QUERY_LIMIT or not Errand.objects.filter(ulid=ulid, state__in=sorted(OPEN)).exists():
        return
    bus.publish(
        "courier.query_due",
        {"errand": ulid, "attempt": attempt + 1},
        key=f"{ulid}:{attempt + 1}",
        available_at=next_query(attempt + 1, now()),
    )
    transaction.on_commit(partial(_ask, ulid), robust=True)


def on_parcel_sent(event: Event) -> None:
    """A carrier has a parcel: where a tracking service is connected that knows the carrier, it is followed."""
    with contextlib.suppress(watching.NotFollowed):
        watching.follow_parcel(parcel_ulid=str(event.payload["parcel"]), actor="system", now=now())


def on_parcel_due(event: Event) -> None:
    """A parcel is to be taken on, or nothing was heard of it for half a day: ask the tracking service."""
    ulid, attempt = str(event.payload["watch"]), int(event.payload["attempt"])
    if attempt > ASK_LIMIT:
        watching.give_up(watch_ulid=ulid, reason=gettext("Nothing was heard of it for a long time."), now=now())
    elif watching.ask_again(watch_ulid=ulid, round_number=int(event.payload["round"]), attempt=attempt, now=now()):
        transaction.on_commit(partial(_ask_of_parcel, ulid), robust=True)


def on_push_received(event: Event) -> None:
    """A stored push: what it says becomes the parcel's course."""
    watching.apply_push(notice_ulid=str(event.payload["notice"]), now=now())


def _ask_of_parcel(ulid: str) -> None:
    watching.ask(watch_ulid=ulid, now=now())


def _ask(ulid: str) -> None:
    courier.ask_service(errand_ulid=ulid, now=now())
