"""Writes to the launch checklist."""

import datetime as dt
from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.clock import china_date
from saas.kernel.errors import InvalidInput, NotFound
from saas.kernel.states import check_transition
from saas.support.models import LaunchFile, LaunchItem
from saas.support.rules import (
    ACTIVITY_OF,
    CHECKLIST,
    ITEM_TRANSITIONS,
    SEEN_IN_THE_MALL,
    SETTLED,
    Activity,
    ItemState,
    WaitsFor,
)
from saas.support.services import telling


class ReferenceMissing(InvalidInput):
    """A number, an account name or a file is needed before the item can be reviewed."""

    code = "reference_missing"
    message = _("Please enter the number or account name, or choose a file.")


class AlreadyExpired(InvalidInput):
    """A paper that is no longer good settles nothing."""

    code = "paper_expired"
    message = _("The last day of validity is over: please hand in the paper that is valid now.")


def open_checklist(*, mall: str, now: dt.datetime) -> None:
    """Give a mall its list; a second call adds what is missing. What depends on what the mall does is not asked yet."""
    with transaction.atomic():
        LaunchItem.objects.bulk_create(
            [
                LaunchItem(
                    mall=mall,
                    key=kind.key,
                    position=position,
                    required=kind.required,
                    state=ItemState.NOT_NEEDED if kind.activity else ItemState.OPEN,
                    waits_for=WaitsFor.NOBODY if kind.activity else kind.waits_for,
                    changed_at=now,
                )
                for position, kind in enumerate(CHECKLIST, start=1)
            ],
            ignore_conflicts=True,
        )


def choose_activities(*, mall: str, activities: Collection[Activity], actor: str, now: dt.datetime) -> None:
    """Say what the mall does: its licences are asked for, those of what it does not do are not needed. Files stay."""
    with transaction.atomic():
        open_checklist(mall=mall, now=now)
        items = LaunchItem.objects.select_for_update().filter(mall=mall, key__in=ACTIVITY_OF)
        for item in items.order_by("position"):
            chosen = ACTIVITY_OF[item.key] in activities
            if chosen == (item.state == ItemState.NOT_NEEDED):
                wanted = ItemState.OPEN if chosen else ItemState.NOT_NEEDED
                _change(mall=mall, key=item.key, state=wanted, waits_for=WaitsFor.VENDOR, actor=actor, now=now)


def submit_item(
    *, mall: str, key: str, reference: str, actor: str, now: dt.datetime, expires_on: dt.date | None = None
) -> LaunchItem:
    """The vendor hands an item in, with its number, its files or both: from now on the platform's turn.

    Raises NotFound, ReferenceMissing, AlreadyExpired, IllegalTransition.
    """
    if not reference.strip() and not LaunchFile.objects.filter(item__mall=mall, item__key=key).exists():
        raise ReferenceMissing(field="reference")
    _require_valid(expires_on, now)
    return _change(
        mall=mall,
        key=key,
        state=ItemState.IN_REVIEW,
        waits_for=WaitsFor.PLATFORM,
        actor=actor,
        now=now,
        reference=reference.strip()[:120],
        expires_on=expires_on,
    )


def decide_item(
    *,
    mall: str,
    key: str,
    state: ItemState,
    waits_for: WaitsFor,
    note: str,
    actor: str,
    now: dt.datetime,
    expires_on: dt.date | None = None,
) -> LaunchItem:
    """An operator says where an item stands, whose turn it is and until when the paper is good; the vendor is told
    when it is settled or comes back. Raises NotFound, AlreadyExpired, IllegalTransition."""
    if state == ItemState.DONE:
        _require_valid(expires_on, now)
    with transaction.atomic():
        before = LaunchItem.objects.filter(mall=mall, key=key).values_list("state", "note").first()
        item = _change(
            mall=mall,
            key=key,
            state=state,
            waits_for=waits_for,
            actor=actor,
            now=now,
            note=note,
            expires_on=expires_on,
        )
        if before != (item.state, item.note):
            telling.tell_decided(item, now=now)
    return item


def settle_item(*, mall: str, key: str, reference: str, actor: str, now: dt.datetime) -> None:
    """The system itself saw that an item is done (its server stands, its domain works, goods are on the shelf).

    A mall without such an item is left alone, and what was settled stays so.
    """
    with transaction.atomic():
        waiting = [ItemState.OPEN, ItemState.IN_REVIEW]
        found = LaunchItem.objects.select_for_update().filter(mall=mall, key=key, state__in=waiting)
        if found.exists():
            done, nobody = ItemState.DONE, WaitsFor.NOBODY
            _change(
                mall=mall,
                key=key,
                state=done,
                waits_for=nobody,
                actor=actor,
                now=now,
                reference=reference[:120] or None,
            )


def settle_seen(*, mall: str, done: Collection[str], actor: str, now: dt.datetime) -> None:
    """A mall's cell saw that these are done there; other items are a person's to settle."""
    for key in sorted(SEEN_IN_THE_MALL & set(done)):
        settle_item(mall=mall, key=key, reference="", actor=actor, now=now)


def expire_item(*, item: LaunchItem, actor: str, now: dt.datetime) -> None:
    """A paper's last day is over: the item is open again and the vendor's turn."""
    _change(
        mall=item.mall,
        key=item.key,
        state=ItemState.OPEN,
        waits_for=WaitsFor.VENDOR,
        actor=actor,
        now=now,
        expires_on=item.expires_on,
    )


def _require_valid(expires_on: dt.date | None, now: dt.datetime) -> None:
    if expires_on is not None and expires_on < china_date(now):
        raise AlreadyExpired(field="expires_on")


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
    expires_on: dt.date | None = None,
) -> LaunchItem:
    with transaction.atomic():
        items = {one.key: one for one in LaunchItem.objects.select_for_update().filter(mall=mall).order_by("pk")}
        item = items.get(key)
        if item is None:
            raise NotFound
        before = item.state
        if before != state:
            check_transition(ITEM_TRANSITIONS, ItemState(before), state)
        item.state, item.changed_at, item.expires_on = state, now, expires_on
        item.waits_for = WaitsFor.NOBODY if state in SETTLED else waits_for
        item.reference = item.reference if reference is None else reference
        item.note = item.note if note is None else note
        item.save()
        audit.record(actor, "launch_item.changed", target=f"mall:{mall}", key=key, before=before, after=state.value)
        if before != state:
            telling.tell_cell(mall, items.values())
    return item
