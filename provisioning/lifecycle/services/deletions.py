"""The deletion of a mall: one person asks, the cell answers what is open, another confirms, the vendor is told, time passes.

Due, everything is looked at once more; then a run closes the mall and drops it. What the law wants kept stays in control.
"""

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from provisioning.domains.services import requests as domains
from provisioning.lifecycle import rules, selectors
from provisioning.lifecycle.models import Deletion
from provisioning.lifecycle.rules import CANCELLABLE, DELETION_TRANSITIONS, OPEN, DeletionState
from provisioning.lifecycle.services import forgetting
from provisioning.orchestrator.services import runs
from provisioning.rules import RunKind
from saas.identity import audit
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from saas.kernel.ids import new_ulid
from saas.kernel.states import check_transition
from saas.messaging.bus import services as bus
from saas.messaging.notices import services as notices
from saas.tenants.vendors import selectors as vendor_facts
from saas.tenants.vendors import services as vendors
from saas.tenants.vendors.models import Place
from saas.tenants.vendors.rules import PlaceState

CLOSING_ASKED = "mall.closing_asked"
_DELETABLE = (PlaceState.REHEARSAL, PlaceState.LIVE, PlaceState.HELD)
_RUN_RETRY = "deletion:{ulid}"


class DeletionOpen(DomainError):
    """A deletion of the mall is asked for, scheduled or under way."""

    code = "deletion_open"
    message = _("The deletion of this mall is asked for already.")


class NotDeletable(DomainError):
    """The mall is not made, or gone."""

    code = "not_deletable"
    message = _("This mall is not there to be deleted.")


class SamePersonConfirms(DomainError):
    """Whoever asked for a deletion cannot confirm it."""

    code = "same_person"
    http_status = 403
    message = _("You asked for this deletion yourself: somebody else has to confirm it.")


class NotSettled(DomainError):
    """Lines of the checklist are open, or the cell has not answered lately."""

    code = "not_settled"
    message = _("Not everything is settled yet: {what}.")


class NotConfirmable(DomainError):
    """The deletion has been confirmed, called off or done."""

    code = "not_confirmable"
    message = _("This deletion has been decided already.")


class NotCancellable(DomainError):
    """The deletion runs or is over."""

    code = "not_cancellable"
    message = _("It is too late to call this deletion off.")


def ask_deletion(
    *,
    mall: str,
    reason: str,
    by_vendor: bool,
    books_taken: bool,
    actor: str,
    now: dt.datetime,
    close_account: bool = False,
) -> Deletion:
    """Ask for a mall to be deleted; its cell is asked what is still open in it. Nothing else happens yet.

    Raises NotFound, InvalidInput (reason), NotDeletable, DeletionOpen.
    """
    if not reason.strip():
        raise InvalidInput(str(_("Please give a reason.")), field="reason")
    with transaction.atomic():
        place = vendor_facts.lock_place(mall)
        if place is None:
            raise NotFound
        if place.state not in _DELETABLE:
            raise NotDeletable
        try:
            with transaction.atomic():
                row = Deletion.objects.create(
                    ulid=new_ulid(),
                    mall=mall,
                    reason=reason.strip()[:300],
                    asked_by=actor,
                    asked_at=now,
                    by_vendor=by_vendor,
                    books_taken=books_taken,
                    close_account=close_account,
                )
        except IntegrityError:
            raise DeletionOpen from None
        audit.record(actor, "deletion.asked", target=f"mall:{mall}", reason=row.reason, deletion=row.ulid)
        _ask(row, place)
    return row


def ask_the_cell(*, ulid: str, actor: str, now: dt.datetime) -> None:
    """Ask once more what is open in the mall. Raises NotFound, NotConfirmable."""
    with transaction.atomic():
        row = _locked(ulid)
        if row.state not in CANCELLABLE:
            raise NotConfirmable
        place = vendor_facts.place_or_none(row.mall)
        if place is None:
            raise NotFound
        _ask(row, place)


def _ask(row: Deletion, place: Place) -> None:
    key = f"{row.ulid}:{new_ulid()}"
    payload = {"mall": row.mall, "deletion": row.ulid}
    bus.publish(CLOSING_ASKED, payload, key=key, destination=place.cell.cell_id, mall=row.mall)


def note_answer(*, fact: dict[str, Any], now: dt.datetime) -> None:
    """What the cell found: open orders, withdrawals, clearing accounts; and the summary of the book that is kept."""
    with transaction.atomic():
        row = Deletion.objects.select_for_update().filter(ulid=fact["deletion"], mall=fact["mall"]).first()
        if row is None or row.state not in CANCELLABLE:
            return
        row.answer = {name: int(fact[name]) for name in ("orders", "withdrawals", "uncleared", "holds")}
        row.answered_at = now
        row.kept = {
            "trial_balance": fact["trial_balance"],
            "orders_in_all": fact["orders_in_all"],
            "as_of": now.isoformat(),
        }
        row.save()


def confirm_deletion(*, ulid: str, reason: str, actor: str, now: dt.datetime, days: int = rules.WAIT_DAYS) -> Deletion:
    """An operator, not whoever asked, sets the deletion for `days` days from now; the vendor is told.

    Raises NotFound, InvalidInput (reason, days), SamePersonConfirms, NotConfirmable, NotSettled.
    """
    if not reason.strip():
        raise InvalidInput(str(_("Please give a reason.")), field="reason")
    if not rules.WAIT_DAYS_MIN <= days <= rules.WAIT_DAYS_MAX:
        raise InvalidInput(str(_("A deletion waits 7 to 365 days.")), field="days")
    with transaction.atomic():
        row = _locked(ulid)
        if row.state != DeletionState.ASKED:
            raise NotConfirmable
        if actor == row.asked_by:
            raise SamePersonConfirms
        _require_settled(row, now)
        _move(row, DeletionState.SCHEDULED)
        row.confirmed_by, row.confirmed_at, row.confirm_reason = actor, now, reason.strip()[:300]
        row.due_at = now + dt.timedelta(days=days)
        row.save()
        audit.record(
            actor,
            "deletion.confirmed",
            target=f"mall:{row.mall}",
            reason=row.confirm_reason,
            deletion=row.ulid,
            due_at=row.due_at.isoformat(),
        )
        _tell_vendor(row, "mall_deletion_set")
    return row


def cancel_deletion(*, ulid: str, reason: str, actor: str, now: dt.datetime) -> Deletion:
    """Call a deletion off, until it runs. Raises NotFound, InvalidInput (reason), NotCancellable."""
    if not reason.strip():
        raise InvalidInput(str(_("Please give a reason.")), field="reason")
    with transaction.atomic():
        row = _locked(ulid)
        if row.state not in CANCELLABLE:
            raise NotCancellable
        _move(row, DeletionState.CANCELLED)
        row.cancelled_by, row.cancel_reason, row.finished_at = actor, reason.strip()[:300], now
        row.save()
        audit.record(actor, "deletion.cancelled", target=f"mall:{row.mall}", reason=row.cancel_reason)
        if row.due_at is not None:
            _tell_vendor(row, "mall_deletion_off")
    return row


def run_due(*, now: dt.datetime) -> dict[str, int]:
    """The round: remind, begin what is due (looked at once more), release addresses after quarantine."""
    done = {"reminded": 0, "begun": 0, "blocked": 0, "released": 0}
    for row in Deletion.objects.filter(state=DeletionState.SCHEDULED).order_by("pk"):
        if row.due_at is None:
            continue
        if row.due_at <= now:
            done["begun" if _begin(row.ulid, now) else "blocked"] += 1
        elif row.reminded_at is None and row.due_at - now <= dt.timedelta(days=rules.REMIND_DAYS):
            done["reminded"] += _remind(row.ulid, now)
    until = now - dt.timedelta(days=rules.QUARANTINE_DAYS)
    for row in Deletion.objects.filter(state=DeletionState.DONE, released_at=None, finished_at__lte=until):
        with transaction.atomic():
            released = vendors.release_hosts(mall=row.mall, actor="system")
            Deletion.objects.filter(pk=row.pk).update(released_at=now)
        done["released"] += released
    return done


def _begin(ulid: str, now: dt.datetime) -> bool:
    """Start the run of a deletion that is due, unless something has come up since it was confirmed."""
    with transaction.atomic():
        row = _locked(ulid)
        if row.state != DeletionState.SCHEDULED:
            return False
        place = vendor_facts.lock_place(row.mall)
        if place is None:
            return False
        try:
            if not rules.is_fresh(row.answered_at, now=now):
                if row.blocked != "cell_asked":
                    _ask(row, place)
                return _blocked(row, "cell_asked")
            _require_settled(row, now)
            with transaction.atomic():
                run = runs.new_run(
                    place=place,
                    kind=RunKind.DELETE,
                    order={"host": vendor_facts.primary_host(place)},
                    key=f"deletion:{row.ulid}",
                    actor="system",
                    now=now,
                    reason=row.reason,
                )
        except DomainError as error:
            return _blocked(row, error.text)
        _move(row, DeletionState.RUNNING)
        row.run, row.blocked = run.ulid, ""
        row.save()
    return True


def _blocked(row: Deletion, why: str) -> bool:
    row.blocked = why[:200]
    row.save(update_fields=["blocked"])
    return False


def _remind(ulid: str, now: dt.datetime) -> int:
    with transaction.atomic():
        row = _locked(ulid)
        if row.state != DeletionState.SCHEDULED or row.reminded_at is not None:
            return 0
        row.reminded_at = now
        row.save(update_fields=["reminded_at"])
        _tell_vendor(row, "mall_deletion_soon")
    return 1


def note_run_ended(*, run: str, state: str, now: dt.datetime) -> None:
    """The mall is gone: note what stays, free own domains, forget persons, keep its address for nobody.

    A failed run is retried by operators.
    """
    if state != "succeeded":
        return
    with transaction.atomic():
        row = Deletion.objects.select_for_update().filter(run=run, state=DeletionState.RUNNING).first()
        if row is None:
            return
        place = vendor_facts.place_of_mall(row.mall)
        _tell_vendor(row, "mall_deleted")
        freed = domains.release_domains(mall=row.mall, actor="provisioning", now=now, reason="the mall is deleted")
        forgotten = {**forgetting.forget_mall(mall=row.mall, now=now), "domains": freed}
        vendors.change_place_state(
            mall=row.mall, wanted=PlaceState.REMOVED, actor="provisioning", now=now, keep_hosts=True
        )
        if row.close_account:
            forgotten["account"] = forgetting.close_account(vendor=place.vendor, now=now)
        _move(row, DeletionState.DONE)
        row.finished_at, row.kept = now, {**row.kept, "forgotten": forgotten}
        row.save()
        audit.record("provisioning", "deletion.done", target=f"mall:{row.mall}", deletion=row.ulid)


def _require_settled(row: Deletion, now: dt.datetime) -> None:
    open_lines = rules.unsettled(selectors.checks(row))
    if not rules.is_fresh(row.answered_at, now=now):
        open_lines.append("cell_answer")
    if open_lines:
        raise NotSettled(what=", ".join(open_lines))


def _move(row: Deletion, wanted: DeletionState) -> None:
    check_transition(DELETION_TRANSITIONS, DeletionState(row.state), wanted)
    row.state = wanted


def _tell_vendor(row: Deletion, kind: str) -> None:
    place = vendor_facts.place_of_mall(row.mall)
    owner = place.vendor.owner
    if not (owner.phone or owner.email):
        return
    due = f"{row.due_at:%Y-%m-%d}" if row.due_at else ""
    with override(settings.LANGUAGE_CODE):
        notices.send_notice(
            kind=kind,
            to_phone=owner.phone or "",
            to_email="" if owner.phone else owner.email,
            context={"mall": place.name, "due": due},
            key=f"{kind}:{row.ulid}",
        )


def _locked(ulid: str) -> Deletion:
    row = Deletion.objects.select_for_update().filter(ulid=ulid).first()
    if row is None:
        raise NotFound
    return row


def open_states() -> list[str]:
    """The states of a deletion that is not over."""
    return sorted(OPEN)
