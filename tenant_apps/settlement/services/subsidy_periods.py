"""Periods, liquidation, surplus and dust of subsidy pools, in the book (MODES 2.4). Each is one transaction."""

import datetime as dt

from django.db import connection
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.crashpoint import crashpoint
from saas.kernel.errors import DomainError
from saas.kernel.transactions import retried_transaction
from saas.ledger import services as ledger
from saas.ledger.services import Move
from tenant_apps.modes.subsidy import selectors as subsidy
from tenant_apps.modes.subsidy.models import Period, Pool
from tenant_apps.modes.subsidy.services import lots, periods
from tenant_apps.modes.subsidy.services.periods import Ran


class PeriodRunning(DomainError):
    """Another process is running a period of this pool at this moment; nothing was started."""

    code = "period_running"
    message = _("A period of this pool is running already.")  # type: ignore[assignment]


class PeriodNotDue(DomainError):
    """The next period is not due yet, or was run by somebody else a moment ago."""

    code = "period_not_due"
    message = _("The next period of this pool is not due yet.")  # type: ignore[assignment]


def pools_due(*, now: dt.datetime) -> list[str]:
    """Keys of the pools whose next period may start."""
    terms = subsidy.terms_in_force(now=now).values
    return [pool.key for pool in subsidy.pools() if periods.is_due(pool, terms, now=now)]


@retried_transaction
def run_period(*, key: str, actor: str, now: dt.datetime) -> Period | None:
    """Run a pool's period if it is due; its record, None where there was nobody to pay (MODES 2.4).

    Whole or not at all: fund, cohorts, record and book change together. Raises NotFound, PeriodRunning, PeriodNotDue.
    """
    subsidy.pool(key)
    _take_turn(key)
    pool = lots.lock_pool(key, now=now)
    terms = subsidy.terms_in_force(now=now)
    if not periods.is_due(pool, terms.values, now=now):
        raise PeriodNotDue
    ran = periods.run(pool=pool, fund=subsidy.fund_of(pool), terms=terms, actor=actor, now=now)
    crashpoint("subsidy.period_written")
    post(pool, ran, kind="subsidy.period", now=now)
    crashpoint("subsidy.period_posted")
    if ran.record is not None:
        audit.record(
            actor,
            "subsidy.period",
            target=f"pool:{key}",
            number=ran.record.number,
            state=ran.record.state,
            growth=ran.record.growth_ppm,
            paid=ran.record.paid_amount,
        )
    return ran.record


def post(pool: Pool, ran: Ran, *, kind: str, now: dt.datetime) -> None:
    """Book what a tick moved: from the fund to the cohorts' accounts, and points that are burnt."""
    moves = [Move(pool.account, cohort.account, amount) for cohort, amount in ran.paid]
    moves += [Move(cohort.account, "issued", points, "POINT") for cohort, points in ran.burnt]
    if moves and ran.record is not None:
        document = f"pool:{pool.key or 'mall'}:{ran.record.number}"
        ledger.post_entry(key=f"subsidy:{document}", kind=kind, moves=moves, document=document, occurred_at=now)


@retried_transaction
def return_dust(*, key: str, now: dt.datetime) -> int:
    """Give back to the fund what rounding left in cohorts whose lots have all drawn; fen (MODES 2.1)."""
    pool = lots.lock_pool(key, now=now)
    total = 0
    for cohort in periods.cohorts_with_dust(pool):
        amount = subsidy.left_in(cohort)
        if amount:
            ledger.post_entry(
                key=f"subsidy:dust:{cohort.pk}",
                kind="subsidy.dust",
                moves=[Move(cohort.account, pool.account, amount)],
                document=f"pool:{key or 'mall'}",
                occurred_at=now,
            )
            total += amount
    return total


def _take_turn(key: str) -> None:
    """One period of a pool at a time; a second one is refused at once instead of waiting. Raises PeriodRunning."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(hashtextextended(current_schema() || '/subsidy/' || %s, 0))", [key]
        )
        (free,) = cursor.fetchone()
    if not free:
        raise PeriodRunning
