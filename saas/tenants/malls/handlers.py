"""Facts from control about what a mall may use."""

from django.db import transaction

from saas.kernel.clock import real_now as now
from saas.messaging.bus.services import Event
from saas.tenants.malls import announcements, selectors, services, support_access
from saas.tenants.malls.limits import CHECKLIST


def on_entitlements_changed(event: Event) -> None:
    """The plan, an override or the state of the subscription changed. Payload: `mall`, `values`, `version`."""
    mall = selectors.mall_by_ulid(str(event.payload["mall"]))
    services.copy_entitlements(mall, event.payload["values"], version=int(event.payload["version"]))
    services.follow_suspension(mall, now=now())


def on_hosts_changed(event: Event) -> None:
    """The mall's own hosts changed. Payload: `mall`, `value` (rules.OwnHosts), `version`. Forgotten again after the commit."""
    mall = selectors.mall_by_ulid(str(event.payload["mall"]))
    if services.follow_own_hosts(mall, event.payload["value"], version=int(event.payload["version"])):
        transaction.on_commit(lambda: selectors.forget_mall(mall), robust=True)


def on_moved_away(event: Event) -> None:
    """Another cell serves the mall now: forget what is cached of its hosts."""
    selectors.forget_mall(selectors.mall_by_ulid(str(event.payload["mall"])))


def on_announcement_changed(event: Event) -> None:
    """The platform announces something in this cell's malls, or withdraws it. Payload: as support.services.announcements."""
    announcements.keep(fact=event.payload, now=now())


def on_support_changed(event: Event) -> None:
    """Who of the platform may be inside a mall. Payload: `mall`, `value` (a list), `version`."""
    mall = selectors.mall_by_ulid(str(event.payload["mall"]))
    support_access.keep(mall, event.payload["value"], version=int(event.payload["version"]))


def on_checklist_changed(event: Event) -> None:
    """What is open on a mall's launch checklist. Payload: `mall`, `value` (limits.OpenItem as dicts), `version`."""
    mall = selectors.mall_by_ulid(str(event.payload["mall"]))
    services.copy_entitlements(mall, {CHECKLIST: event.payload["value"]}, version=int(event.payload["version"]))
