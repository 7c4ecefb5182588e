"""The door for callbacks, and the form by which staff and stores call a courier: read, shown and carried out. Mounted by
the screens."""

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from saas.channels.contract import BadNotice
from saas.kernel.clock import now
from saas.kernel.errors import InvalidInput, NotFound
from saas.kernel.money import display_yuan
from tenant_apps.courier import selectors
from tenant_apps.courier import services as courier
from tenant_apps.courier.rules import ErrandState, Provider
from tenant_apps.orders.models import Order
from tenant_apps.orders.rules import OrderState

STATES: dict[str, str | Promise] = {
    ErrandState.CALLING: pgettext_lazy("courier", "called, no clear answer yet"),
    ErrandState.WAITING: pgettext_lazy("courier", "waiting for a rider"),
    ErrandState.ACCEPTED: pgettext_lazy("courier", "a rider is coming"),
    ErrandState.ARRIVED: pgettext_lazy("courier", "rider in the store"),
    ErrandState.CARRYING: pgettext_lazy("courier", "on the way"),
    ErrandState.RETURNING: pgettext_lazy("courier", "being brought back"),
    ErrandState.DELIVERED: pgettext_lazy("courier", "handed over"),
    ErrandState.RETURNED: pgettext_lazy("courier", "brought back"),
    ErrandState.CANCELLED: pgettext_lazy("courier", "called off"),
    ErrandState.REFUSED: pgettext_lazy("courier", "refused by the service"),
}
STEPS: dict[str, str | Promise] = {
    ErrandState.CARRYING: gettext_lazy("He has set off with the goods"),
    ErrandState.DELIVERED: gettext_lazy("He has handed them over"),
    ErrandState.RETURNING: gettext_lazy("He brings them back"),
    ErrandState.RETURNED: gettext_lazy("They are back in the store"),
}
FIELDS = ("weight", "latitude", "longitude", "note", "rider_name", "rider_phone", "reason")


@csrf_exempt
@require_POST
def notify(request: HttpRequest, provider: str, token: str) -> HttpResponse:
    """A service's callback: 200 once it is stored (or was before), 4xx and nothing else where it is not for us."""
    if provider == Provider.KUAIDI100:
        return _pushed(token, request.body[:200_000])
    try:
        courier.receive_callback(provider=provider, token=token, body=request.body[:20_000], now=now())
    except NotFound:
        return JsonResponse({"status": "fail", "msg": "unknown address or order"}, status=404)
    except BadNotice as error:
        return JsonResponse({"status": "fail", "msg": str(error)}, status=401)
    return JsonResponse({"status": "ok"})


def _pushed(token: str, body: bytes) -> HttpResponse:
    """As the tracking service wants to be answered; told no, it sends a push again."""
    status, done, text = 200, True, "成功"
    try:
        courier.receive_push(token=token, body=body, now=now())
    except NotFound:
        status, done, text = 404, False, "unknown address or parcel"
    except BadNotice as error:
        status, done, text = 401, False, str(error)
    return JsonResponse({"result": done, "returnCode": str(status), "message": text}, status=status)


def follow(parcel_ulid: str, step: str, *, actor: str, now: dt.datetime) -> str:
    """One press beside a parcel: have it followed, or ask about it; what was done, in words. Raises DomainError."""
    watch = courier.follow_parcel(parcel_ulid=parcel_ulid, actor=actor, now=now)
    outcome = courier.ask(watch_ulid=watch.ulid, now=now, by_hand=step == "ask")
    if outcome == "unknown":
        return _("No clear answer yet: it is asked again by itself.")
    return _("Asked: this is how it stands.") if step == "ask" else _("It is followed from now on.")


def shown(order: Order, posted: QueryDict | None, *, quote: str = "") -> dict[str, Any]:
    """What the form needs: errands with what may be done, what was typed, and whether a service is connected."""
    values = {name: posted.get(name, "")[:120] for name in FIELDS} if posted is not None else _initial(order)
    found = selectors.errands_of(order)
    account = selectors.account()
    return {
        "order": order,
        "errands": [
            {
                "view": one,
                "state": STATES[one.row.state],
                "steps": [(state.value, STEPS[state]) for state in one.steps],
                "events": [(at, STATES.get(state, state)) for at, state in one.events],
            }
            for one in found
        ],
        "may_call": order.state in (OrderState.PAID, OrderState.SHIPPED) and not any(one.is_open for one in found),
        "has_service": account is not None and bool(account.shops.get(order.delivery_store)),
        "values": values,
        "quote": quote,
    }


def carry_out(order: Order, posted: QueryDict, *, actor: str, now: dt.datetime) -> tuple[str, str]:
    """One press of the form: (what was done, in words; the quote, where one was asked for). Raises DomainError."""
    step = posted.get("step", "")
    if step == "quote":
        found = courier.quote_service(
            order_ulid=order.ulid,
            weight_grams=_grams(posted),
            position=_position(posted),
            note=posted.get("note", ""),
            now=now,
        )
        kilometres = f"{found.distance_meters // 1000}.{found.distance_meters % 1000 // 100}"
        text = _("The service asks {fee} for {way} km.").format(fee=display_yuan(found.fee_amount), way=kilometres)
        return "", text
    if step == "service":
        row = courier.call_service(
            order_ulid=order.ulid,
            weight_grams=_grams(posted),
            position=_position(posted),
            note=posted.get("note", ""),
            actor=actor,
            now=now,
        )
        if row.state == ErrandState.REFUSED:
            raise courier.CourierUnclear(why=row.reason)
        return _("Called. What becomes of it is shown here by itself."), ""
    if step == "own":
        courier.call_own(
            order_ulid=order.ulid,
            rider_name=posted.get("rider_name", ""),
            rider_phone=posted.get("rider_phone", ""),
            actor=actor,
            now=now,
        )
        return _("Noted: the shopper sees who comes."), ""
    errand = selectors.errand_of(order, posted.get("errand", ""))
    if step == "cancel":
        courier.cancel_errand(errand_ulid=errand.ulid, reason=posted.get("reason", ""), actor=actor, now=now)
        return _("Called off."), ""
    if step == "ask":
        courier.ask_service(errand_ulid=errand.ulid, now=now)
        return _("Asked: this is how it stands."), ""
    courier.step_by_hand(errand_ulid=errand.ulid, state=step, actor=actor, now=now)
    return _("Noted: the shopper sees it."), ""


def _initial(order: Order) -> dict[str, str]:
    return {
        "weight": "1",
        "latitude": "" if order.latitude_e6 is None else f"{order.latitude_e6 / 1e6:.6f}",
        "longitude": "" if order.longitude_e6 is None else f"{order.longitude_e6 / 1e6:.6f}",
    }


def _grams(posted: QueryDict) -> int:
    whole, _dot, part = posted.get("weight", "").strip().partition(".")
    if not (whole.isdecimal() and len(whole) <= 3 and len(part) <= 3 and (part or "0").isdecimal()):
        raise InvalidInput(_("The weight is kilograms, such as 1 or 2.5."), field="weight")
    return int(whole) * 1000 + int(part.ljust(3, "0"))


def _position(posted: QueryDict) -> tuple[int, int] | None:
    found = []
    for name, most in (("latitude", 90), ("longitude", 180)):
        text = posted.get(name, "").strip()
        if not text:
            return None
        try:
            value = round(float(text) * 1_000_000)
        except (ValueError, OverflowError):
            value = 10**12
        if abs(value) > most * 1_000_000:
            raise InvalidInput(_("Latitude and longitude are degrees, such as 23.129110."), field=name)
        found.append(value)
    return found[0], found[1]
