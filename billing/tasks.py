"""Billing's round: every ten minutes, harmless to repeat and to run twice at once."""

from celery import shared_task

from billing.services import collecting, dunning, grace, metering, renewal
from saas.kernel.clock import now
from saas.messaging.bus.tasks import PublicTask


@shared_task(base=PublicTask, name="billing.tasks.run", ignore_result=True)
def run(**_: object) -> None:
    """Fees of the month that closed (on the old plan), then new periods, what is overdue, what is above a plan."""
    instant = now()
    metering.bill_usage_due(now=instant)
    renewal.renew_due(now=instant)
    dunning.dun_all(now=instant)
    grace.follow_all(now=instant)


@shared_task(base=PublicTask, name="billing.tasks.collect", ignore_result=True)
def collect(**_: object) -> None:
    """Every half minute: ask about payments of invoices whose notice has not come."""
    collecting.query_due(now=now())
