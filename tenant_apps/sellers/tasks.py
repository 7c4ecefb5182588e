"""The sellers' part of a mall's round: yearly fees, then statements that are due."""

import datetime as dt
import logging

from tenant_apps.sellers import selectors, services

logger = logging.getLogger(__name__)


def settle_sellers(*, now: dt.datetime) -> int:
    """Charge due fees and make due statements, seller by seller; how many statements were made.

    What fails for one seller is logged and tried again in the next round.
    """
    made = 0
    for ulid in selectors.every_seller():
        try:
            services.charge_service_fee(seller_ulid=ulid, now=now)
            made += services.close_statement(seller_ulid=ulid, now=now) is not None
        except Exception:
            logger.exception("seller %s was not settled", ulid)
    return made
