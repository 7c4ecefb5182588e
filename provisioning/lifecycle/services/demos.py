"""Public demo malls: switched on and off, made anew on request; what cells say of resets."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from provisioning.lifecycle import selectors
from provisioning.lifecycle.models import Demo, DemoReset
from saas.identity import audit
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from saas.kernel.ids import new_ulid
from saas.messaging.bus import services as bus
from saas.tenants.vendors import selectors as vendor_facts
from saas.tenants.vendors.models import Place
from saas.tenants.vendors.rules import PlaceState

SWITCHED, RESET_ASKED = "demo.switched", "demo.reset_asked"


class LiveIsNoDemo(DomainError):
    """A mall that has opened, or is not made, cannot be a demo: its data are real people's."""

    code = "live_is_no_demo"
    message = _("{name} is not in rehearsal. Only a mall that has never been open can be a public demo.")


class NotADemo(DomainError):
    """The mall was not marked as a demo."""

    code = "not_a_demo"
    message = _("{name} is no public demo: nothing in it was changed.")


def switch_demo(*, mall: str, hour: int | None, new_seed: bool, reason: str, actor: str, now: dt.datetime) -> Demo:
    """Make a rehearsal a public demo that everybody sees, made anew each day at `hour` (0-23, China), or (None) end that.

    The seed is a backup taken now, or with `new_seed` False the one it has. Raises NotFound, InvalidInput (reason,
    hour), LiveIsNoDemo, NotADemo (ending what is none).
    """
    if hour is not None and not 0 <= hour <= 23:
        raise InvalidInput(str(_("Give an hour from 0 to 23.")), field="hour")
    with transaction.atomic():
        place = _place(mall, reason)
        known = Demo.objects.select_for_update().filter(mall=mall).first()
        is_demo = known is not None and known.hour is not None
        if hour is None and not is_demo:
            raise NotADemo(name=place.name)
        if hour is not None and place.state != PlaceState.REHEARSAL:
            raise LiveIsNoDemo(name=place.name)
        seed = known.seed if known is not None and is_demo and not new_seed else new_ulid()
        row, _made = Demo.objects.update_or_create(
            mall=mall,
            defaults={
                "hour": hour, "seed": seed, "actor": actor, "reason": reason.strip()[:300], "switched_at": now,
            },
        )  # fmt: skip
        payload = {"mall": mall, "hour": hour, "seed": seed, "actor": actor}
        bus.publish(SWITCHED, payload, key=new_ulid(), destination=place.cell.cell_id, mall=mall)
        audit.record(actor, "demo.switched", target=f"mall:{mall}", reason=reason.strip(), hour=hour, seed=seed)
    return row


def reset_demo(*, mall: str, reason: str, actor: str, now: dt.datetime) -> None:
    """Have a demo made anew now. Raises NotFound, InvalidInput (reason), NotADemo."""
    with transaction.atomic():
        place = _place(mall, reason)
        if place.state != PlaceState.REHEARSAL or selectors.demo(mall) is None:
            raise NotADemo(name=place.name)
        bus.publish(
            RESET_ASKED, {"mall": mall, "actor": actor}, key=new_ulid(), destination=place.cell.cell_id, mall=mall
        )
        audit.record(actor, "demo.reset_asked", target=f"mall:{mall}", reason=reason.strip())


def note_reset(*, fact: dict[str, Any]) -> None:
    """Keep what a cell says of a reset; an older word of the same one changes nothing."""
    names = ("mall", "cell", "state", "actor", "error", "rows", "pictures", "dropped", "seconds")
    finished = dt.datetime.fromisoformat(fact["finished_at"])
    with transaction.atomic():
        known = DemoReset.objects.select_for_update().filter(ulid=fact["reset"]).first()
        if known is not None and known.finished_at >= finished:
            return
        values: dict[str, Any] = {name: fact[name] for name in names}
        values |= {"started_at": dt.datetime.fromisoformat(fact["started_at"]), "finished_at": finished}
        DemoReset.objects.update_or_create(ulid=fact["reset"], defaults=values)


def _place(mall: str, reason: str) -> Place:
    if not reason.strip():
        raise InvalidInput(str(_("Please give a reason.")), field="reason")
    place = vendor_facts.lock_place(mall)
    if place is None:
        raise NotFound
    return place
