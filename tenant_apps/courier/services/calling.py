"""Calling a courier for an order that a store brings: one of the store's own, or a service, which is asked what it costs."""

import dataclasses
import datetime as dt

from django.db import IntegrityError, transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from saas.channels.contract import ChannelError
from saas.channels.facts import ErrorClass
from saas.identity import audit
from saas.kernel import clock
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from saas.kernel.ids import new_ulid
from saas.messaging.bus import services as bus
from saas.tenants.malls import selectors as malls
from saas.tenants.malls.activation import active_mall
from tenant_apps.courier.models import CourierAccount, Errand
from tenant_apps.courier.rules import (
    DEFAULT_WEIGHT,
    MAX_WEIGHT,
    OPEN,
    ErrandState,
    Facts,
    Provider,
    Quote,
    Task,
    next_query,
)
from tenant_apps.courier.services import accounts, applying
from tenant_apps.orders.models import Order
from tenant_apps.orders.rules import DeliveryKind, OrderState

CALLABLE = (OrderState.PAID, OrderState.SHIPPED)


class NotForCourier(DomainError):
    """The order is none that a store brings, or it is not paid, or it has arrived."""

    code = "not_for_courier"
    message = _("A courier brings paid orders for which the shopper chose delivery by the store.")  # type: ignore[assignment]


class ErrandOpen(DomainError):
    """A courier is under way for this order."""

    code = "errand_open"
    message = _("A courier has been called for this order already. Call that one off first.")  # type: ignore[assignment]


class CourierUnclear(DomainError):
    """The service gave no certain answer, or refused; `why` is what it said."""

    code = "courier_unclear"
    http_status = 502
    message = _("The courier service answered: {why}.")  # type: ignore[assignment]


def quote_service(
    *, order_ulid: str, weight_grams: int, position: tuple[int, int] | None, note: str = "", now: dt.datetime
) -> Quote:
    """What the connected service would ask for bringing an order (fen, metres); nothing is ordered.

    Raises NotFound, NotForCourier, ErrandOpen, CourierNotReady, InvalidInput (weight, latitude, note), CourierUnclear.
    Calls the network: not inside a transaction.
    """
    order = _callable(order_ulid)
    account = accounts.ready_account(order.delivery_store)
    task = _task(order, account, f"Q{new_ulid()}", weight_grams, position, note)
    try:
        return accounts.gateway_of(account).quote(task, clock.to_real(now))
    except ChannelError as error:
        raise CourierUnclear(why=accounts.why_of(error)) from None


def call_service(
    *, order_ulid: str, weight_grams: int, position: tuple[int, int] | None, note: str, actor: str, now: dt.datetime
) -> Errand:
    """Call a rider of the connected service. The errand is written first; without a certain answer it stays `calling`,
    is asked about by itself, and is repeated under the same number where the service does not know it.

    Raises as quote_service. Calls the network: not inside a transaction.
    """
    order = _callable(order_ulid)
    account = accounts.ready_account(order.delivery_store)
    number = f"C{new_ulid()}"
    task = _task(order, account, number, weight_grams, position, note)
    row = _made(
        order, Provider.DADA, ErrandState.CALLING, actor, now, number=number, account=account, task=_stored(task)
    )
    send(row, now=now)
    row.refresh_from_db()
    return row


def call_own(*, order_ulid: str, rider_name: str, rider_phone: str, actor: str, now: dt.datetime) -> Errand:
    """Somebody of the store's brings the order; his steps are set by hand.

    Raises NotFound, NotForCourier, ErrandOpen, InvalidInput (rider_name, rider_phone).
    """
    rider_name, rider_phone = rider_name.strip(), rider_phone.strip()
    if not 1 <= len(rider_name) <= 40:
        raise InvalidInput(gettext("Say who brings it: 1 to 40 characters."), field="rider_name")
    digits = rider_phone.replace("-", "").removeprefix("+")
    if not (digits.isascii() and digits.isdecimal() and len(digits) >= 5 and len(rider_phone) <= 20):
        raise InvalidInput(gettext("Give a phone number that the shopper may call."), field="rider_phone")
    order = _callable(order_ulid)
    return _made(
        order,
        Provider.MANUAL,
        ErrandState.ACCEPTED,
        actor,
        now,
        number=f"C{new_ulid()}",
        rider_name=rider_name,
        rider_phone=rider_phone,
    )


def send(row: Errand, *, now: dt.datetime) -> str:
    """Ask the service for a rider under the errand's number; what came of it in one word. Not inside a transaction."""
    assert row.account is not None
    gateway, world = accounts.gateway_of(row.account), clock.to_real(now)
    try:
        fee = gateway.create(Task(**row.task), world)
    except ChannelError as error:
        if error.kind is ErrorClass.UNKNOWN:
            return note(row, error)
        try:  # perhaps refused because an earlier try did get there
            facts = gateway.query(row.number, world)
        except ChannelError as asked:
            if asked.kind is ErrorClass.UNKNOWN:
                return note(row, asked)
            facts = Facts(ErrandState.REFUSED, reason=accounts.why_of(error)[:200])
    else:
        facts = Facts(ErrandState.WAITING, fee_amount=fee)
    with transaction.atomic():
        applying.apply_facts(applying.locked(row.ulid), facts, actor="system", now=now)
    return str(facts.state)


def note(row: Errand, error: ChannelError) -> str:
    """Keep what an unclear answer said, on an errand that is not over."""
    why = accounts.why_of(error)[:200]
    with transaction.atomic():
        Errand.objects.filter(pk=row.pk, state__in=sorted(OPEN)).update(reason=why)
    return "unknown"


def _made(
    order: Order, provider: Provider, state: ErrandState, actor: str, now: dt.datetime, **values: object
) -> Errand:
    row = Errand(
        ulid=new_ulid(),
        order=order,
        payer_ulid=order.delivery_store,  # it has the delivery fee, for the mall's goods too (counter.dispatch)
        provider=provider,
        state=state,
        events=[{"at": now.isoformat(), "state": str(state), "by": actor}],
        called_by=actor,
        called_at=now,
        changed_at=now,
        **values,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            if provider is not Provider.MANUAL:
                bus.publish(
                    "courier.query_due",
                    {"errand": row.ulid, "attempt": 1},
                    key=f"{row.ulid}:1",
                    available_at=next_query(1, now),
                )
            audit.record(
                actor, "courier.called", target=f"order:{order.ulid}", errand=row.number, provider=str(provider)
            )
    except IntegrityError:  # one under way an order, by constraint: of two who press at once one calls
        raise ErrandOpen from None
    return row


def _callable(order_ulid: str) -> Order:
    order = Order.objects.filter(ulid=order_ulid).first()
    if order is None:
        raise NotFound
    if order.delivery_kind != DeliveryKind.STORE_DELIVERY or order.state not in CALLABLE:
        raise NotForCourier
    if Errand.objects.filter(order=order, state__in=sorted(OPEN)).exists():
        raise ErrandOpen
    return order


def _task(
    order: Order,
    account: CourierAccount,
    number: str,
    weight_grams: int,
    position: tuple[int, int] | None,
    text: str,
) -> Task:
    if not 1 <= weight_grams <= MAX_WEIGHT:
        raise InvalidInput(gettext("The weight is 0.001 to 100 kg."), field="weight")
    if position is None:
        raise InvalidInput(gettext("Give the position of the address: latitude and longitude."), field="latitude")
    if len(text.strip()) > 100:
        raise InvalidInput(gettext("A note to the rider has up to 100 characters."), field="note")
    origin = malls.primary_origin(active_mall())
    return Task(
        number=number,
        shop=str(account.shops[order.delivery_store]),
        worth_amount=order.goods_amount,
        weight_grams=weight_grams or DEFAULT_WEIGHT,
        name=order.recipient_name,
        phone=order.recipient_phone,
        address=order.one_line_address,
        latitude_e6=position[0],
        longitude_e6=position[1],
        callback_url=f"{origin}/notify-courier/{account.provider}/{account.notify_token}",
        note=text.strip(),
    )


def _stored(task: Task) -> dict[str, object]:
    return dataclasses.asdict(task)
