"""Moving a mall to another cell: the run, its undoing, and the dropping of the copy it leaves (SCALE 4.9)."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from provisioning.orchestrator import selectors
from provisioning.orchestrator.models import Run, RunStep
from provisioning.orchestrator.rules import ACTIVE, RunState, StepState
from provisioning.orchestrator.services import runs
from provisioning.rules import RunKind, StepName, Way
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from saas.messaging.bus import services as bus
from saas.messaging.bus.models import OutboxEvent
from saas.tenants.vendors import cells
from saas.tenants.vendors import selectors as vendor_facts
from saas.tenants.vendors import services as vendors
from saas.tenants.vendors.models import Cell, Place
from saas.tenants.vendors.rules import PlaceState

RETIRE_DUE = "move.retire_due"
MOVED_AWAY = "mall.moved_away"
KEEP_DAYS_DEFAULT, KEEP_DAYS_MAX = 7, 90
_OWN_TOPICS = ("provision.requested", "provision.rollback_requested", "provision.cancel_requested", MOVED_AWAY)


class TargetUnknown(InvalidInput):
    """There is no cell of that name."""

    code = "target_unknown"
    message = _("There is no cell of that name.")


class TargetSame(InvalidInput):
    """The mall stands there already."""

    code = "target_same"
    message = _("The mall stands in this cell already.")


class TargetFull(DomainError):
    """The wanted cell has reached its ceiling."""

    code = "target_full"
    message = _("The cell has reached its ceiling of {ceiling} malls.")


class TargetKept(DomainError):
    """The wanted cell is another vendor's own."""

    code = "target_kept"
    message = _("The cell is kept for another vendor.")


class CellUnreachable(InvalidInput):
    """No secret with the address of its database is registered for a cell."""

    code = "cell_unreachable"
    message = _("No secret with the database’s address is registered for cell {cell}.")


class MallNotMovable(DomainError):
    """Only a mall that is made and not removed can move."""

    code = "mall_not_movable"
    message = _("Only a mall in rehearsal or live can be moved.")


class MoveNotUndoable(DomainError):
    """The move is under way, has happened or was undone."""

    code = "move_not_undoable"
    message = _("Only a move that failed or was cancelled before the mall left its cell can be undone.")


class NothingKept(DomainError):
    """The move has not succeeded, or its old copy is gone."""

    code = "nothing_kept"
    message = _("This move keeps no old copy.")


def move_mall(
    *, mall: str, target: str, way: str, keep_days: int, reason: str, key: str, actor: str, now: dt.datetime
) -> Run:
    """Have a mall moved to the cell `target`, by a worker of that cell; the old copy is kept `keep_days` days.

    The same `key` again returns the first run. Raises NotFound, MallNotMovable, InvalidInput with the field (way,
    keep_days, reason), TargetUnknown, TargetSame, TargetFull, TargetKept, CellUnreachable, RunIsActive.
    """
    if way not in {one.value for one in Way}:
        raise InvalidInput(str(_("There is no such way.")), field="way")
    if not 1 <= keep_days <= KEEP_DAYS_MAX:
        raise InvalidInput(str(_("The old copy is kept 1 to 90 days.")), field="keep_days")
    if not reason.strip():
        raise InvalidInput(str(_("Please give a reason.")), field="reason")
    with transaction.atomic():
        known = runs.run_of_key(key)
        if known is not None:
            return known
        place = vendor_facts.lock_place(mall)
        if place is None:
            raise NotFound
        if place.state not in (PlaceState.REHEARSAL, PlaceState.LIVE):
            raise MallNotMovable
        cell = _target(place, target)
        plan = {
            "source": place.cell.cell_id,
            "source_database": place.cell.database,
            "target": cell.cell_id,
            "target_database": cell.database,
            "epoch": place.epoch,
            "way": way,
            "keep_days": keep_days,
        }
        order = {"cell": cell.cell_id, "host": vendor_facts.primary_host(place), "move": plan}
        return runs.new_run(
            place=place,
            kind=RunKind.MOVE,
            order=order,
            key=key,
            actor=actor,
            now=now,
            reason=reason.strip(),
            way=Way(way),
        )


def _target(place: Place, name: str) -> Cell:
    cell = Cell.objects.select_for_update(of=("self",)).filter(cell_id=name).first()
    if cell is None:
        raise TargetUnknown(field="target")
    if cell.pk == place.cell_id:
        raise TargetSame(field="target")
    if cell.dedicated_to_id not in (None, place.vendor_id):
        raise TargetKept(field="target")
    if cells.malls_in(cell) >= cell.ceiling:
        raise TargetFull(field="target", ceiling=cell.ceiling)
    for one in (place.cell, cell):
        if not one.database:
            raise CellUnreachable(field="target", cell=one.cell_id)
    return cell


def undo_move(*, run_ulid: str, reason: str, key: str, actor: str, now: dt.datetime) -> Run:
    """Let a mall whose move failed or was cancelled work again where it stands. Raises NotFound, MoveNotUndoable."""
    with transaction.atomic():
        known = runs.run_of_key(key)
        if known is not None:
            return known
        run = _move(run_ulid)
        newest = selectors.newest_run(run.place)
        left = RunStep.objects.filter(run=run, name=StepName.FLIP, state=StepState.SUCCESS).exists()
        if run.state in ACTIVE or left or newest is None or newest.pk != run.pk:
            raise MoveNotUndoable
        order = {**run.order, "cell": run.order["move"]["source"]}
        return runs.new_run(
            place=run.place,
            kind=RunKind.MOVE_UNDO,
            order=order,
            key=key,
            actor=actor,
            now=now,
            reason=reason.strip(),
            way=Way(order["move"]["way"]),
        )


def retire_copy(*, run_ulid: str, reason: str, actor: str, now: dt.datetime) -> Run:
    """Drop the copy that a move left in the old cell: by its date, or now by an operator. Once a move.

    Raises NotFound, NothingKept, RunIsActive.
    """
    key = f"retire:{run_ulid}"
    with transaction.atomic():
        known = runs.run_of_key(key)
        if known is not None:
            return known
        run = _move(run_ulid)
        if run.state != RunState.SUCCEEDED:
            raise NothingKept
        order = {**run.order, "cell": run.order["move"]["source"], "run_of_move": run_ulid}
        return runs.new_run(
            place=run.place, kind=RunKind.MOVE_RETIRE, order=order, key=key, actor=actor, now=now, reason=reason.strip()
        )


def apply_move_fact(run: Run, step: StepName, *, now: dt.datetime) -> None:
    """What a finished step of a move means to control: where the mall is, and what its new cell must be told."""
    plan, kind = run.order["move"], RunKind(run.kind)
    mall, epoch = run.place.mall, int(plan["epoch"]) + 1
    if kind is RunKind.MOVE_UNDO and step is StepName.FREEZE:
        vendors.relocate(mall=mall, cell_id=plan["source"], epoch=epoch, actor="provisioning", now=now)
    elif kind is RunKind.MOVE and step is StepName.FLIP:
        vendors.relocate(mall=mall, cell_id=plan["target"], epoch=epoch, actor="provisioning", now=now)
        _tell_again(run, epoch)
        bus.publish(MOVED_AWAY, {"mall": mall}, key=f"{mall}:{epoch}", destination=plan["source"], mall=mall)
        due = now + dt.timedelta(days=int(plan["keep_days"]))
        bus.publish(RETIRE_DUE, {"run": run.ulid}, key=run.ulid, mall=mall, available_at=due)
    elif kind is RunKind.MOVE and step is StepName.OPEN:
        _tell_again(run, epoch)  # what was said while the flip's fact was on its way


def _tell_again(run: Run, epoch: int) -> None:
    """Say to the new cell what was said to the old one since the move began: facts carry versions, so twice is once."""
    plan, mall = run.order["move"], run.place.mall
    said = OutboxEvent.objects.filter(mall=mall, destination=plan["source"], created_at__gte=run.requested_at)
    for event in said.exclude(topic__in=_OWN_TOPICS).order_by("pk"):
        key = f"{event.key}@{epoch}"
        if not OutboxEvent.objects.filter(topic=event.topic, key=key, mall=mall).exists():
            bus.publish(event.topic, event.payload, key=key, destination=plan["target"], mall=mall)


def _move(run_ulid: str) -> Run:
    found = Run.objects.select_for_update(of=("self",)).select_related("place", "place__cell")
    run = found.filter(ulid=run_ulid, kind=RunKind.MOVE).first()
    if run is None:
        raise NotFound
    return run
