"""What every change of a domain goes through: the locks, the state's step with its history, the fact to the mall's cell.

Locks are taken place first, then the domain; a place's hosts are told one after the other.
"""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import translation

from provisioning.domains import selectors
from provisioning.domains.models import DomainEvent, HostBook, OwnDomain
from provisioning.domains.rules import states
from provisioning.domains.rules.states import DomainState
from saas.kernel import hosts
from saas.kernel.states import check_transition
from saas.messaging.bus import services as bus
from saas.messaging.notices import services as notices
from saas.support import services as support
from saas.tenants.vendors import selectors as vendor_facts
from saas.tenants.vendors import services as vendors
from saas.tenants.vendors.models import Place

HOSTS_CHANGED = "mall.hosts_changed"


def locked(ulid: str) -> OwnDomain:
    """The domain, locked with its place until the transaction ends. Raises NotFound."""
    vendor_facts.lock_place(selectors.domain(ulid).place.mall)
    rows = OwnDomain.objects.select_for_update(of=("self",))
    return rows.select_related("place", "place__cell", "place__vendor", "place__vendor__owner").get(ulid=ulid)


def move(
    found: OwnDomain, wanted: DomainState, *, actor: str, now: dt.datetime, finding: str = "", detail: str = ""
) -> None:
    """Bring a locked domain into another state, save it and tell the cell. Raises IllegalTransition."""
    check_transition(states.TRANSITIONS, DomainState(found.state), wanted)
    found.state, found.since, found.failures = wanted, now, 0
    found.next_look_at = now if wanted in states.LOOKED_AT else None
    if wanted is DomainState.ACTIVE:
        found.next_look_at = states.next_look(wanted, since=now, failures=0, now=now)
    save(found, actor=actor, now=now, finding=finding, detail=detail)
    tell_cell(found.place)
    if wanted is DomainState.ACTIVE:
        support.settle_item(mall=found.place.mall, key="domain", reference=found.host, actor=actor, now=now)


def save(found: OwnDomain, *, actor: str, now: dt.datetime, finding: str = "", detail: str = "") -> None:
    """Save a locked domain with a line of history."""
    found.finding, found.finding_detail = finding, detail[:300]
    found.revision += 1
    found.save()
    DomainEvent.objects.create(
        domain=found, at=now, actor=actor, state=found.state, finding=finding, detail=found.finding_detail
    )


def note(found: OwnDomain, *, now: dt.datetime, finding: str, detail: str = "") -> None:
    """Save what a look found without a change of state; history has a line only where it is another finding."""
    if (finding, detail[:300]) != (found.finding, found.finding_detail):
        save(found, actor="system", now=now, finding=finding, detail=detail)
    else:
        found.revision += 1
        found.save()


def tell_cell(place: Place) -> bool:
    """Send the place's own hosts to its cell if they changed since the last fact; whether they did.

    The caller's transaction holds the place's lock, so versions follow each other; the fact goes to the cell that serves
    the mall now, and a move says it again to the next one.
    """
    book, _made = HostBook.objects.get_or_create(place=place)
    rows = list(selectors.domains_of(place))
    value: dict[str, Any] = {
        "hosts": sorted(row.host for row in rows if row.state in states.ANSWERS),
        "certified": sorted(row.host for row in rows if row.state in states.MAY_HAVE_CERTIFICATE),
        "primary": next((row.host for row in rows if row.wanted_primary and row.state == DomainState.ACTIVE), ""),
        "sends_platform": book.sends_platform,
    }
    ours = vendor_facts.platform_hosts(place)
    if len(ours) > 1:
        value["platform"] = ours
    vendors.note_primary_host(place=place, host=value["primary"] or selectors.platform_host(place))
    if value == (book.told or {"hosts": [], "certified": [], "primary": "", "sends_platform": False}):
        return False
    book.told, book.version = value, book.version + 1
    book.save(update_fields=["told", "version"])
    bus.publish(
        HOSTS_CHANGED,
        {"mall": place.mall, "value": value, "version": book.version},
        key=f"{place.mall}:{book.version}",
        destination=place.cell.cell_id,
        mall=place.mall,
    )
    return True


def after_proof(found: OwnDomain) -> DomainState:
    """What a proved domain waits for: its filing number, where one is needed and none was accepted, else its DNS."""
    needed = found.filed_at is None and selectors.filing_needed(found.place)
    return DomainState.FILING if needed else DomainState.POINTING


def drop(found: OwnDomain, *, actor: str, now: dt.datetime, finding: str = "", detail: str = "") -> None:
    """Give a locked domain up: it answers no more and somebody else may have it. What was never proved is gone at once."""
    vendors.release_host(place=found.place, host=found.host)
    found.wanted_primary = False
    wanted = DomainState.REMOVING if found.proved_at else DomainState.REMOVED
    move(found, wanted, actor=actor, now=now, finding=finding, detail=detail)
    if wanted is DomainState.REMOVED:
        found.next_look_at = None
        found.save(update_fields=["next_look_at"])


def tell_vendor(found: OwnDomain, kind: str, **context: str) -> None:
    """A notice to the vendor's owner, once for each change."""
    owner = found.place.vendor.owner
    if not (owner.email or owner.phone):
        return
    to = {"to_email": owner.email} if owner.email else {"to_phone": owner.phone or ""}
    words = {"host": hosts.readable(found.host), "mall": found.place.name, **context}
    with transaction.atomic(), translation.override("zh-hans"):
        notices.send_notice(kind=kind, context=words, key=f"{kind}:{found.ulid}:{found.revision}", **to)
