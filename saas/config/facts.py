"""Facts from control that belong inside one mall: they lie in the cell's public inbox, their handlers work in the mall."""

from saas.identity import services as identity
from saas.kernel import clock
from saas.ledger import selectors as ledger
from saas.messaging.bus import services as bus
from saas.messaging.bus.services import Event
from saas.tenants.malls import selectors as malls
from saas.tenants.malls import services as mall_services
from saas.tenants.malls.activation import in_mall
from tenant_apps.modes import handlers as modes
from tenant_apps.orders import selectors as orders
from tenant_apps.payouts import selectors as payouts


def on_mode_ruled(event: Event) -> None:
    """An operator's ruling, into its mall. Raises NotFound while the mall is not in this cell: tried again."""
    with in_mall(malls.mall_by_ulid(event.mall)):
        modes.on_mode_ruled(event)


def on_support_revoked(event: Event) -> None:
    """The vendor took an operator's leave back. Payload: `mall`, `operator`, `grant`."""
    mall = malls.mall_by_ulid(str(event.payload["mall"]))
    with in_mall(mall):
        identity.end_support(
            operator=str(event.payload["operator"]), grant=str(event.payload["grant"]), now=clock.real_now()
        )


def on_closing_asked(event: Event) -> None:
    """What is still open in a mall that shall be deleted, and the summary of its book. Payload: `mall`, `deletion`."""
    with in_mall(malls.mall_by_ulid(str(event.payload["mall"]))):
        fact = {
            "mall": event.mall,
            "deletion": event.payload["deletion"],
            "orders": orders.count_unfinished(),
            "orders_in_all": orders.count_all(),
            "withdrawals": payouts.count_open(),
            "uncleared": len(ledger.uncleared()),
            "holds": len(ledger.pending_holds()),
            "trial_balance": [
                {"family": row.family, "asset": row.asset, "posted": row.posted} for row in ledger.trial_balance()
            ],
        }
        bus.publish("mall.closing_facts", fact, key=event.event_id, destination=bus.CONTROL)


def on_opened_again(event: Event) -> None:
    """An operator opens a mall that was restored or imported. Payload: `mall`."""
    mall_services.open_held(malls.mall_by_ulid(str(event.payload["mall"])), now=clock.real_now())
