"""Sending an order that has not left yet somewhere else; the areas that earn from it are read anew (MODES 8)."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from saas.kernel.ids import new_ulid
from saas.kernel.transactions import retried_transaction
from saas.messaging.bus import services as bus
from tenant_apps.members.models import Member
from tenant_apps.modes.contract import SaleFacts
from tenant_apps.modes.snapshots import sale_from_json, sale_to_json
from tenant_apps.orders.models import Order
from tenant_apps.orders.rules import ADDRESS_OPEN, DeliveryKind, OrderState, Recipient
from tenant_apps.orders.services import transition
from tenant_apps.orders.services.fulfilment import RefundOpen, has_open_refund
from tenant_apps.orders.services.paying import areas_of
from tenant_apps.orders.services.placing import check_address


class AddressFixed(DomainError):
    """The order has left, is over, or never had an address."""

    code = "address_fixed"
    message = _("The delivery address can be changed only until the order is shipped.")  # type: ignore[assignment]


@retried_transaction
def change_order_address(
    *, order_ulid: str, address: Recipient, actor: str, now: dt.datetime, reason: str = "", member: Member | None = None
) -> Order:
    """Send an order to another address, until it is shipped; freight stays as it was sold. With `member`, his own order.

    Where the new address lies in other areas, the snapshot of a paid order names the agents who held these at payment,
    and `order.area_changed` lets settlement void and make again what agents have frozen. Staff give a reason. The same
    address again changes nothing. Raises NotFound, AddressFixed, RefundOpen, AddressInvalid, UnknownDivision,
    UnknownStreet, InvalidInput (reason).
    """
    check_address(address)
    why = reason.strip()[:150]
    if member is None and not why:
        raise InvalidInput(gettext("Please give a reason."), field="reason")
    with transaction.atomic():
        order = transition.locked(order_ulid)
        if member is not None and order.member_id != member.pk:
            raise NotFound
        if not may_change_address(order):
            raise AddressFixed
        if has_open_refund(order):
            raise RefundOpen
        before = {"district_code": order.district_code, "street_code": order.street_code}
        changes = {name: value for name, value in _columns(address).items() if getattr(order, name) != value}
        if not changes:
            return order
        changes |= {"latitude_e6": None, "longitude_e6": None}  # the position was of the address before
        for name, value in changes.items():
            setattr(order, name, value)
        event = None
        if order.state == OrderState.PAID and (moved := _moved(order)):
            changes |= moved
            event = bus.publish_part(
                "order.area_changed", {"order": order.ulid}, key=f"{order.ulid}:{moved['area_revision']}"
            )
        if order.state == OrderState.PAID and not order.seller_ulid:
            bus.publish("order.address_changed", {"order": order.ulid}, key=new_ulid())
        transition.write(order, action="address_changed", actor=actor, now=now, reason=why, event=event, **changes)
        audit.record(
            actor,
            "order.address_changed",
            target=f"order:{order.ulid}",
            reason=why,
            before=before,
            after={"district_code": order.district_code, "street_code": order.street_code},
            moved_area=event is not None,
        )
    return order


def may_change_address(order: Order) -> bool:
    """Whether goods that a carrier brings have not left. A store's own delivery and a pickup stay as they were chosen."""
    by_carrier = order.delivery_kind == DeliveryKind.EXPRESS and bool(order.district_code)
    return order.state in ADDRESS_OPEN and by_carrier


def _columns(address: Recipient) -> dict[str, Any]:
    values = dict(vars(address))
    names = {"name": "recipient_name", "phone": "recipient_phone", "detail": "address_detail"}
    return {names.get(name, name): value for name, value in values.items()}


def _moved(order: Order) -> dict[str, Any]:
    """The snapshot with the areas of the new address, held as they were at payment; nothing where they are the same.

    An area that both addresses lie in keeps the holders that were written down.
    """
    assert order.paid_at is not None
    sale: SaleFacts = sale_from_json(order.sale_facts, member="", first_line="")
    known = {(area.grade, area.code): area for area in sale.areas}
    areas = tuple(known.get((area.grade, area.code), area) for area in areas_of(order, now=order.paid_at))
    if areas == sale.areas:
        return {}
    facts = sale_to_json(SaleFacts(buyer=sale.buyer, areas=areas, pickup_store=sale.pickup_store))
    return {"sale_facts": facts, "area_revision": order.area_revision + 1}
