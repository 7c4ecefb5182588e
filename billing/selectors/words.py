"""Words for codes, in the reader's language: features, states, lines of invoices, history."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from billing.models import BillingEntry, Extra, Invoice
from billing.rules.fees import FeeTier
from saas.kernel.money import display_yuan, format_percent

FEATURES: dict[str, Any] = {
    "staff_max": gettext_lazy("Staff"),
    "products_max": gettext_lazy("Products"),
    "orders_month_max": gettext_lazy("Orders this month"),
    "sms_month_max": gettext_lazy("Text messages this month"),
    "storage_mb": gettext_lazy("Storage (MB)"),
    "traffic_month_gb": gettext_lazy("Traffic this month (GB)"),
    "own_domain": gettext_lazy("Own domain"),
    "dedicated_server": gettext_lazy("Server of its own"),
    "modes": gettext_lazy("Business models"),
}
STATES: dict[str, Any] = {
    "incomplete": gettext_lazy("Waiting for the first payment"),
    "trialing": gettext_lazy("Trial"),
    "active": gettext_lazy("Running"),
    "past_due": gettext_lazy("Past due"),
    "unpaid": gettext_lazy("Suspended for non-payment"),
    "paused": gettext_lazy("Paused"),
    "canceled": gettext_lazy("Cancelled"),
    "expired": gettext_lazy("Expired"),
}
USED: dict[str, Any] = {  # of what is used: the amounts bring their own units
    **FEATURES,
    "storage_mb": gettext_lazy("Pictures and files"),
    "traffic_month_gb": gettext_lazy("Traffic this month"),
}
DOCUMENT: dict[str, Any] = {
    "draft": gettext_lazy("Draft"),
    "finalized": gettext_lazy("Issued"),
    "void": gettext_lazy("Void"),
}
PAYMENT: dict[str, Any] = {
    "unpaid": gettext_lazy("To be paid"),
    "paid": gettext_lazy("Paid"),
    "failed": gettext_lazy("Payment failed"),
    "not_due": gettext_lazy("Nothing to pay"),
}
TAX: dict[str, Any] = {
    "none": gettext_lazy("Not requested"),
    "requested": pgettext_lazy("tax invoice", "Requested"),
    "issued": gettext_lazy("Tax invoice issued"),
    "failed": gettext_lazy("Could not be issued"),
}
EVENTS: dict[str, Any] = {
    "started": gettext_lazy("Signed up"),
    "trial_ended": gettext_lazy("Trial ended"),
    "renewed": gettext_lazy("Renewed"),
    "upgraded": gettext_lazy("Upgraded"),
    "downgraded": gettext_lazy("Downgraded"),
    "downgrade_scheduled": gettext_lazy("Downgrade scheduled"),
    "kept": gettext_lazy("Change withdrawn"),
    "cancel_requested": gettext_lazy("Cancellation requested"),
    "canceled": gettext_lazy("Cancelled"),
    "mall_removed": gettext_lazy("Mall removed"),
    "reactivated": gettext_lazy("Reactivated"),
    "paused": gettext_lazy("Paused"),
    "resumed": gettext_lazy("Resumed"),
    "past_due": gettext_lazy("Past due"),
    "restricted": gettext_lazy("Restricted"),
    "suspended": gettext_lazy("Suspended"),
    "expired": gettext_lazy("Expired"),
    "paid_up": gettext_lazy("Paid up"),
    "extended": gettext_lazy("Payment extended"),
    "extra_bought": gettext_lazy("Extra bought"),
    "extra_cancelled": gettext_lazy("Extra cancelled"),
    "extra_kept": gettext_lazy("Extra kept"),
    "vendor_verified": gettext_lazy("Vendor verified"),
    "vendor_refused": gettext_lazy("Verification refused"),
    "over_plan": gettext_lazy("More used than the plan allows"),
    "grace_ended": gettext_lazy("Days of grace over"),
    "within_plan": gettext_lazy("Within the plan again"),
    "override_set": gettext_lazy("Own value set"),
    "override_removed": gettext_lazy("Own value removed"),
}


def subject(invoice: Invoice) -> str:
    """What an invoice is for."""
    if invoice.reason == "usage":
        return _("Service fee")
    if invoice.reason.startswith("extra"):
        return _("Paid extra")
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
    if entry.kind == "extra":
        return _extra_sentence(entry)
    return _("%(plan)s, subscription") % {"plan": plan_name}


def _extra_sentence(entry: BillingEntry) -> str:
    text = _("%(extra)s × %(quantity)s")
    if entry.amount < 0:
        text = _("%(extra)s × %(quantity)s, credit for %(left)s of %(days)s days")
    elif "days" in entry.data:
        text = _("%(extra)s × %(quantity)s, %(left)s of %(days)s days")
    return text % {
        "extra": extra_name(str(entry.data["extra"])),
        "quantity": entry.data["quantity"],
        "left": entry.data.get("days_left", ""),
        "days": entry.data.get("days", ""),
    }


def extra_name(code: str) -> str:
    """What an extra is called in the reader's language."""
    names = Extra.objects.filter(code=code).values_list("name", "name_en").first() or (code, code)
    return names[1] if (get_language() or "").startswith("en") else names[0]


def feature_lines(values: Mapping[str, Any]) -> list[str]:
    """What a mall may use, as lines to read."""
    lines = [
        _count(_("%(count)s products"), _("Any number of products"), values.get("products_max")),
        _count(_("%(count)s orders a month"), _("Any number of orders"), values.get("orders_month_max")),
        _count(_("%(count)s text messages a month"), _("Any number of text messages"), values.get("sms_month_max")),
        _count(_("%(count)s staff accounts"), _("Any number of staff accounts"), values.get("staff_max")),
        _("%(size)s GB for pictures and files") % {"size": f"{int(values.get('storage_mb') or 0) // 1024:,}"},
        _count(_("%(count)s GB of traffic a month"), _("Any amount of traffic"), values.get("traffic_month_gb")),
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


def _count(some: str, all_: str, limit: object) -> str:
    return all_ if limit is None else some % {"count": f"{limit:,}"}
