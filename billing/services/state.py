"""What every change of a subscription goes through: the locks, the state's step with its history, the fact to the cell.

Locks are taken vendor first, then the subscription; all of a vendor's billing is done one after the other.
"""

import datetime as dt

from billing.models import PlanVersion, Subscription, SubscriptionEvent
from billing.rules import entitlements, grace, states
from billing.rules.plans import PlanFeatures
from billing.rules.states import SubscriptionState
from billing.selectors import accounts
from saas.identity import audit
from saas.kernel.clock import china_date
from saas.kernel.errors import NotFound
from saas.kernel.states import check_transition
from saas.messaging.bus import services as bus
from saas.support.services import verification
from saas.tenants.vendors import selectors as vendor_facts

ENTITLEMENTS_CHANGED = "entitlements.changed"


def locked(ulid: str) -> Subscription:
    """The subscription, locked with its vendor until the transaction ends. Raises NotFound."""
    vendor_id = Subscription.objects.filter(ulid=ulid).values_list("vendor_id", flat=True).first()
    if vendor_id is None:
        raise NotFound
    vendor_facts.lock_vendor(vendor_id)
    found = Subscription.objects.select_for_update(of=("self",))
    return found.select_related("version", "version__plan", "vendor", "vendor__owner").get(ulid=ulid)


def move(
    subscription: Subscription, wanted: SubscriptionState, *, kind: str, actor: str, now: dt.datetime, reason: str = ""
) -> None:
    """Bring a locked subscription into another state and save it. Raises IllegalTransition."""
    check_transition(states.TRANSITIONS, SubscriptionState(subscription.state), wanted)
    subscription.state = wanted
    subscription.suspended = states.suspended_in(wanted, before=subscription.suspended)
    today = china_date(now)
    subscription.ended_on = today if wanted in states.ENDED else None
    if wanted in states.ENDED:
        accounts.extras_of(subscription).update(ended_on=today)
    subscription.paused_on = today if wanted is SubscriptionState.PAUSED else None
    if wanted in states.RUNS:
        subscription.restricted = subscription.restricted and wanted is SubscriptionState.PAST_DUE
    save(subscription, kind=kind, actor=actor, now=now, reason=reason)


def save(subscription: Subscription, *, kind: str, actor: str, now: dt.datetime, reason: str = "") -> None:
    """Save a locked subscription with a line of history, an audit row and, if its rights changed, the fact."""
    if subscription.over:  # a larger plan, an extra or an own value helps at once
        subscription.over = grace.stored(standing(subscription, now=now))
    tell_cell(subscription)
    subscription.save()
    SubscriptionEvent.objects.create(
        subscription=subscription,
        kind=kind,
        state=subscription.state,
        version_id=subscription.version_id,
        day=china_date(now),
        at=now,
        actor=actor,
        reason=reason,
    )
    audit.record(
        actor, f"subscription.{kind}", target=f"mall:{subscription.mall}", reason=reason, state=subscription.state
    )


def standing(subscription: Subscription, *, now: dt.datetime) -> dict[str, grace.Over]:
    """What the mall uses above its plan as it is now, with the days of grace."""
    today = china_date(now)
    used = accounts.soft_use(subscription.mall, today=today)
    return grace.standing(grace.read(subscription.over), used, rights(subscription, subscription.version), today)


def rights(subscription: Subscription, version: PlanVersion) -> dict[str, object]:
    """What the mall may use now, as its cell is told."""
    values = entitlements.resolve(
        PlanFeatures.model_validate(version.features),
        accounts.grants_of(subscription) if subscription.pk else (),
        accounts.overrides_of(subscription.vendor),
    )
    return {
        **values,
        "plan": version.plan.code,
        "restricted": subscription.restricted,
        "suspended": subscription.suspended,
        "grace_over": sorted(one.feature for one in grace.read(subscription.over).values() if one.ended),
        "vendor_verified": verification.is_verified(subscription.vendor),
    }


def tell_cell(subscription: Subscription) -> bool:
    """Send the mall's rights to its cell if they changed (the caller saves the row); whether they did."""
    values = rights(subscription, subscription.version)
    if values == subscription.entitlements:
        return False
    subscription.entitlements = values
    subscription.entitlements_version += 1
    place = vendor_facts.place_or_none(subscription.mall)
    if place is not None:
        bus.publish(
            ENTITLEMENTS_CHANGED,
            {"mall": subscription.mall, "values": values, "version": subscription.entitlements_version},
            key=f"{subscription.ulid}:{subscription.entitlements_version}",
            destination=place.cell.cell_id,
            mall=subscription.mall,
        )
    return True
