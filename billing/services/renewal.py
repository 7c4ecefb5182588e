"""The next period of each subscription: begun, charged, paid from the balance if there is enough. Repeating is harmless."""

import datetime as dt
import logging

from billing.models import ScheduledChange, Subscription
from billing.rules import states
from billing.rules.periods import period_containing
from billing.rules.plans import Period
from billing.rules.states import SubscriptionState
from billing.selectors import accounts
from billing.services import invoicing, money, state
from saas.kernel.clock import china_date
from saas.kernel.transactions import retried_transaction
from saas.tenants.vendors import selectors as vendor_facts
from saas.tenants.vendors import services as vendors
from saas.tenants.vendors.rules import PlaceState

logger = logging.getLogger(__name__)
_STANDING = frozenset({PlaceState.REHEARSAL, PlaceState.LIVE})


def renew_due(*, now: dt.datetime, limit: int = 500) -> int:
    """Renew what has come to the end of its period, each in a transaction of its own; how many. One that fails is
    logged and stops nobody else."""
    due = Subscription.objects.filter(state__in=states.RENEWS, period_end__lte=china_date(now))
    count = 0
    for ulid in list(due.order_by("period_end", "pk").values_list("ulid", flat=True)[:limit]):
        try:
            count += renew(ulid=ulid, now=now)
        except Exception:
            logger.exception("subscription %s could not be renewed", ulid)
    return count


@retried_transaction
def renew(*, ulid: str, now: dt.datetime, actor: str = "system") -> int:
    """Begin every period that is due for one subscription; how many. Raises NotFound."""
    subscription, count = state.locked(ulid), 0
    while (
        subscription.state in states.RENEWS
        and subscription.period_end <= china_date(now)
        and _begin_next(subscription, actor, now)
    ):
        count += 1
    if count:
        money.settle(subscription.vendor, actor=actor, now=now)
    return count


def _begin_next(subscription: Subscription, actor: str, now: dt.datetime) -> bool:
    place = vendor_facts.place_or_none(subscription.mall)
    if place is None:
        state.move(subscription, SubscriptionState.CANCELED, kind="mall_removed", actor=actor, now=now)
        return False
    trial = subscription.state == SubscriptionState.TRIALING
    if trial and place.state not in _STANDING:
        return False  # nobody pays for a mall that could not be made: the trial waits
    if subscription.cancel_at_period_end:
        state.move(subscription, SubscriptionState.CANCELED, kind="canceled", actor=actor, now=now)
        return False
    changed = _apply_change(subscription, now)
    accounts.extras_of(subscription).filter(ends_with_period=True).update(ended_on=subscription.period_end)
    start = subscription.period_end
    if trial or changed:
        subscription.anchor_date = start
    span = period_containing(subscription.anchor_date, Period(subscription.version.period), start)
    subscription.period_start, subscription.period_end = span.start, span.end
    if trial:
        state.move(subscription, SubscriptionState.ACTIVE, kind="trial_ended", actor=actor, now=now)
    else:
        state.save(subscription, kind="downgraded" if changed else "renewed", actor=actor, now=now)
    invoicing.charge_period(subscription, actor=actor, now=now)
    return True


def _apply_change(subscription: Subscription, now: dt.datetime) -> bool:
    waiting = accounts.waiting_change(subscription)
    if waiting is None:
        return False
    ScheduledChange.objects.filter(pk=waiting.pk).update(applied_at=now)
    subscription.version = waiting.version
    vendors.note_plan(mall=subscription.mall, plan_code=waiting.version.plan.code)
    return True
