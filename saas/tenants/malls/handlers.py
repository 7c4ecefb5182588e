"""Facts from control about what a mall may use."""

from saas.kernel.clock import real_now as now
from saas.messaging.bus.services import Event
from saas.tenants.malls import selectors, services


def on_entitlements_changed(event: Event) -> None:
    """The plan, an override or the state of the subscription changed. Payload: `mall`, `values`, `version`."""
    mall = selectors.mall_by_ulid(str(event.payload["mall"]))
    services.copy_entitlements(mall, event.payload["values"], version=int(event.payload["version"]))
    services.follow_suspension(mall, now=now())


def on_moved_away(event: Event) -> None:
    """Another cell serves the mall now: forget what is cached of its hosts."""
    selectors.forget_mall(selectors.mall_by_ulid(str(event.payload["mall"])))
