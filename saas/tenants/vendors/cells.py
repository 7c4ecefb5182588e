"""Operators register cells, set how many malls they take, stop and start placing; a mall is placed where there is room."""

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from saas.tenants.vendors import rules
from saas.tenants.vendors.models import Cell, CellHealth, Place, Vendor

REPORTED = "cell.reported"
_FAULTS = {
    "cell_id": _("A cell is called by 2 to 32 letters a–z, digits or hyphens, beginning with a letter."),
    "internal_origin": _("Give http:// or https://, a host and a port, and nothing behind them."),
    "database": _("Give the name of the secret that holds the database’s address, never the address itself."),
    "region": _("A region is letters a–z, digits and hyphens."),
    "ceiling": _("A cell takes 1 to 500 malls."),
}


class NoCellFree(DomainError):
    """Every cell is full or closed."""

    code = "no_cell_free"
    http_status = 503
    message = _("We cannot open new malls at the moment. Please try again later.")


class CellTaken(DomainError):
    """A cell of that name is registered."""

    code = "cell_taken"
    message = _("A cell “{cell}” is registered already.")


class VendorUnknown(InvalidInput):
    """There is no vendor of that ULID."""

    code = "vendor_unknown"
    message = _("There is no such vendor.")


class CellShared(DomainError):
    """Malls of other vendors stand in the cell."""

    code = "cell_shared"
    message = _("Malls of other vendors stand in this cell: it cannot be one vendor’s own.")


class CellSilent(DomainError):
    """The cell has not reported lately: a mall placed there would wait for nobody."""

    code = "cell_silent"
    message = _("This cell has not reported lately. Start its processes first.")


class ReasonMissing(InvalidInput):
    """Nobody said why."""

    code = "reason_missing"
    message = _("Please give a reason.")


def register_cell(
    *,
    cell_id: str,
    name: str,
    internal_origin: str,
    database: str,
    region: str,
    ceiling: int,
    dedicated_to: str,
    actor: str,
    now: dt.datetime,
) -> Cell:
    """Enter a cell in the book. It takes malls once it has reported and an operator starts placing.

    `database` names the secret with its URL; `dedicated_to` is a vendor's ULID or empty. Raises InvalidInput with the
    field, VendorUnknown, CellTaken.
    """
    _check(cell_id=cell_id, origin=internal_origin, database=database, region=region, ceiling=ceiling)
    if not 1 <= len(name.strip()) <= 60:
        raise InvalidInput(str(_("A name has 1 to 60 characters.")), field="name")
    owner = _vendor(dedicated_to)
    with transaction.atomic():
        try:
            with transaction.atomic():
                cell = Cell.objects.create(
                    cell_id=cell_id,
                    name=name.strip(),
                    internal_origin=internal_origin,
                    database=database,
                    region=region,
                    ceiling=ceiling,
                    dedicated_to=owner,
                    accepts_new=False,
                )
        except IntegrityError:
            raise CellTaken(field="cell_id", cell=cell_id) from None
        audit.record(
            actor,
            "cell.registered",
            target=f"cell:{cell_id}",
            ceiling=ceiling,
            region=region,
            dedicated_to=dedicated_to,
        )
    return cell


def change_cell(
    *,
    cell_id: str,
    name: str,
    database: str,
    region: str,
    ceiling: int,
    dedicated_to: str,
    reason: str,
    actor: str,
    now: dt.datetime,
) -> Cell:
    """Other words, ceiling or owner for a cell; malls that stand there stay, whatever the ceiling.

    Raises NotFound, InvalidInput with the field, VendorUnknown, CellShared, ReasonMissing.
    """
    _check(cell_id="c1", origin="http://c1", database=database, region=region, ceiling=ceiling)
    owner = _vendor(dedicated_to)
    with transaction.atomic():
        cell = _locked(cell_id, reason)
        others = Place.objects.filter(cell=cell, state__in=rules.COUNTS_AGAINST_CEILING).exclude(vendor=owner)
        if owner is not None and others.exists():
            raise CellShared(field="dedicated_to")
        before = cell.ceiling
        cell.name, cell.database, cell.region = name.strip()[:60], database, region
        cell.ceiling, cell.dedicated_to = ceiling, owner
        cell.save(update_fields=["name", "database", "region", "ceiling", "dedicated_to"])
        audit.record(
            actor, "cell.changed", target=f"cell:{cell_id}", reason=reason.strip(), before=before, ceiling=ceiling,
            region=region, dedicated_to=dedicated_to,
        )  # fmt: skip
    return cell


def stop_placing(*, cell_id: str, reason: str, actor: str, now: dt.datetime) -> Cell:
    """Place no more malls in a cell; those there go on. Raises NotFound, ReasonMissing."""
    return _place(cell_id, False, reason, actor)


def start_placing(*, cell_id: str, reason: str, actor: str, now: dt.datetime) -> Cell:
    """Place malls in a cell again. Raises NotFound, ReasonMissing, CellSilent."""
    health = CellHealth.objects.filter(cell__cell_id=cell_id).first()
    state = rules.cell_state(health.reported_at if health else None, 0, now=now)
    if state in (rules.CellState.UNKNOWN, rules.CellState.SILENT) and Cell.objects.filter(cell_id=cell_id).exists():
        raise CellSilent(field="cell_id")
    return _place(cell_id, True, reason, actor)


def _place(cell_id: str, accepts: bool, reason: str, actor: str) -> Cell:
    with transaction.atomic():
        cell = _locked(cell_id, reason)
        if cell.accepts_new != accepts:
            cell.accepts_new = accepts
            cell.save(update_fields=["accepts_new"])
            action = "cell.placing_started" if accepts else "cell.placing_stopped"
            audit.record(actor, action, target=f"cell:{cell_id}", reason=reason.strip())
    return cell


def cell_with_room(vendor: Vendor) -> Cell:
    """Where a new mall of this vendor goes: a cell of their own with room, else the first shared one.

    The row stays locked until the caller's transaction ends, so two signups cannot take the last room. Raises NoCellFree.
    """
    open_cells = list(Cell.objects.select_for_update(of=("self",)).filter(accepts_new=True).order_by("pk"))
    own = [cell for cell in open_cells if cell.dedicated_to_id == vendor.pk]
    shared = [cell for cell in open_cells if cell.dedicated_to_id is None]
    for cell in (*own, *shared):
        if malls_in(cell) < cell.ceiling:
            return cell
    raise NoCellFree


def malls_in(cell: Cell) -> int:
    """How many places count against a cell's ceiling."""
    return Place.objects.filter(cell=cell, state__in=rules.COUNTS_AGAINST_CEILING).count()


def note_report(*, fact: dict[str, Any]) -> None:
    """Keep the newest report of a registered cell; an older one, or one of a cell nobody registered, changes nothing."""
    at = dt.datetime.fromisoformat(str(fact["at"]))
    with transaction.atomic():
        cell = Cell.objects.select_for_update(of=("self",)).filter(cell_id=fact["cell"]).first()
        if cell is None or CellHealth.objects.filter(cell=cell, reported_at__gte=at).exists():
            return
        numbers = ("malls", "malls_behind", "database_bytes", "outbox_waiting", "outbox_lag_seconds")
        values = {name: max(int(fact[name]), 0) for name in numbers}
        CellHealth.objects.update_or_create(
            cell=cell, defaults={"reported_at": at, "version": str(fact["version"])[:64], **values}
        )


def _check(*, cell_id: str, origin: str, database: str, region: str, ceiling: int) -> None:
    for name in rules.cell_faults(cell_id=cell_id, origin=origin, database=database, region=region, ceiling=ceiling):
        raise InvalidInput(str(_FAULTS[name]), field=name)


def _vendor(ulid: str) -> Vendor | None:
    if not ulid:
        return None
    found = Vendor.objects.filter(ulid=ulid).first()
    if found is None:
        raise VendorUnknown(field="dedicated_to")
    return found


def _locked(cell_id: str, reason: str) -> Cell:
    if not reason.strip():
        raise ReasonMissing(field="reason")
    cell = Cell.objects.select_for_update(of=("self",)).filter(cell_id=cell_id).first()
    if cell is None:
        raise NotFound
    return cell
