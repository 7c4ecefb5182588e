"""Changes of servers: asked for, planned by the runner, looked at and approved by a person, applied by the runner."""

import datetime as dt
import json
import re
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from provisioning.gateways.terraform import Plan
from provisioning.infrastructure import selectors
from provisioning.infrastructure.models import ServerChange
from provisioning.infrastructure.rules import AT_WORK, ENVIRONMENTS, ChangeState
from saas.identity import audit
from saas.kernel.errors import DomainError, InvalidInput
from saas.kernel.ids import new_ulid

_INTERRUPTED = gettext_noop("The runner ended in the middle. What was made is in Terraform's state: plan again.")
_SECRET = re.compile(r"password|secret|token|private_key|access_key", re.IGNORECASE)
_KNOWN = {"region", "domain", "vpc_cidr", "zones", "cells", "image", "extra_environment"}
_REQUIRED = ("region", "domain", "zones", "cells", "image")


class VariablesRefused(DomainError):
    """The variables of a change are not what the environments take."""

    code = "infrastructure.variables_refused"


class ChangeIsOpen(DomainError):
    """The environment has a change that is not over; only one at a time."""

    code = "infrastructure.change_is_open"
    message = _("Another change of these servers is open. Finish or discard it first.")


class NotPlanned(DomainError):
    """Only a change with a plan that waits for a person can be approved or discarded."""

    code = "infrastructure.not_planned"
    message = _("This change does not wait for approval.")


class NotConfirmed(DomainError):
    """A plan that destroys was approved without the environment's name, or by whoever asked for it."""

    code = "infrastructure.not_confirmed"
    message = _("This plan destroys servers.")


def read_variables(text: str) -> dict[str, Any]:
    """Variables of an environment from JSON. Raises VariablesRefused, which names what is wrong."""
    try:
        values = json.loads(text)
    except ValueError as error:
        raise VariablesRefused(_("Not JSON: {error}"), field="variables", error=str(error)) from None
    if not isinstance(values, dict):
        raise VariablesRefused(_("An object is needed: { … }"), field="variables")
    if unknown := sorted(set(values) - _KNOWN):
        raise VariablesRefused(_("Unknown variable: {names}"), field="variables", names=", ".join(unknown))
    if missing := [name for name in _REQUIRED if not values.get(name)]:
        raise VariablesRefused(_("Missing: {names}"), field="variables", names=", ".join(missing))
    if not isinstance(values["cells"], dict):
        raise VariablesRefused(_("cells: an object by cell id is needed"), field="variables")
    for name in values.get("extra_environment") or {}:
        if _SECRET.search(name):
            raise VariablesRefused(
                _("{name} looks like a secret: secrets are filled in the secret store, never here"),
                field="variables",
                name=name,
            )
    return values


def request_change(
    *, environment: str, variables: dict[str, Any], is_destroy: bool, reason: str, actor: str, now: dt.datetime
) -> ServerChange:
    """Ask for a plan. `variables` come from read_variables. Raises InvalidInput, ChangeIsOpen."""
    if environment not in ENVIRONMENTS:
        raise InvalidInput(_("Staging or production."), field="environment")
    if not reason.strip():
        raise InvalidInput(_("Say why."), field="reason")
    try:
        with transaction.atomic():
            row = ServerChange.objects.create(
                ulid=new_ulid(),
                environment=environment,
                variables=variables,
                is_destroy=is_destroy,
                reason=reason.strip()[:300],
                requested_by=actor,
                requested_at=now,
            )
            audit.record(actor, "servers.change_requested", target=f"servers:{environment}", reason=reason[:300])
    except IntegrityError:
        raise ChangeIsOpen from None
    return row


def approve_change(*, ulid: str, confirmation: str, actor: str, now: dt.datetime) -> None:
    """Let the runner apply the plan that was looked at. What destroys needs the environment's name and a second person.

    Raises NotFound, NotPlanned, NotConfirmed.
    """
    with transaction.atomic():
        row = _locked(ulid)
        if row.state != ChangeState.PLANNED:
            raise NotPlanned
        if row.to_destroy:
            if confirmation.strip() != row.environment:
                raise NotConfirmed(
                    _("This plan destroys servers. Type the environment's name to confirm."), field="confirmation"
                )
            if actor == row.requested_by:
                raise NotConfirmed(_("This plan destroys servers. Somebody else than who asked for it approves it."))
        row.state, row.approved_by, row.approved_at = ChangeState.APPROVED, actor, now
        row.save(update_fields=["state", "approved_by", "approved_at"])
        audit.record(actor, "servers.change_approved", target=f"servers:{row.environment}")


def discard_change(*, ulid: str, actor: str, now: dt.datetime) -> None:
    """Drop a change that nobody works on. Raises NotFound, NotPlanned."""
    with transaction.atomic():
        row = _locked(ulid)
        if row.state not in (ChangeState.REQUESTED, ChangeState.PLANNED, ChangeState.APPROVED):
            raise NotPlanned
        row.state, row.finished_at = ChangeState.DISCARDED, now
        row.save(update_fields=["state", "finished_at"])
        audit.record(actor, "servers.change_discarded", target=f"servers:{row.environment}")


def take_next(*, environment: str) -> ServerChange | None:
    """For the runner, which holds the environment's lock: the change that waits for it, marked as under work."""
    with transaction.atomic():
        row = (
            ServerChange.objects.select_for_update()
            .filter(environment=environment, state__in=list(AT_WORK.values()))
            .first()
        )
        if row is None:
            return None
        row.state = next(at_work for at_work, before in AT_WORK.items() if before == row.state)
        row.save(update_fields=["state"])
    return row


def fail_interrupted(*, environment: str, now: dt.datetime) -> int:
    """For the runner, which holds the environment's lock: whatever is still "under work" was left by a killed runner."""
    return ServerChange.objects.filter(environment=environment, state__in=list(AT_WORK)).update(
        state=ChangeState.FAILED,
        finished_at=now,
        failure=_INTERRUPTED,
    )


def record_plan(*, row: ServerChange, plan: Plan, now: dt.datetime) -> None:
    """The plan is there for a person to look at. One that changes nothing is over."""
    nothing = not (plan.add or plan.change or plan.destroy)
    ServerChange.objects.filter(pk=row.pk).update(
        state=ChangeState.APPLIED if nothing else ChangeState.PLANNED,
        finished_at=now if nothing else None,
        plan_digest=plan.digest,
        to_add=plan.add,
        to_change=plan.change,
        to_destroy=plan.destroy,
        plan_log=plan.log,
    )


def record_applied(*, row: ServerChange, log: str, now: dt.datetime) -> None:
    """The plan was applied whole."""
    ServerChange.objects.filter(pk=row.pk).update(state=ChangeState.APPLIED, apply_log=log, finished_at=now)


def record_failure(*, row: ServerChange, failure: str, log: str, now: dt.datetime) -> None:
    """Planning or applying failed; what Terraform made so far is in its state, so a new change goes on from there."""
    field = "plan_log" if row.state == ChangeState.PLANNING else "apply_log"
    ServerChange.objects.filter(pk=row.pk).update(
        **{"state": ChangeState.FAILED, "failure": failure[:300], "finished_at": now, field: log}
    )


def _locked(ulid: str) -> ServerChange:
    selectors.change(ulid)
    return ServerChange.objects.select_for_update().get(ulid=ulid)
