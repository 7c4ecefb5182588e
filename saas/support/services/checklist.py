"""Writes to the launch checklist."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.errors import InvalidInput, NotFound
from saas.kernel.states import check_transition
from saas.support.models import LaunchItem
from saas.support.rules import CHECKLIST, ITEM_TRANSITIONS, SETTLED, ItemState, WaitsFor


class ReferenceMissing(InvalidInput):
    """A number or account name is needed before the item can be reviewed."""

    code = "reference_missing"
    message = _("Please enter the number or account name.")


def open_checklist(*, mall: str, now: dt.datetime) -> None:
    """Give a mall its list; a second call changes nothing."""
    with transaction.atomic():
        LaunchItem.objects.bulk_create(
            [
                LaunchItem(
                    mall=mall,
                    key=kind.key,
                    position=position,
                    required=kind.required,
                    waits_for=kind.waits_for,
                    changed_at=now,
                )
                for position, kind in enumerate(CHECKLIST, start=1)
            ],
            ignore_conflicts=True,
        )


def submit_item(*, mall: str, key: str, reference: str, actor: str, now: dt.datetime) -> LaunchItem:
    """The vendor hands an item in: from now on the platform's turn. Raises NotFound, ReferenceMissing,
    IllegalTransition."""
    if not reference.strip():
        raise ReferenceMissing(field="reference")
    return _change(
        mall=mall,
        key=key,
        state=ItemState.IN_REVIEW,
        waits_for=WaitsFor.PLATFORM,
        actor=actor,
        now=now,
        reference=reference.strip()[:120],
    )


def decide_item(
    *, mall: str, key: str, state: ItemState, waits_for: WaitsFor, note: str, actor: str, now: dt.datetime
) -> LaunchItem:
    """An operator says where an item stands and whose turn it is. Raises NotFound, IllegalTransition."""
    return _change(mall=mall, key=key, state=state, waits_for=waits_for, actor=actor, now=now, note=note)


def _change(
    *,
    mall: str,
    key: str,
    state: ItemState,
    waits_for: WaitsFor,
    actor: str,
    now: dt.datetime,
    reference: str | None = None,
    note: str | None = None,
) -> LaunchItem:
    with transaction.atomic():
        item = LaunchItem.objects.select_for_update().filter(mall=mall, key=key).first()
        if item is None:
            raise NotFound
        before = item.state
        if before != state:
            check_transition(ITEM_TRANSITIONS, ItemState(before), state)
        item.state, item.changed_at = state, now
        item.waits_for = WaitsFor.NOBODY if state in SETTLED else waits_for
        item.reference = item.reference if reference is None else reference
        item.note = item.note if note is None else note
        item.save()
        audit.record(actor, "launch_item.changed", target=f"mall:{mall}", key=key, before=before, after=state.value)
    return item
