"""Writes to the cell's registry."""

import datetime as dt
from collections.abc import Mapping

from django.db import transaction
from django_tenants.utils import schema_context

from saas.kernel.errors import DomainError
from saas.kernel.states import check_transition
from saas.tenants.malls import selectors
from saas.tenants.malls.models import Domain, Entitlement, Mall
from saas.tenants.malls.rules import TRANSITIONS, MallState, normalise_host


class HostTaken(DomainError):
    """The host already belongs to another mall of this cell."""

    code = "host_taken"
    message = "The address {host} is already in use."


class MallNotSettled(DomainError):
    """The mall is being made or moved: a suspension waits until that is over (the event is tried again)."""

    code = "mall_not_settled"
    message = "The mall is {state}; it can be suspended afterwards."


def ensure_mall(*, ulid: str, schema_name: str, name: str, now: dt.datetime) -> Mall:
    """The registry row of a mall, made in state `creating` if it is not there yet."""
    with schema_context("public"), transaction.atomic():
        mall, _ = Mall.objects.get_or_create(
            ulid=ulid, defaults={"schema_name": schema_name, "name": name, "created_at": now}
        )
    return mall


def ensure_domain(mall: Mall, host: str, *, primary: bool) -> Domain:
    """Let `mall` answer under `host` (normalised here). Raises HostTaken."""
    wanted = normalise_host(host)
    if wanted is None:
        raise HostTaken(host=host)
    with schema_context("public"), transaction.atomic():
        domain, _ = Domain.objects.get_or_create(domain=wanted, defaults={"tenant": mall, "is_primary": primary})
    if domain.tenant_id != mall.pk:
        raise HostTaken(host=host)
    selectors.forget_host(wanted)
    return domain


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


def set_schema_version(ulid: str, version: str) -> None:
    """Note which set of migrations a mall's schema is made of."""
    with schema_context("public"), transaction.atomic():
        Mall.objects.filter(ulid=ulid).update(schema_version=version)


def copy_entitlements(mall: Mall, values: Mapping[str, object], *, version: int) -> None:
    """Write down what the mall's plan allows; an older version than the one here changes nothing."""
    with schema_context("public"), transaction.atomic():
        for feature, value in values.items():
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
    elif wanted and state in (MallState.CREATING, MallState.MOVING):
        raise MallNotSettled(state=state)
    elif not wanted and state == MallState.SUSPENDED:
        change_state(mall.ulid, MallState.ACTIVE if live_at else MallState.REHEARSAL, now=now)
