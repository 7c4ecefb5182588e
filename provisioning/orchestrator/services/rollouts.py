"""Rollouts as operators ask for them and cells report them. The cell does the work and keeps the record that counts."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from provisioning.orchestrator.models import Rollout, RolloutMall
from provisioning.orchestrator.rules import ROLLOUT_ACTIVE, ROLLOUT_RETRYABLE, RolloutState
from saas.identity import audit
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from saas.kernel.ids import new_ulid
from saas.messaging.bus import services as bus
from saas.tenants.vendors.models import Cell

REQUESTED, RETRY_REQUESTED = "rollout.requested", "rollout.retry_requested"


class RolloutUnderWay(DomainError):
    """The cell is at a rollout."""

    code = "rollout_under_way"
    message = _("A rollout of this cell is under way. Wait for its end.")


class RolloutNotRetryable(DomainError):
    """It is under way, or every mall of it is done."""

    code = "rollout_not_retryable"
    message = _("Only a rollout that stopped, or in which malls failed, can be tried again.")


def request_rollout(*, cell_id: str, reason: str, actor: str, now: dt.datetime) -> Rollout:
    """Have every mall of a cell brought to the migrations of that cell's code.

    Raises InvalidInput (cell, reason), RolloutUnderWay.
    """
    if not reason.strip():
        raise InvalidInput(str(_("Please give a reason.")), field="reason")
    with transaction.atomic():
        cell = Cell.objects.select_for_update(of=("self",)).filter(cell_id=cell_id).first()
        if cell is None:
            raise InvalidInput(str(_("There is no cell of that name.")), field="cell")
        if Rollout.objects.filter(cell=cell_id, state__in=ROLLOUT_ACTIVE).exists():
            raise RolloutUnderWay(field="cell")
        rollout = Rollout.objects.create(
            ulid=new_ulid(),
            cell=cell_id,
            state=RolloutState.REQUESTED,
            requested_by=actor,
            reason=reason.strip()[:300],
            requested_at=now,
        )
        order = {"rollout": rollout.ulid, "by": actor, "reason": rollout.reason}
        bus.publish(REQUESTED, order, key=rollout.ulid, destination=cell_id, mall="")
        audit.record(actor, "rollout.requested", target=f"cell:{cell_id}", reason=rollout.reason, rollout=rollout.ulid)
    return rollout


def retry_rollout(*, ulid: str, reason: str, actor: str, now: dt.datetime) -> Rollout:
    """Have the malls that failed tried again, and a stopped rollout go on. Raises NotFound, RolloutNotRetryable."""
    with transaction.atomic():
        rollout = Rollout.objects.select_for_update().filter(ulid=ulid).first()
        if rollout is None:
            raise NotFound
        if rollout.state not in ROLLOUT_RETRYABLE:
            raise RolloutNotRetryable
        rollout.state = RolloutState.REQUESTED
        rollout.save(update_fields=["state"])
        key = f"{ulid}:{rollout.sequence}"
        bus.publish(RETRY_REQUESTED, {"rollout": ulid}, key=key, destination=rollout.cell, mall="")
        audit.record(actor, "rollout.retried", target=f"cell:{rollout.cell}", reason=reason.strip(), rollout=ulid)
    return rollout


def apply_rollout_fact(*, fact: dict[str, Any], now: dt.datetime) -> Rollout:
    """What a cell says of a rollout. Facts may come twice or out of order: of each row only the newest counts."""
    ulid, sequence = str(fact["rollout"]), int(fact["sequence"])
    with transaction.atomic():
        made = {
            "cell": fact["cell"],
            "state": fact["state"],
            "requested_by": fact["by"],
            "reason": fact["reason"],
            "requested_at": dt.datetime.fromisoformat(fact["started_at"]),
        }
        Rollout.objects.get_or_create(ulid=ulid, defaults=made)
        rollout = Rollout.objects.select_for_update().get(ulid=ulid)
        if sequence > rollout.sequence:
            counts = fact["counts"]
            rollout.sequence, rollout.state, rollout.version = sequence, fact["state"], fact["version"]
            rollout.malls, rollout.done, rollout.failed = sum(counts.values()), counts["done"], counts["failed"]
            ended = fact["finished_at"]
            rollout.finished_at = dt.datetime.fromisoformat(ended) if ended else None
            rollout.save()
        for mall in fact["malls"]:
            values = {name: mall[name] for name in ("wave", "state", "method", "attempts", "milliseconds", "error")}
            row, is_new = RolloutMall.objects.get_or_create(
                rollout=rollout, mall=mall["mall"], defaults={**values, "sequence": sequence}
            )
            if not is_new and sequence > row.sequence:
                RolloutMall.objects.filter(pk=row.pk).update(**values, sequence=sequence)
    return rollout
