"""Paid extras: bought beside a plan, prorated into the running period, billed with every period after it."""

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from billing.models import Extra, Subscription, SubscriptionExtra
from billing.rules import entitlements, proration, states
from billing.rules.entitlements import BadFeatureValue, Grant
from billing.rules.invoices import EntryKind
from billing.rules.periods import Span
from billing.rules.plans import Period
from billing.rules.states import SubscriptionState
from billing.selectors import accounts
from billing.services import invoicing, money, state
from billing.services.invoicing import Line
from saas.identity import audit
from saas.kernel.clock import china_date
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from saas.kernel.ids import new_ulid
from saas.kernel.transactions import retried_transaction

QUANTITY_MAX = 50


class ExtraNotBuyable(DomainError):
    """Extras are bought while a trial or a paid period runs."""

    code = "extra_not_buyable"
    message = _("Extras can be bought while your plan runs. Please pay what is open first.")


class ExtraHad(DomainError):
    """The subscription has it already."""

    code = "extra_had"
    message = _("Your mall has “{extra}” already.")


class ExtraOfNoUse(DomainError):
    """The plan has no limit there, or the feature itself."""

    code = "extra_of_no_use"
    message = _("Your plan includes this without limit: “{extra}” would add nothing.")


class BadQuantity(InvalidInput):
    """Not a whole number from 1 to QUANTITY_MAX, or more than one of what cannot be had twice."""

    code = "bad_quantity"
    message = _("Choose between 1 and {most} of it.")


class BadExtra(InvalidInput):
    """What it adds does not fit the feature."""

    code = "bad_extra"
    message = _("“{value}” does not fit the feature {feature}.")


@dataclass(frozen=True)
class ExtraQuote:
    """What buying means now: money for the days left (0 in a trial), then so much a period."""

    due_fen: int
    days_left: int
    days: int
    period_fen: int


def period_price(price_fen: int, quantity: int, period: Period) -> int:
    """What `quantity` of an extra cost for one period of a plan (fen)."""
    return price_fen * quantity * (12 if period == Period.YEAR else 1)


def quote(subscription: Subscription, extra: Extra, quantity: int, *, now: dt.datetime) -> ExtraQuote:
    """What buying today would cost; changes nothing."""
    span = Span(subscription.period_start, subscription.period_end)
    used = min(max((china_date(now) - span.start).days, 0), span.days)
    price = period_price(extra.price_fen, quantity, Period(subscription.version.period))
    trial = subscription.state == SubscriptionState.TRIALING
    due = 0 if trial else proration.share(price, span.days, used, span.days)
    return ExtraQuote(due, span.days - used, span.days, price)


@retried_transaction
def buy(*, ulid: str, code: str, quantity: int, actor: str, now: dt.datetime) -> SubscriptionExtra:
    """Add an extra at once; the days left of the period are invoiced now (a trial's are free).

    Raises NotFound, ExtraNotBuyable, ExtraHad, ExtraOfNoUse, BadQuantity.
    """
    subscription = state.locked(ulid)
    extra = Extra.objects.filter(code=code, on_sale=True).first()
    if extra is None:
        raise NotFound(field="extra")
    if subscription.state not in states.CHANGEABLE or subscription.cancel_at_period_end:
        raise ExtraNotBuyable
    _require_use(subscription, extra, quantity)
    row = SubscriptionExtra.objects.create(
        ulid=new_ulid(),
        subscription=subscription,
        extra=extra,
        quantity=quantity,
        price_fen=extra.price_fen,
        feature=extra.feature,
        value=extra.value,
        started_on=china_date(now),
        created_at=now,
        created_by=actor,
    )
    state.save(subscription, kind="extra_bought", actor=actor, now=now, reason=f"{extra.code} × {quantity}")
    price = quote(subscription, extra, quantity, now=now)
    if price.due_fen:
        left = Span(china_date(now), subscription.period_end)
        data = {"extra": extra.code, "quantity": quantity, "days_left": price.days_left, "days": price.days}
        line = Line(EntryKind.EXTRA, f"extra:{row.ulid}", subscription.version, left, price.due_fen, data)
        reason = f"extra:{row.ulid}"
        invoicing.issue(subscription=subscription, reason=reason, span=left, lines=[line], actor=actor, now=now)
        money.settle(subscription.vendor, actor=actor, now=now)
    return row


def _require_use(subscription: Subscription, extra: Extra, quantity: int) -> None:
    counted = isinstance(extra.value, int) and not isinstance(extra.value, bool)
    most = QUANTITY_MAX if counted else 1
    if not 1 <= quantity <= most:
        raise BadQuantity(most=most, field="quantity")
    if accounts.extras_of(subscription).filter(extra=extra).exists():
        raise ExtraHad(extra=extra.name)
    has = subscription.entitlements.get(extra.feature)
    known = isinstance(has, list) and extra.value in has
    if has is None or has is True or known:
        raise ExtraOfNoUse(extra=extra.name)


@retried_transaction
def cancel(*, ulid: str, extra_ulid: str, actor: str, now: dt.datetime) -> SubscriptionExtra:
    """End an extra with the period (in a trial at once); what is paid for is had until then. Raises NotFound."""
    subscription, row = state.locked(ulid), _row(ulid, extra_ulid)
    if subscription.state == SubscriptionState.TRIALING:
        row.ended_on = china_date(now)
    row.ends_with_period = True
    row.save(update_fields=["ends_with_period", "ended_on"])
    state.save(subscription, kind="extra_cancelled", actor=actor, now=now, reason=row.extra.code)
    return row


@retried_transaction
def keep(*, ulid: str, extra_ulid: str, actor: str, now: dt.datetime) -> SubscriptionExtra:
    """Undo a cancellation that waits for the period's end. Raises NotFound."""
    subscription, row = state.locked(ulid), _row(ulid, extra_ulid)
    row.ends_with_period = False
    row.save(update_fields=["ends_with_period"])
    state.save(subscription, kind="extra_kept", actor=actor, now=now, reason=row.extra.code)
    return row


def _row(ulid: str, extra_ulid: str) -> SubscriptionExtra:
    found = SubscriptionExtra.objects.select_related("extra").filter(ulid=extra_ulid, subscription__ulid=ulid)
    row = found.filter(ended_on=None).first()
    if row is None:
        raise NotFound(field="extra")
    return row


@retried_transaction
def save_extra(*, code: str, values: dict[str, object], actor: str, now: dt.datetime) -> Extra:
    """Put an extra on the list, or change it; who bought it keeps the terms. Raises BadExtra."""
    feature, value = str(values["feature"]), values["value"]
    try:
        kind = entitlements.FEATURES[feature]
        entitlements.with_grant(Grant(feature, value), entitlements.EMPTY[kind])  # type: ignore[arg-type]
    except (BadFeatureValue, KeyError):
        raise BadExtra(value=value, feature=feature, field="value") from None
    row, made = Extra.objects.update_or_create(code=code, defaults=values)
    audit.record(actor, "extra.added" if made else "extra.changed", target=f"extra:{code}", price_fen=row.price_fen)
    return row
