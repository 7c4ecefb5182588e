"""What stands against new terms because of what the mall has promised already (MODES 2.2, 14 #11)."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from tenant_apps.modes.contract import Problem, Refusal, SellerKind
from tenant_apps.modes.contract import noop as _
from tenant_apps.modes.subsidy import selectors as subsidy
from tenant_apps.modes.subsidy.mode import share_above_concession
from tenant_apps.modes.subsidy.settings import PoolBase, SubsidySettings
from tenant_apps.sellers import selectors as sellers

NOTICE_DAYS = 7


def problems(mode: str, values: Any, *, effective_from: dt.datetime, now: dt.datetime) -> Sequence[Problem]:
    """Refusals of a mode's new settings that depend on lots, sellers and the calendar; empty for every other mode."""
    if mode != subsidy.MODE:
        return []
    settings: SubsidySettings = values
    found: list[Problem] = []
    if settings.enabled and settings.pool_base is PoolBase.TURNOVER:
        found += _above_concessions(settings)
    if subsidy.has_live_lots():
        found += _promised(settings, subsidy.terms_in_force(now=now).values, effective_from, now)
    return found


def _above_concessions(settings: SubsidySettings) -> list[Problem]:
    rates = [
        one.rate_ppm for one in sellers.lowest_terms().values() if SellerKind(one.settlement) is SellerKind.CONCESSION
    ]
    least = min(rates, default=settings.pool_share_ppm)
    return [share_above_concession(least)] if settings.pool_share_ppm > least else []


def _promised(
    settings: SubsidySettings, held: SubsidySettings, effective_from: dt.datetime, now: dt.datetime
) -> list[Problem]:
    found: list[Problem] = []
    if settings.payout_rule is not held.payout_rule:
        found.append(
            Refusal(
                code="payout_rule_promised",
                field="payout_rule",
                message=_("Lots are still paid by the other rule: it changes only when all of them have left."),
            )
        )
    earliest = now + dt.timedelta(days=NOTICE_DAYS)
    of_sales = {name: getattr(held, name) for name in ("enabled", "overrides", "own_concession_ppm")}
    switched = settings.model_copy(update=of_sales)  # what later orders are sold under is no term of lots
    if switched != held and effective_from < earliest:
        found.append(
            Refusal(
                code="notice_too_short",
                field="effective_from",
                message=_(
                    "Members read of new terms seven days before: choose a start from {earliest_at} on (rule 11)."
                ),
                data={"earliest_at": earliest + dt.timedelta(days=1)},
            )
        )
    return found
