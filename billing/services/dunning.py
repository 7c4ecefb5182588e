"""Overdue invoices: reminders, restriction, suspension, expiry, each step once. Repeating and reordering is harmless."""

import datetime as dt
import logging

from django.utils import translation

from billing.models import DunningAction, Invoice, Subscription
from billing.rules import dunning, states
from billing.rules.dunning import SUSPENSIONS_A_RUN, Action
from billing.rules.states import SubscriptionState
from billing.selectors import accounts
from billing.services import invoicing, money, state
from saas.kernel.clock import china_date
from saas.kernel.money import format_yuan
from saas.kernel.transactions import retried_transaction
from saas.messaging.notices import services as notices

logger = logging.getLogger(__name__)
_NOTICES = {Action.REMIND: "invoice_overdue", Action.RESTRICT: "mall_restricted", Action.SUSPEND: "mall_suspended"}


def dun_all(*, now: dt.datetime, suspensions: int = SUSPENSIONS_A_RUN) -> dict[str, int]:
    """Take the steps that are due for every overdue subscription; how many of each. Suspensions are capped a run."""
    overdue = Invoice.objects.filter(
        document="finalized",
        payment__in=["unpaid", "failed"],
        due_on__lt=china_date(now),
        subscription__state__in=states.DUNNED,
    )
    counts: dict[str, int] = {}
    for ulid in sorted(set(overdue.values_list("subscription__ulid", flat=True))):
        try:
            taken = dun(ulid=ulid, now=now, may_suspend=counts.get(Action.SUSPEND, 0) < suspensions)
        except Exception:
            logger.exception("subscription %s could not be dunned", ulid)
            continue
        for action in taken:
            counts[action] = counts.get(action, 0) + 1
    return counts


@retried_transaction
def dun(*, ulid: str, now: dt.datetime, may_suspend: bool = True, actor: str = "system") -> list[Action]:
    """Collect from the balance if there is enough by now; else take the steps of the earliest overdue invoice."""
    subscription, today = state.locked(ulid), china_date(now)
    money.settle(subscription.vendor, actor=actor, now=now)
    subscription = state.locked(ulid)
    invoice = _earliest_overdue(subscription, today)
    if invoice is None or subscription.state not in states.DUNNED:
        return []
    if subscription.state == SubscriptionState.ACTIVE:
        state.move(subscription, SubscriptionState.PAST_DUE, kind="past_due", actor=actor, now=now)
    days = dunning.days_past_due(due_on=invoice.due_on, today=today, extended_to=subscription.extended_to)
    done = DunningAction.objects.filter(invoice=invoice).values_list("position", flat=True)
    taken: list[Action] = []
    for position, step in dunning.steps_due(days, done):
        if step.action is Action.SUSPEND and not may_suspend:
            break
        DunningAction.objects.create(invoice=invoice, position=position, action=step.action, taken_at=now)
        _take(step.action, subscription, invoice, position, actor, now)
        taken.append(step.action)
        if subscription.state not in states.DUNNED:
            break
    return taken


def _earliest_overdue(subscription: Subscription, today: dt.date) -> Invoice | None:
    open_ones = accounts.open_invoices(vendor_id=subscription.vendor_id)
    return open_ones.filter(subscription=subscription, due_on__lt=today).first()


def _take(
    action: Action, subscription: Subscription, invoice: Invoice, position: int, actor: str, now: dt.datetime
) -> None:
    if action is Action.RESTRICT:
        subscription.restricted = True
        state.save(subscription, kind="restricted", actor=actor, now=now)
    elif action is Action.SUSPEND and subscription.state != SubscriptionState.UNPAID:
        first = subscription.state == SubscriptionState.INCOMPLETE
        wanted = SubscriptionState.EXPIRED if first else SubscriptionState.UNPAID
        state.move(subscription, wanted, kind="suspended", actor=actor, now=now)
        if first:
            invoicing.void_first(subscription, actor=actor, now=now)
    elif action is Action.ARCHIVE and subscription.state == SubscriptionState.UNPAID:
        state.move(subscription, SubscriptionState.EXPIRED, kind="expired", actor=actor, now=now)
    _notify(action, subscription, invoice, position)


def _notify(action: Action, subscription: Subscription, invoice: Invoice, position: int) -> None:
    owner = subscription.vendor.owner
    kind = _NOTICES.get(action)
    if kind is None or not (owner.phone or owner.email):
        return
    context = {
        "number": invoice.number,
        "amount": format_yuan(accounts.outstanding(invoice)),
        "due": invoice.due_on.isoformat(),
    }
    to = {"to_email": owner.email} if owner.email else {"to_phone": owner.phone}
    with translation.override("zh-hans"):
        notices.send_notice(kind=kind, context=context, key=f"dunning:{invoice.ulid}:{position}", **to)
