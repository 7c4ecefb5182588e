"""Facts from control that belong inside one mall: they lie in the cell's public inbox, their handlers work in the mall."""

from saas.identity import services as identity
from saas.kernel import clock
from saas.messaging.bus.services import Event
from saas.tenants.malls import selectors as malls
from saas.tenants.malls.activation import in_mall
from tenant_apps.modes import handlers as modes


def on_mode_ruled(event: Event) -> None:
    """An operator's ruling, into its mall. Raises NotFound while the mall is not in this cell: tried again."""
    with in_mall(malls.mall_by_ulid(event.mall)):
        modes.on_mode_ruled(event)


def on_support_revoked(event: Event) -> None:
    """The vendor took an operator's leave back. Payload: `mall`, `operator`."""
    mall = malls.mall_by_ulid(str(event.payload["mall"]))
    with in_mall(mall):
        identity.end_support(operator=str(event.payload["operator"]), now=clock.real_now())
