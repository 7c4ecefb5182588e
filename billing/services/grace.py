"""Malls that use more than their plan promises softly: told at once, given days, then nothing is added to them.

Nothing that a shopper does is refused. What is over and until when stands on the subscription; rules.grace decides.
"""

import datetime as dt
import logging

from django.utils import translation

from billing.models import Subscription
from billing.rules import grace, states
from billing.selectors import accounts, words
from billing.services import state
from saas.kernel.clock import china_date
from saas.kernel.transactions import retried_transaction
from saas.messaging.notices import services as notices
from saas.tenants.vendors import selectors as vendor_facts

logger = logging.getLogger(__name__)


def follow_all(*, now: dt.datetime) -> int:
    """Take the steps that are due for every mall; how many malls. Harmless to repeat."""
    today, count = china_date(now), 0
    used = accounts.soft_use_of_all(today=today)
    for one in Subscription.objects.exclude(state__in=states.ENDED).only("ulid", "mall", "over", "entitlements"):
        known = grace.read(one.over)
        if grace.standing(known, used.get(one.mall, {}), one.entitlements, today) == known:
            continue
        try:
            follow(ulid=one.ulid, now=now)
            count += 1
        except Exception:
            logger.exception("what %s uses above its plan could not be followed", one.ulid)
    return count


@retried_transaction
def follow(*, ulid: str, now: dt.datetime, actor: str = "system") -> dict[str, grace.Over]:
    """What a mall uses above its plan now: days of grace begin, end, or are no longer needed; the vendor is told.

    Raises NotFound.
    """
    subscription = state.locked(ulid)
    before, after = grace.read(subscription.over), state.standing(subscription, now=now)
    subscription.over = grace.stored(after)
    fits = sorted(before.keys() - after.keys())
    began = sorted(after.keys() - before.keys())
    ended = sorted(one for one in before.keys() & after.keys() if after[one].ended and not before[one].ended)
    for kind, features in (("within_plan", fits), ("over_plan", began), ("grace_ended", ended)):
        if features:
            state.save(subscription, kind=kind, actor=actor, now=now, reason=", ".join(features))
    for feature in (*began, *ended):
        _tell(subscription, after[feature], china_date(now))
    return after


def _tell(subscription: Subscription, over: grace.Over, today: dt.date) -> None:
    owner, place = subscription.vendor.owner, vendor_facts.place_or_none(subscription.mall)
    if place is None or not (owner.phone or owner.email):
        return
    rows = {row.feature: row for row in accounts.usage_of(subscription, today=today)}
    row = rows[over.feature]
    with translation.override("zh-hans"):
        context = {
            "mall": place.name,
            "feature": str(words.USED[over.feature]),
            "used": row.used_shown,
            "limit": row.limit_shown,
            "until": over.until.isoformat(),
        }
        kind = "plan_grace_over" if over.ended else "plan_exceeded"
        to = {"to_email": owner.email} if owner.email else {"to_phone": owner.phone}
        key = f"grace:{subscription.ulid}:{over.feature}:{over.until}:{over.ended}"
        notices.send_notice(kind=kind, context=context, key=key, **to)
