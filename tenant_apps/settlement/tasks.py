"""The settlement's part of a mall's round: period awards of shops and what refunds take back of them; days of ads."""

import datetime as dt
import logging

from saas.kernel.clock import china_date
from tenant_apps.modes.advertising import selectors as ads
from tenant_apps.modes.registry import PERIODS
from tenant_apps.settlement.services import ad_releases, periods

logger = logging.getLogger(__name__)


def pay_period_awards(*, now: dt.datetime) -> int:
    """Pay the months that are due, mode by mode, then look at refunds of earlier ones; how many shops were paid.

    What fails is logged and tried again in the next round; what is done is not found again.
    """
    months = periods.months_due(china_date(now), now)
    paid = 0
    for month in months:
        for mode in PERIODS:
            try:
                paid += periods.pay_month(mode=mode, month=month, now=now)
            except Exception:
                logger.exception("%s of %s was not paid", mode, month.key)
    for row in periods.to_recompute(months[-1]):
        try:
            periods.recompute(payment_id=row, month=months[-1], now=now)
        except Exception:
            logger.exception("period payment %s was not looked at again", row)
    return paid


def release_ads(*, now: dt.datetime) -> int:
    """Settle the days of ads that are over, the oldest first; fen released. A day that fails waits, and so do later ones."""
    paid = 0
    for day in ads.days_due(now=now):
        try:
            paid += ad_releases.release_day(day=day, now=now)
        except Exception:
            logger.exception("the ads of %s were not released", day)
            break
    return paid
