"""Writes to the cell's registry."""

import datetime as dt
import math
from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction
from django.db.models import JSONField, Value
from django.utils.translation import gettext_lazy as _
from django_tenants.utils import schema_context

from saas.kernel import clock
from saas.kernel.errors import DomainError
from saas.kernel.states import check_transition
from saas.messaging.bus import services as bus
from saas.tenants.malls import selectors
from saas.tenants.malls.models import Domain, Entitlement, Mall
from saas.tenants.malls.rules import OWN_HOSTS, TRANSITIONS, MallState, OwnHosts, normalise_host


class HostTaken(DomainError):
    """The host already belongs to another mall of this cell."""

    code = "host_taken"
    message = "The address {host} is already in use."


class ClockIsReal(DomainError):
    """Only a mall in rehearsal has a clock that can be moved: what a live mall does, it does to real people."""

    code = "clock_is_real"
    message = _("The clock of {name} cannot be moved: only a mall in rehearsal has a clock of its own.")


class MallNotSettled(DomainError):
    """The mall is being made or moved: a suspension waits until that is over (the event is tried again)."""

    code = "mall_not_settled"
    message = "The mall is {state}; it can be suspended afterwards."


def ensure_mall(*, ulid: str, schema_name: str, name: str, now: dt.datetime) -> Mall:
    """The registry row of a mall, made in state `creating` if it is not there yet."""
    with schema_context("public"), transaction.atomic():
        mall, _made = Mall.objects.get_or_create(
            ulid=ulid, defaults={"schema_name": schema_name, "name": name, "created_at": now}
        )
    return mall


def ensure_domain(mall: Mall, host: str, *, primary: bool) -> Domain:
    """Let `mall` answer under `host` (normalised here). Raises HostTaken."""
    wanted = normalise_host(host)
    if wanted is None:
        raise HostTaken(host=host)
    with schema_context("public"), transaction.atomic():
        domain, _made = Domain.objects.get_or_create(domain=wanted, defaults={"tenant": mall, "is_primary": primary})
    if domain.tenant_id != mall.pk:
        raise HostTaken(host=host)
    selectors.forget_host(wanted)
    return domain


def follow_own_hosts(mall: Mall, value: Mapping[str, Any], *, version: int) -> bool:
    """Let the mall answer under the hosts that control names besides its first one; whether it was news (an older one changes nothing).

    Raises HostTaken while another mall of this cell has one of them: the fact is tried again.
    """
    with schema_context("public"), transaction.atomic():
        row, made = Entitlement.objects.select_for_update().get_or_create(
            mall=mall, feature=OWN_HOSTS, defaults={"value": dict(value), "version": version}
        )
        if not made and version <= row.version:
            return False
        before, told = OwnHosts() if made else OwnHosts.from_fact(row.value), OwnHosts.from_fact(value)
        row.value, row.version = dict(value), version
        row.save(update_fields=["value", "version"])
        Domain.objects.filter(tenant=mall, domain__in=before.hosts - told.hosts).delete()
        for host in sorted(told.hosts | set(told.platform)):
            domain, _ = Domain.objects.get_or_create(domain=host, defaults={"tenant": mall, "is_primary": False})
            if domain.tenant_id != mall.pk:
                raise HostTaken(host=host)
        mine = Domain.objects.filter(tenant=mall)
        wanted = told.primary or next(iter(told.platform), "")
        first = mine.filter(domain=wanted) if wanted else mine.exclude(domain__in=told.hosts)
        mine.filter(is_primary=True).exclude(pk__in=first.values("pk")).update(is_primary=False)
        first.update(is_primary=True)
    for host in before.hosts | told.hosts | set(told.platform):
        selectors.forget_host(host)
    selectors.forget_mall(mall)
    return True


def remove_domains(mall: Mall) -> None:
    """Let `mall` answer under no host any more."""
    selectors.forget_mall(mall)
    with schema_context("public"), transaction.atomic():
        Domain.objects.filter(tenant=mall).delete()


def change_state(ulid: str, wanted: MallState, *, now: dt.datetime) -> Mall:
    """Move a mall to another state (rules.TRANSITIONS), waiting for writes under way. Raises IllegalTransition."""
    with schema_context("public"), transaction.atomic():
        mall = Mall.objects.select_for_update().get(ulid=ulid)
        if mall.state != wanted:
            check_transition(TRANSITIONS, MallState(mall.state), wanted)
            mall.state = wanted
            if wanted is MallState.ACTIVE and mall.live_at is None:
                mall.live_at = now
            mall.save(update_fields=["state", "live_at"])
    selectors.forget_mall(mall)
    return mall


def move_clock(ulid: str, *, to: dt.datetime) -> Mall:
    """Let a rehearsal's clock show `to` (an instant of the mall) from now on, waiting for writes under way.

    What waits in the outbox for an instant of the mall's calendar moves with it. Never back; an instant that the clock
    has passed already changes nothing. Raises ClockIsReal for a mall that has opened, or is not here in rehearsal.
    """
    with schema_context("public"), transaction.atomic():
        mall = Mall.objects.select_for_update().get(ulid=ulid)
        require_rehearsal(mall)
        ahead = math.ceil((to - clock.real_now()).total_seconds())
        by = ahead - mall.clock_offset_seconds
        if by > 0:
            mall.clock_offset_seconds = ahead
            mall.save(update_fields=["clock_offset_seconds"])
            bus.hurry(mall.ulid, by=dt.timedelta(seconds=by))
    selectors.forget_mall(mall)
    if getattr(connection.tenant, "ulid", "") == ulid:
        connection.tenant.clock_offset_seconds = mall.clock_offset_seconds
    return mall


def require_rehearsal(mall: Mall) -> None:
    """Raise ClockIsReal unless the mall rehearses and has never been open."""
    if mall.state != MallState.REHEARSAL or mall.live_at is not None:
        raise ClockIsReal(name=mall.name)


def set_demo(ulid: str, *, hour: int | None, seed: str) -> Mall:
    """Make a rehearsal a public demo that is made anew from the backup `seed` each night at an hour of the day in China,
    or (None) a demo no more. Raises ClockIsReal for a mall that is, or was, open."""
    with schema_context("public"), transaction.atomic():
        mall = Mall.objects.select_for_update().get(ulid=ulid)
        if hour is not None:
            require_rehearsal(mall)
        mall.demo_hour, mall.demo_seed = hour, "" if hour is None else seed
        mall.save(update_fields=["demo_hour", "demo_seed"])
    selectors.forget_mall(mall)
    return mall


def set_schema_version(ulid: str, version: str) -> None:
    """Note which set of migrations a mall's schema is made of."""
    with schema_context("public"), transaction.atomic():
        Mall.objects.filter(ulid=ulid).update(schema_version=version)


def copy_entitlements(mall: Mall, values: Mapping[str, object], *, version: int) -> None:
    """Write down what the mall's plan allows; an older version than the one here changes nothing."""
    with schema_context("public"), transaction.atomic():
        for feature, told in values.items():
            value = Value(None, JSONField()) if told is None else told  # no limit is JSON's null, not a missing value
            row, made = Entitlement.objects.select_for_update().get_or_create(
                mall=mall, feature=feature, defaults={"value": value, "version": version}
            )
            if not made and version > row.version:
                row.value, row.version = value, version
                row.save(update_fields=["value", "version"])


def remove_entitlements(mall: Mall) -> None:
    """Forget what the mall's plan allowed."""
    with schema_context("public"), transaction.atomic():
        Entitlement.objects.filter(mall=mall).delete()


def follow_suspension(mall: Mall, *, now: dt.datetime) -> None:
    """Suspend or resume the mall as the newest copy of its entitlements says. Raises IllegalTransition while it moves."""
    wanted = bool(selectors.entitlement(mall, "suspended", False))
    with schema_context("public"):
        state, live_at = Mall.objects.values_list("state", "live_at").get(pk=mall.pk)
    if wanted and state in (MallState.REHEARSAL, MallState.ACTIVE):
        change_state(mall.ulid, MallState.SUSPENDED, now=now)
    elif wanted and state in (MallState.CREATING, MallState.MOVING, MallState.RESETTING):
        raise MallNotSettled(state=state)
    elif not wanted and state == MallState.SUSPENDED:
        change_state(mall.ulid, MallState.ACTIVE if live_at else MallState.REHEARSAL, now=now)


def open_held(mall: Mall, *, now: dt.datetime) -> None:
    """Let a restored or imported mall work, with everything that waited in it; control is told. Safe to repeat."""
    with schema_context("public"), transaction.atomic():
        row = Mall.objects.select_for_update().get(pk=mall.pk)
        if row.state == MallState.HELD:
            wanted = MallState.ACTIVE if row.live_at else MallState.REHEARSAL
            change_state(row.ulid, wanted, now=now)
            bus.take_up(row.ulid)
            payload = {"live": wanted is MallState.ACTIVE}
            bus.publish("mall.works_again", payload, key=row.ulid, destination=bus.CONTROL, mall=row.ulid)
    follow_suspension(mall, now=now)
