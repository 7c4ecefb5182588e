"""What the public pages say of plans and business models, in the reader's language."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from billing import selectors as billing
from billing.rules import PlanFeatures
from billing.selectors import PlanOnSale, words
from saas.kernel.errors import NotFound
from saas.tenants import presets as shared
from saas.tenants.vendors.mode_words import MODE_WORDS


@dataclass(frozen=True)
class PlanCard:
    """A plan with its features as lines to read."""

    plan: PlanOnSale
    lines: tuple[str, ...]
    fees: tuple[str, ...]

    @property
    def code(self) -> str:
        return self.plan.code

    @property
    def name(self) -> str:
        return self.plan.name

    @property
    def description(self) -> str:
        return self.plan.description

    @property
    def price_fen(self) -> int:
        return self.plan.price_fen

    @property
    def period(self) -> str:
        return self.plan.period

    @property
    def trial_days(self) -> int:
        return self.plan.trial_days

    @property
    def highlighted(self) -> bool:
        return self.plan.highlighted


@dataclass(frozen=True)
class Row:
    """One feature over all plans."""

    label: str
    values: tuple[str, ...]


def plan_cards() -> list[PlanCard]:
    """The price list as cards."""
    return [
        PlanCard(plan, _lines(plan.features), tuple(words.fee_lines(plan.fee_tiers))) for plan in billing.price_list()
    ]


def comparison() -> list[Row]:
    """The price list as a table."""
    plans = billing.price_list()
    features = [plan.features for plan in plans]
    return [
        Row(_("Free trial"), tuple(_("%(days)s days free") % {"days": plan.trial_days} for plan in plans)),
        Row(_("Service fee"), tuple("; ".join(words.fee_lines(plan.fee_tiers)) for plan in plans)),
        Row(_("Products"), tuple(_count(one.products_max) for one in features)),
        Row(_("Orders a month"), tuple(_count(one.orders_month_max) for one in features)),
        Row(_("Text messages a month"), tuple(_count(one.sms_month_max) for one in features)),
        Row(_("Staff"), tuple(_count(one.staff_max) for one in features)),
        Row(_("Storage"), tuple(_storage(one.storage_mb) for one in features)),
        Row(_("Traffic a month"), tuple(_traffic(one.traffic_month_gb) for one in features)),
        Row(_("Own domain"), tuple("✓" if one.own_domain else "—" for one in features)),
        Row(_("Server of its own (in preparation)"), tuple("✓" if one.dedicated_server else "—" for one in features)),
        Row(_("Business models"), tuple(_modes(one) for one in features)),
    ]


def presets() -> list[dict[str, Any]]:
    """Business models as the start page and signup list them: key, title, what it is, its modes."""
    return [{"key": key, **page} for key, page in _figures().items()]


def preset(key: str) -> dict[str, Any]:
    """One business model: who earns what on a 100-yuan order, its legal flags. Raises NotFound."""
    page = _figures().get(key)
    if page is None:
        raise NotFound
    start, segments = 0, []
    for row in page["rows"]:
        width = max(0, row["amount"])
        segments.append({**row, "start": start, "width": width})
        start += width
    return {"key": key, **page, "segments": segments}


def _figures() -> dict[str, Any]:
    """In the reader's language, in the order of signup."""
    language = "en" if (get_language() or "").startswith("en") else "zh-hans"
    found = shared.figures()[language]
    return {key: found[key] for key in shared.KEYS}


def _lines(features: PlanFeatures) -> tuple[str, ...]:
    lines = [
        _("%(count)s products") % {"count": _count(features.products_max)},
        _("%(count)s orders a month") % {"count": _count(features.orders_month_max)},
        _("%(count)s staff accounts") % {"count": _count(features.staff_max)},
        _("%(size)s for pictures and files") % {"size": _storage(features.storage_mb)},
        _("%(size)s of traffic a month") % {"size": _traffic(features.traffic_month_gb)},
    ]
    if features.own_domain:
        lines.append(_("Your own domain"))
    if features.dedicated_server:
        lines.append(_("A server of your own (in preparation)"))
    return tuple(lines)


def _count(limit: int | None) -> str:
    return _("Unlimited") if limit is None else f"{limit:,}"


def _storage(megabytes: int) -> str:
    return f"{megabytes // 1024} GB" if megabytes >= 1024 else f"{megabytes} MB"


def _traffic(gigabytes: int | None) -> str:
    return _("Unlimited") if gigabytes is None else f"{gigabytes:,} GB"


def _modes(features: PlanFeatures) -> str:
    return "、".join(str(MODE_WORDS[mode]) for mode in features.modes)
