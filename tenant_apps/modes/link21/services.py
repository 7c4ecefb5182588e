"""The line of link 2+1: every completed order of the entry product goes through it once, under its lock (MODES 7)."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction

from tenant_apps.members.models import Member
from tenant_apps.modes import selectors as modes
from tenant_apps.modes.link21 import rules, selectors
from tenant_apps.modes.link21.models import LineOrder, LinePerson
from tenant_apps.modes.link21.settings import Link21Settings


def join(
    *,
    member_ulid: str,
    sponsor_ulid: str,
    order_ulid: str,
    now: dt.datetime,
    pins: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Who earns the direct, see and peer award of an order (empty: nobody, the house), and the places it changes.

    Once an order: a repeat gets the first answer. A sponsor who is in no line opens none for himself: the member then
    stands at the top of a line of his own. `pins` are the settings the order was sold under; without them those in force.
    """
    with transaction.atomic():
        _lock()
        known = LineOrder.objects.filter(order_ulid=order_ulid).first()
        if known is not None:
            return _answer(known.packs)
        settings = _settings(pins, now)
        people = selectors.people([member_ulid, sponsor_ulid], depth=settings.max_depth)
        joined = rules.join(
            settings,
            people,
            member_ulid,
            sponsor_ulid if sponsor_ulid in people and sponsor_ulid != member_ulid else "",
            barred=_closed(people),
        )
        for person in joined.changed:
            _keep(person, order_ulid, now)
        packs = [[due.kind, due.payee, due.amount] for due in joined.dues]
        LineOrder.objects.create(order_ulid=order_ulid, member_ulid=member_ulid, packs=packs, joined_at=now)
        return _answer(packs)


def take_back(*, told: dict[str, Any], now: dt.datetime) -> None:
    """The order that joined somebody has come back whole: his sponsor has one direct less; nobody's place changes.

    `told` is the payload of `order.refunded`; its awards are taken back by settlement.
    """
    if not told["closed"] or not told["completed_at"]:
        return
    with transaction.atomic():
        _lock()
        row = LinePerson.objects.filter(order_ulid=told["order"], returned_at=None).first()
        if row is None:
            return
        row.returned_at = now
        row.save(update_fields=["returned_at"])
        people = selectors.people([row.member_ulid], depth=1)
        for person in rules.returned(people, row.member_ulid):
            LinePerson.objects.filter(member_ulid=person.member).update(returned=person.returned)


def _keep(person: rules.Person, order_ulid: str, now: dt.datetime) -> None:
    """A new place, or the counts of a known one: sponsor and anchor are never written twice."""
    changed = LinePerson.objects.filter(member_ulid=person.member).update(
        role=person.role.value, directs=person.directs, returned=person.returned
    )
    if not changed:
        LinePerson.objects.create(
            member_ulid=person.member,
            sponsor_ulid=person.sponsor,
            anchor_ulid=person.anchor,
            role=person.role.value,
            directs=person.directs,
            returned=person.returned,
            order_ulid=order_ulid,
            joined_at=now,
        )


def _answer(packs: list[list[Any]]) -> dict[str, str]:
    payees = {kind: payee for kind, payee, _ in packs}
    see = payees.get("see", "")
    return {"direct": payees.get("direct", ""), "see": see, "peer": payees.get("peer", see)}


def _closed(people: Mapping[str, rules.Person]) -> frozenset[str]:
    rows = Member.objects.filter(ulid__in=list(people), closed_at__isnull=False)
    return frozenset(rows.values_list("ulid", flat=True))


def _settings(pins: Mapping[str, str] | None, now: dt.datetime) -> Link21Settings:
    found = modes.settings_for_order(pins) if pins else modes.settings_in_force(now=now)
    pinned = found.get("link21")
    values: Link21Settings = pinned.values if pinned else Link21Settings()
    return values


def _lock() -> None:
    """One joining at a time in this mall: who is boss depends on the order of joining."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || '/link21', 0))")
