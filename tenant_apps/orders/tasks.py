"""The orders' part of a mall's round: sellers who leave go one step on."""

import datetime as dt
import logging

from tenant_apps.orders import services
from tenant_apps.sellers import selectors as sellers
from tenant_apps.sellers.rules import SellerState

logger = logging.getLogger(__name__)


def finish_leaving(*, now: dt.datetime) -> int:
    """Give deposits back and let sellers go; how many have left. What fails for one is tried again."""
    gone = 0
    for ulid in list(sellers.sellers(state=SellerState.CLOSING).values_list("ulid", flat=True)):
        try:
            gone += services.finish_leaving(seller_ulid=ulid, now=now)
        except Exception:
            logger.exception("seller %s could not leave", ulid)
    return gone
