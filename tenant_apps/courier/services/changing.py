"""Steps that people take: those of a courier of the store's own, and calling one off."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext

from saas.channels.contract import ChannelError
from saas.kernel import clock
from saas.kernel.errors import InvalidInput
from saas.kernel.states import IllegalTransition
from tenant_apps.courier.models import Errand
from tenant_apps.courier.rules import BY_HAND, CANCELLABLE, ErrandState, Facts, Provider
from tenant_apps.courier.services import accounts, applying, asking
from tenant_apps.courier.services.calling import CourierUnclear


def step_by_hand(*, errand_ulid: str, state: str, actor: str, now: dt.datetime) -> Errand:
    """What the store's own courier has done. Raises NotFound, IllegalTransition."""
    with transaction.atomic():
        row = applying.locked(errand_ulid)
        allowed = BY_HAND.get(ErrandState(row.state), ()) if row.provider == Provider.MANUAL else ()
        if state not in allowed:
            raise IllegalTransition(current=row.state, wanted=state)
        applying.apply_facts(row, Facts(ErrandState(state)), actor=actor, now=now)
    return row


def cancel_errand(*, errand_ulid: str, reason: str, actor: str, now: dt.datetime) -> Errand:
    """Call a courier off who does not have the goods yet; what the service deducts for it is booked.

    Raises NotFound, IllegalTransition, InvalidInput (reason), CourierUnclear (the service said no, or nothing clear:
    then it is asked where the errand stands). Calls the network: not inside a transaction.
    """
    reason = reason.strip()
    if not 1 <= len(reason) <= 100:
        raise InvalidInput(gettext("Say why, in up to 100 characters."), field="reason")
    row = Errand.objects.select_related("account").filter(ulid=errand_ulid).first()
    if row is None or row.state not in CANCELLABLE:
        raise IllegalTransition(current=row.state if row else "", wanted=ErrandState.CANCELLED)
    deducted = 0
    if row.account is not None:
        try:
            deducted = accounts.gateway_of(row.account).cancel(row.number, reason, clock.to_real(now))
        except ChannelError as error:
            asking.ask_service(errand_ulid=errand_ulid, now=now)
            row.refresh_from_db()
            if row.state == ErrandState.CANCELLED:
                return row
            raise CourierUnclear(why=accounts.why_of(error)) from None
    with transaction.atomic():
        row = applying.locked(errand_ulid)
        facts = Facts(ErrandState.CANCELLED, deduct_amount=deducted, reason=reason)
        applying.apply_facts(row, facts, actor=actor, now=now)
    return row
