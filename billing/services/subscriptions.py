"""A subscription's life as people decide it: start, change of plan, cancel, reactivate, pause."""

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from billing.models import Override, PlanVersion, ScheduledChange, Subscription
from billing.rules import entitlements, proration, states
from billing.rules.entitlements import BadFeatureValue
from billing.rules.invoices import EntryKind
from billing.rules.periods import Span, period_containing
from billing.rules.plans import Period, PlanFeatures
from billing.rules.proration import Change
from billing.rules.states import SubscriptionState
from billing.selectors import accounts, prices, words
from billing.services import invoicing, money, state
from billing.services.invoicing import Line
from saas.identity import audit
from saas.kernel.clock import china_date
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from saas.kernel.ids import new_ulid
from saas.kernel.transactions import retried_transaction
from saas.tenants.vendors import selectors as vendor_facts
from saas.tenants.vendors import services as vendors
from saas.tenants.vendors.models import Vendor


class NotChangeable(DomainError):
    """The plan can be changed while a trial or a paid period runs."""

    code = "plan_not_changeable"
    message = _("The plan cannot be changed now. Please pay what is open first.")


class SamePlan(DomainError):
    """It is the plan already."""

    code = "same_plan"
    message = _("This is your plan already.")


class OverNewLimits(DomainError):
    """More is used than the other plan allows."""

    code = "over_new_limits"
    message = _("Your mall uses more than this plan allows: {what}. Please reduce it first.")


class NotEnded(DomainError):
    """Only an ended subscription is reactivated."""

    code = "subscription_not_ended"
    message = _("This subscription has not ended.")


class BilledToday(DomainError):
    """A period that begins today was invoiced before the subscription ended."""

    code = "billed_today"
    message = _("A period that begins today has been invoiced already. Please try again tomorrow.")


class NotPaused(DomainError):
    """Only a paused subscription goes on."""

    code = "not_paused"
    message = _("This subscription is not paused.")


class NothingToUndo(DomainError):
    """No change of plan waits, or nothing was cancelled."""

    code = "nothing_to_undo"
    message = _("There is nothing to undo.")


class BadOverride(InvalidInput):
    """The value does not fit the feature."""

    code = "bad_override"
    message = _("This value does not fit the feature {feature}.")


@dataclass(frozen=True)
class Quote:
    """What a change of plan means: now (with its money) or with the next period."""

    version: PlanVersion
    at_once: bool
    span: Span
    change: Change | None  # None: nothing is charged now
    over: dict[str, tuple[int, int]]
    extras_fen: int = 0  # of extras whose period is cut short and begins anew

    @property
    def due_fen(self) -> int:
        """To be paid now."""
        return (self.change.due_fen if self.change else 0) + self.extras_fen


def start_subscription(*, vendor: Vendor, mall: str, plan_code: str, actor: str, now: dt.datetime) -> Subscription:
    """Subscribe a new mall to the plan as it is sold now: a trial, or the first period with its invoice.

    The mall's entitlements travel with the order that makes it. Raises NotFound.
    """
    version, today = prices.current_version(plan_code, now=now), china_date(now)
    trial = version.trial_days > 0
    end = today + dt.timedelta(days=version.trial_days)
    span = Span(today, end) if trial else period_containing(today, Period(version.period), today)
    subscription = Subscription(
        ulid=new_ulid(),
        vendor=vendor,
        mall=mall,
        version=version,
        state=SubscriptionState.TRIALING if trial else SubscriptionState.INCOMPLETE,
        anchor_date=today,
        period_start=span.start,
        period_end=span.end,
        billable_from=end if trial else today,
        created_at=now,
    )
    subscription.entitlements = state.rights(subscription, version)
    subscription.save(force_insert=True)
    state.save(subscription, kind="started", actor=actor, now=now)
    if not trial:
        invoicing.charge_period(subscription, actor=actor, now=now)
        money.settle(vendor, actor=actor, now=now)
    return subscription


def quote_change(subscription: Subscription, version: PlanVersion, *, now: dt.datetime) -> Quote:
    """What changing to `version` today would mean; changes nothing."""
    today, old = china_date(now), subscription.version
    span = Span(subscription.period_start, subscription.period_end)
    values = entitlements.resolve(
        PlanFeatures.model_validate(version.features),
        accounts.grants_of(subscription),
        accounts.overrides_of(subscription.vendor),
    )
    in_use = {**accounts.counted(subscription.mall), "own_domain": vendor_facts.own_hosts(subscription.mall)}
    over = entitlements.exceeded(values, in_use)
    if subscription.state == SubscriptionState.TRIALING:
        return Quote(version, True, span, None, over)
    used = min(max((today - span.start).days, 0), span.days)
    terms = {"old_fen": old.price_fen, "new_fen": version.price_fen, "days": span.days, "used": used}
    if old.period == version.period:
        at_once = version.price_fen >= old.price_fen
        return Quote(version, at_once, span, proration.change(**terms) if at_once else None, over)
    if old.period == Period.MONTH:
        fresh = period_containing(today, Period(version.period), today)
        extras = sum(line.amount for line in _extras_again(subscription, version, span, fresh, now))
        return Quote(version, True, fresh, proration.restart(**terms), over, extras)
    return Quote(version, False, span, None, over)


@retried_transaction
def change_plan(*, ulid: str, version_id: int, actor: str, now: dt.datetime) -> Quote:
    """Upgrade now (credit for the days left, charge for them) or downgrade with the next period; what was done.

    Raises NotFound, NotChangeable, SamePlan, OverNewLimits.
    """
    subscription = state.locked(ulid)
    version = prices_version(version_id)
    if subscription.state not in states.CHANGEABLE or subscription.cancel_at_period_end:
        raise NotChangeable
    if version.pk == subscription.version_id:
        raise SamePlan
    quote = quote_change(subscription, version, now=now)
    if quote.over:
        raise OverNewLimits(what="; ".join(over_text(quote)))
    _withdraw(subscription, now)
    if not quote.at_once:
        ScheduledChange.objects.create(subscription=subscription, version=version, created_at=now, created_by=actor)
        state.save(subscription, kind="downgrade_scheduled", actor=actor, now=now, reason=str(version))
        return quote
    _upgrade(subscription, quote, actor, now)
    return quote


def over_text(quote: Quote) -> list[str]:
    """What is above the limits of the quoted plan, as a person reads it."""
    return [f"{words.FEATURES[feature]} {used} > {limit}" for feature, (used, limit) in quote.over.items()]


def prices_version(version_id: int) -> PlanVersion:
    """A version by its row, if its plan is on sale. Raises NotFound."""
    version = PlanVersion.objects.select_related("plan").filter(pk=version_id, plan__on_sale=True).first()
    if version is None:
        raise NotFound(field="plan")
    return version


def _upgrade(subscription: Subscription, quote: Quote, actor: str, now: dt.datetime) -> None:
    old, change = subscription.version, quote.change
    before = Span(subscription.period_start, subscription.period_end)
    subscription.version = quote.version
    if quote.span != before:  # another length: it begins today
        subscription.anchor_date = quote.span.start
        subscription.period_start, subscription.period_end = quote.span.start, quote.span.end
    vendors.note_plan(mall=subscription.mall, plan_code=quote.version.plan.code)
    state.save(subscription, kind="upgraded", actor=actor, now=now)
    if change is None:
        return
    left = Span(china_date(now), quote.span.end)
    data = {"days_left": change.days_left, "days": change.days}
    lines = [
        Line(EntryKind.UPGRADE_CREDIT, "credit", old, left, -change.credit_fen, data),
        Line(EntryKind.UPGRADE_CHARGE, "charge", quote.version, left, change.charge_fen, data),
    ]
    if quote.span != before:
        lines += _extras_again(subscription, quote.version, before, quote.span, now)
    reason = f"upgrade:{new_ulid()}"
    invoicing.issue(subscription=subscription, reason=reason, span=left, lines=lines, actor=actor, now=now)
    money.settle(subscription.vendor, actor=actor, now=now)


def _extras_again(
    subscription: Subscription, version: PlanVersion, before: Span, span: Span, now: dt.datetime
) -> list[Line]:
    """The extras of a period that is cut short: money back for its days left, then the new period whole."""
    used = min(max((china_date(now) - before.start).days, 0), before.days)
    left = Span(china_date(now), span.end)
    lines = []
    for row in accounts.extras_of(subscription):
        back = proration.share(row.price_fen * row.quantity, before.days, used, before.days)
        data = {"extra": row.extra.code, "quantity": row.quantity, "days_left": before.days - used, "days": before.days}
        lines.append(Line(EntryKind.EXTRA, f"extra-credit:{row.ulid}", version, left, -back, data))
    return [line for line in lines if line.amount] + invoicing.extra_lines(subscription, version, span)


def _withdraw(subscription: Subscription, now: dt.datetime) -> int:
    waiting = ScheduledChange.objects.filter(subscription=subscription, applied_at=None, withdrawn_at=None)
    return waiting.update(withdrawn_at=now)


@retried_transaction
def withdraw_change(*, ulid: str, actor: str, now: dt.datetime) -> Subscription:
    """Keep the present plan after all, and go on if cancelled. Raises NotFound, NothingToUndo."""
    subscription = state.locked(ulid)
    if not _withdraw(subscription, now) and not subscription.cancel_at_period_end:
        raise NothingToUndo
    subscription.cancel_at_period_end = False
    state.save(subscription, kind="kept", actor=actor, now=now)
    return subscription


@retried_transaction
def cancel(*, ulid: str, actor: str, now: dt.datetime, reason: str = "") -> Subscription:
    """End the subscription with its period; one that does not run ends today. Raises NotFound, IllegalTransition."""
    subscription = state.locked(ulid)
    if subscription.state in states.RENEWS:
        subscription.cancel_at_period_end = True
        state.save(subscription, kind="cancel_requested", actor=actor, now=now, reason=reason)
    else:
        if subscription.state == SubscriptionState.INCOMPLETE:
            invoicing.void_first(subscription, actor=actor, now=now)
        state.move(subscription, SubscriptionState.CANCELED, kind="canceled", actor=actor, now=now, reason=reason)
    return subscription


@retried_transaction
def reactivate(*, ulid: str, version_id: int, actor: str, now: dt.datetime) -> Subscription:
    """Take an ended subscription up again from today: its first invoice must be paid before the mall opens.

    Raises NotFound, NotEnded, BilledToday.
    """
    subscription = state.locked(ulid)
    if subscription.state not in states.ENDED:
        raise NotEnded
    if invoicing.billed(subscription, china_date(now)):
        raise BilledToday
    subscription.version = version = prices_version(version_id)
    today = china_date(now)
    span = period_containing(today, Period(version.period), today)
    subscription.anchor_date, subscription.period_start, subscription.period_end = today, span.start, span.end
    subscription.cancel_at_period_end, subscription.extended_to, subscription.restricted = False, None, False
    vendors.note_plan(mall=subscription.mall, plan_code=version.plan.code)
    state.move(subscription, SubscriptionState.INCOMPLETE, kind="reactivated", actor=actor, now=now)
    invoicing.charge_period(subscription, actor=actor, now=now)
    money.settle(subscription.vendor, actor=actor, now=now)
    subscription.refresh_from_db()
    return subscription


@retried_transaction
def pause(*, ulid: str, actor: str, now: dt.datetime, reason: str) -> Subscription:
    """An operator stops a subscription: the storefront closes, the days that are left are kept."""
    subscription = state.locked(ulid)
    state.move(subscription, SubscriptionState.PAUSED, kind="paused", actor=actor, now=now, reason=reason)
    return subscription


@retried_transaction
def resume(*, ulid: str, actor: str, now: dt.datetime, reason: str = "") -> Subscription:
    """Go on after a pause; the period moves by the days it lasted. Raises NotFound, NotPaused."""
    subscription = state.locked(ulid)
    if subscription.paused_on is None:
        raise NotPaused
    days = china_date(now) - subscription.paused_on
    subscription.period_start += days
    subscription.period_end += days
    trial = subscription.billable_from > subscription.period_start
    if trial:
        subscription.billable_from += days
    else:
        subscription.anchor_date = subscription.period_end
    wanted = SubscriptionState.TRIALING if trial else SubscriptionState.ACTIVE
    state.move(subscription, wanted, kind="resumed", actor=actor, now=now, reason=reason)
    return subscription


@retried_transaction
def extend(*, ulid: str, until: dt.date, actor: str, now: dt.datetime, reason: str) -> Subscription:
    """Grace: dunning counts its days from `until`; a mall that is suspended stays so until it is paid."""
    subscription = state.locked(ulid)
    subscription.extended_to = until
    state.save(subscription, kind="extended", actor=actor, now=now, reason=f"{until} {reason}".strip())
    return subscription


@retried_transaction
def set_override(*, vendor: Vendor, feature: str, value: object, reason: str, actor: str, now: dt.datetime) -> None:
    """Give one vendor another value of a feature; its malls' cells are told. Raises BadOverride."""
    try:
        checked = entitlements.check_value(feature, value)
    except BadFeatureValue:
        raise BadOverride(feature=feature) from None
    Override.objects.update_or_create(
        vendor=vendor,
        feature=feature,
        defaults={"value": checked, "reason": reason, "set_by": actor, "set_at": now},
    )
    tell_all(vendor, "override_set", actor, now, f"{feature}={checked} {reason}")


@retried_transaction
def remove_override(*, vendor: Vendor, feature: str, actor: str, now: dt.datetime) -> None:
    """Back to the plan's value. Raises NothingToUndo."""
    if not Override.objects.filter(vendor=vendor, feature=feature).delete()[0]:
        raise NothingToUndo
    tell_all(vendor, "override_removed", actor, now, feature)


def tell_all(vendor: Vendor, kind: str, actor: str, now: dt.datetime, reason: str) -> None:
    """A right of the vendor changed: a line of history and the fact for each of its malls. In the caller's transaction."""
    audit.record(actor, f"vendor.{kind}", target=f"vendor:{vendor.ulid}", reason=reason)
    for ulid in Subscription.objects.filter(vendor=vendor).order_by("pk").values_list("ulid", flat=True):
        state.save(state.locked(ulid), kind=kind, actor=actor, now=now, reason=reason[:300])
