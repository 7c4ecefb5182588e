"""News of the platform in the cell: kept as control told them, shown to the staff they are meant for until read."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.cache import caches
from django.db import transaction
from django.utils.translation import get_language
from django_tenants.utils import schema_context

from saas.kernel.errors import NotFound
from saas.messaging.bus import services as bus
from saas.tenants.malls import selectors
from saas.tenants.malls.models import Announcement, AnnouncementRead, Mall

READ = "announcement.read"
_SECONDS = 30
_KEY = "announcements"
_OLD = dt.timedelta(days=90)
_FIELDS = ("id", "ulid", "title", "title_en", "body", "body_en", "plans", "audience", "shown_from", "shown_until")


@dataclass(frozen=True)
class News:
    """One announcement in the reader's language."""

    ulid: str
    title: str
    body: str
    shown_from: dt.datetime
    is_read: bool


def keep(*, fact: Mapping[str, Any], now: dt.datetime) -> None:
    """Write down what control told; an older version than the one here changes nothing. What ended long ago goes."""
    until = str(fact["shown_until"])
    values = {name: fact[name] for name in ("version", "title", "title_en", "body", "body_en", "plans", "audience")} | {
        "shown_from": dt.datetime.fromisoformat(str(fact["shown_from"])),
        "shown_until": dt.datetime.fromisoformat(until) if until else None,
    }
    with schema_context("public"), transaction.atomic():
        row, made = Announcement.objects.select_for_update().get_or_create(ulid=str(fact["ulid"]), defaults=values)
        if not made and int(fact["version"]) > row.version:
            for name, value in values.items():
                setattr(row, name, value)
            row.save()
        Announcement.objects.filter(shown_until__lt=now - _OLD).delete()
    caches["public"].delete(_KEY)


def shown_to(*, mall: Mall, reader: str, owner: bool, now: dt.datetime) -> list[News]:
    """What a person of a mall's staff is shown now, the newest first. Without news it costs no statement."""
    told = [
        one for one in _told() if one["shown_from"] <= now and not (one["shown_until"] and one["shown_until"] <= now)
    ]
    meant = [one for one in told if owner or one["audience"] == "staff"]
    if any(one["plans"] for one in meant):
        plan = selectors.entitlement(mall, "plan", "")
        meant = [one for one in meant if not one["plans"] or plan in one["plans"]]
    if not meant:
        return []
    with schema_context("public"):
        read = set(
            AnnouncementRead.objects.filter(
                mall_id=mall.pk, reader=reader, announcement_id__in=[one["id"] for one in meant]
            ).values_list("announcement_id", flat=True)
        )
    tail = "_en" if (get_language() or "").startswith("en") else ""
    return [
        News(one["ulid"], one[f"title{tail}"], one[f"body{tail}"], one["shown_from"], one["id"] in read)
        for one in meant
    ]


def mark_read(*, mall: Mall, ulid: str, reader: str, now: dt.datetime) -> None:
    """The person sees its banner no more; control learns that somebody in the mall has read it. Raises NotFound."""
    with schema_context("public"), transaction.atomic():
        row = Announcement.objects.filter(ulid=ulid).first()
        if row is None:
            raise NotFound
        first = not AnnouncementRead.objects.filter(announcement=row, mall_id=mall.pk).exists()
        _read, made = AnnouncementRead.objects.get_or_create(
            announcement=row, mall_id=mall.pk, reader=reader, defaults={"at": now}
        )
        if made and first:
            fact = {"ulid": ulid, "at": now.isoformat()}
            bus.publish(READ, fact, key=f"{ulid}:{reader}", destination=bus.CONTROL, mall=mall.ulid)


def _told() -> list[dict[str, Any]]:
    cache = caches["public"]
    found: list[dict[str, Any]] | None = cache.get(_KEY)
    if found is None:
        with schema_context("public"):
            found = list(Announcement.objects.order_by("-shown_from", "-pk").values(*_FIELDS))
        cache.set(_KEY, found, _SECONDS)
    return found
