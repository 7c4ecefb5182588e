"""Words for codes, in the reader's language: features, states, lines of invoices, history."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from billing.models import BillingEntry, Invoice
from billing.rules.fees import FeeTier
from saas.kernel.money import display_yuan, format_percent

FEATURES: dict[str, Any] = {
    "staff_max": lazy("Staff"),
    "products_max": lazy("Products"),
    "orders_month_max": lazy("Orders this month"),
    "storage_mb": lazy("Storage (MB)"),
    "own_domain": lazy("Own domain"),
    "dedicated_server": lazy("Server of its own"),
    "modes": lazy("Business models"),
}
STATES: dict[str, Any] = {
    "incomplete": lazy("Waiting for the first payment"),
    "trialing": lazy("Trial"),
    "active": lazy("Active"),
    "past_due": lazy("Past due"),
    "unpaid": lazy("Suspended for non-payment"),
    "paused": lazy("Paused"),
    "canceled": lazy("Cancelled"),
    "expired": lazy("Expired"),
}
DOCUMENT: dict[str, Any] = {"draft": lazy("Draft"), "finalized": lazy("Issued"), "void": lazy("Void")}
PAYMENT: dict[str, Any] = {
    "unpaid": lazy("To be paid"),
    "paid": lazy("Paid"),
    "failed": lazy("Payment failed"),
    "not_due": lazy("Nothing to pay"),
}
TAX: dict[str, Any] = {
    "none": lazy("Not requested"),
    "requested": lazy("Requested"),
    "issued": lazy("Tax invoice issued"),
    "failed": lazy("Could not be issued"),
}
EVENTS: dict[str, Any] = {
    "started": lazy("Signed up"),
    "trial_ended": lazy("Trial ended"),
    "renewed": lazy("Renewed"),
    "upgraded": lazy("Upgraded"),
    "downgraded": lazy("Downgraded"),
    "downgrade_scheduled": lazy("Downgrade scheduled"),
    "kept": lazy("Change withdrawn"),
    "cancel_requested": lazy("Cancellation requested"),
    "canceled": lazy("Cancelled"),
    "mall_removed": lazy("Mall removed"),
    "reactivated": lazy("Reactivated"),
    "paused": lazy("Paused"),
    "resumed": lazy("Resumed"),
    "past_due": lazy("Past due"),
    "restricted": lazy("Restricted"),
    "suspended": lazy("Suspended"),
    "expired": lazy("Expired"),
    "paid_up": lazy("Paid up"),
    "extended": lazy("Payment extended"),
    "override_set": lazy("Own value set"),
    "override_removed": lazy("Own value removed"),
}


def subject(invoice: Invoice) -> str:
    """What an invoice is for."""
    if invoice.reason == "usage":
        return _("Service fee")
    return _("Change of plan") if invoice.reason.startswith("upgrade") else _("Subscription")


def sentence(entry: BillingEntry, plan_name: str) -> str:
    """What a line of an invoice says."""
    if entry.kind == "usage_fee":
        text = (
            _("Service fee on sales of %(sales)s")
            if entry.key == "usage"
            else _("Service fee, sales reported late (sales now %(sales)s)")
        )
        return text % {"sales": display_yuan(int(entry.data["turnover"]))}
    if entry.kind in ("upgrade_credit", "upgrade_charge"):
        text = _("%(plan)s, credit for %(left)s of %(days)s days")
        if entry.kind == "upgrade_charge":
            text = _("%(plan)s, %(left)s of %(days)s days")
        return text % {"plan": plan_name, "left": entry.data["days_left"], "days": entry.data["days"]}
    return _("%(plan)s, subscription") % {"plan": plan_name}


def feature_lines(values: Mapping[str, Any]) -> list[str]:
    """What a mall may use, as lines to read."""
    lines = [
        _("%(count)s products") % {"count": _limit(values.get("products_max"))},
        _("%(count)s orders a month") % {"count": _limit(values.get("orders_month_max"))},
        _("%(count)s staff accounts") % {"count": _limit(values.get("staff_max"))},
        _("%(size)s GB for pictures and files") % {"size": f"{int(values.get('storage_mb') or 0) // 1024:,}"},
        _("%(count)s business models") % {"count": len(values.get("modes") or ())},
    ]
    if values.get("own_domain"):
        lines.append(_("Own domain"))
    if values.get("dedicated_server"):
        lines.append(_("Server of its own"))
    return lines


def fee_lines(tiers: Sequence[FeeTier]) -> list[str]:
    """The service fee on a month's sales, slice by slice."""
    if not any(tier.rate_ppm for tier in tiers):
        return [_("No share of sales")]
    lines, below = [], 0
    for tier in tiers:
        rate = format_percent(tier.rate_ppm) if tier.rate_ppm else _("free")
        top = tier.up_to_fen
        if top is not None:
            lines.append(_("up to %(top)s of sales a month: %(rate)s") % {"top": _whole(top), "rate": rate})
            below = top
        elif below:
            lines.append(_("what is above %(below)s: %(rate)s") % {"below": _whole(below), "rate": rate})
        else:
            lines.append(_("all sales: %(rate)s") % {"rate": rate})
    return lines


def _whole(fen: int) -> str:
    return display_yuan(fen).removesuffix(".00")


def _limit(limit: object) -> str:
    return _("Unlimited") if limit is None else f"{limit:,}"
