"""The sellers' part of a mall's round: yearly fees, statements that are due, goods of those who may not sell any more."""

import datetime as dt
import logging

from tenant_apps.catalog import selectors as catalog
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


def follow_sellers(*, now: dt.datetime) -> int:
    """Bring lists up to what the calendar does to sellers — a licence runs out, the mall goes live; how many changed.

    What staff do to a seller takes effect by its own event, at once.
    """
    shown = catalog.sellers_shown()
    terms = selectors.terms(shown, now=now)
    wrong = [ulid for ulid, said in shown.items() if ulid in terms and said != {terms[ulid].sells}]
    for ulid in wrong:
        services.show_goods(seller_ulid=ulid, now=now)
    return len(wrong)


def admit_sellers(*, now: dt.datetime) -> int:
    """Open accepted shops that waited for the book or for the mall's own licence; how many."""
    return services.open_admitted(now=now)


def look_after_deposits(*, now: dt.datetime) -> int:
    """Take deductions whose days to object are over, warn of licences that run out, open shops whose vacation is over;
    how many of all.
    """
    return services.take_due_deductions(now=now) + services.watch_papers(now=now) + services.end_vacations(now=now)
