"""The settlement's part of a mall's round: period awards of shops, days of ads, periods and vouchers of the subsidy."""

import datetime as dt
import logging

from saas.kernel.clock import china_date
from saas.kernel.errors import DomainError
from tenant_apps.modes.advertising import selectors as ads
from tenant_apps.modes.coins import selectors as coin_lots
from tenant_apps.modes.registry import PERIODS
from tenant_apps.modes.subsidy.services import vouchers
from tenant_apps.sellers.rules import start_of
from tenant_apps.settlement.services import ad_releases, coins, periods, subsidy_periods, subsidy_vouchers

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


def run_subsidy_periods(*, now: dt.datetime) -> int:
    """Start the periods that are due, a pool each; how many ran. Who comes second is refused and goes on."""
    ran = 0
    for key in subsidy_periods.pools_due(now=now):
        try:
            ran += subsidy_periods.run_period(key=key, actor="system", now=now) is not None
            subsidy_periods.return_dust(key=key, now=now)
        except DomainError as error:
            logger.info("no period of pool %r: %s", key, error.code)
        except Exception:
            logger.exception("the period of pool %r failed", key)
    return ran


def look_after_vouchers(*, now: dt.datetime) -> int:
    """Write expired vouchers off, and draw once a day for those who asked for a notice; fen expired and drawn."""
    done = 0
    for voucher in vouchers.expired_ones(now=now):
        try:
            done += subsidy_vouchers.expire_voucher(voucher_id=voucher, now=now)
        except Exception:
            logger.exception("voucher %s was not written off", voucher)
    for member in vouchers.waiting_for_notice(before=start_of(china_date(now))):
        try:
            done += subsidy_vouchers.draw_and_tell(member_ulid=member, now=now)
        except Exception:
            logger.exception("vouchers of member %s were not drawn", member)
    return done


def look_after_coins(*, now: dt.datetime) -> int:
    """Write off coins whose time is over, and tell of those that end within 30 days; coins written off."""
    done = 0
    for lot in coin_lots.expired_ones(now=now):
        try:
            done += coins.expire(lot_id=lot, now=now)
        except Exception:
            logger.exception("coins of lot %s were not written off", lot)
    for member in coin_lots.ending_soon(now=now):
        try:
            coins.tell_of_end(member_ulid=member, now=now)
        except Exception:
            logger.exception("member %s was not told of coins that end", member)
    return done


def tell_of_new_terms(*, now: dt.datetime) -> int:
    """Tell members with lots of terms that are announced, seven days before they hold; how many were told in this round."""
    try:
        return subsidy_vouchers.tell_of_terms(now=now)
    except Exception:
        logger.exception("members were not told of new subsidy terms")
        return 0
