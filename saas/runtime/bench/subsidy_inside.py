"""What the subsidy bench runs inside the cell: a pool at its full number of cohorts, its lots in bulk, periods, a page."""

import datetime as dt
import secrets
import statistics
import time
from typing import Any

import psycopg
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from provisioning.executor import schema as schemas
from saas.kernel.clock import now
from saas.kernel.ids import new_ulid
from saas.ledger import selectors as book
from saas.ledger import services as ledger
from saas.ledger.services import Move
from saas.tenants.malls.activation import in_mall
from saas.tenants.malls.models import Mall
from tenant_apps.modes.models import SettingsVersion
from tenant_apps.modes.subsidy import overview, selectors
from tenant_apps.modes.subsidy.models import Cohort, Lot
from tenant_apps.modes.subsidy.rules import Side
from tenant_apps.modes.subsidy.services import lots
from tenant_apps.modes.subsidy.services.lots import Grant
from tenant_apps.modes.subsidy.settings import SubsidySettings
from tenant_apps.settlement import services as settlement

ROUNDS = 41
POINTS = 10_000  # centi-points of each lot
WEEK = dt.timedelta(days=7)
START = dt.datetime(2026, 1, 5, tzinfo=dt.UTC)
FRAME = ("SET ", "BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


def make_mall() -> str:
    """A fresh mall schema; its name."""
    name = f"bench_pool_{secrets.token_hex(6)}"
    schemas.ensure_schema(name)
    with psycopg.connect(schemas.owner_url(), autocommit=True) as owner:
        owner.execute(
            "INSERT INTO public.malls_mall (ulid, schema_name, name, state, state_before, moved_to, epoch, schema_version, created_at, clock_offset_seconds, demo_seed)"
            " VALUES (%s, %s, 'Bench', 'rehearsal', '', '', 1, '', now(), 0, '')",
            [secrets.token_hex(13).upper(), name],
        )
    return name


def load(*, schema: str, count: int) -> dict[str, Any]:
    """ROUNDS periods by the production services, so that every cohort is there; then `count` lots in their place."""
    connection.set_schema_to_public()  # type: ignore[attr-defined]
    weight = count * POINTS // (2 * ROUNDS)
    with in_mall(Mall.objects.get(schema_name=schema)):
        with transaction.atomic():
            SettingsVersion.objects.create(
                ulid=new_ulid(), mode=selectors.MODE, number=1, author="system", reason="bench", created_at=START,
                values=SubsidySettings(enabled=True).model_dump(mode="json"), effective_from=START,
            )  # fmt: skip
        for number in range(ROUNDS):
            _round(number, weight)
        started = time.perf_counter()
        _bulk(schema, count)
        seconds = time.perf_counter() - started
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_total_relation_size('subsidy_lot') / 1048576")
            (megabytes,) = cursor.fetchone()
    return {"seconds": seconds, "megabytes": megabytes}


def _bulk(schema: str, count: int) -> None:
    """The lots by the owner of the tables: indexes and keys are made after the rows, and are those that were there before."""
    with psycopg.connect(schemas.owner_url()) as owner:
        owner.execute("SELECT set_config('search_path', %s, false)", [schema])
        owner.execute(
            "SET synchronous_commit = off; SET maintenance_work_mem = '1GB'; SET max_parallel_maintenance_workers = 2"
        )
        owner.execute("DELETE FROM subsidy_lot")
        keys = owner.execute(
            "SELECT format('ALTER TABLE subsidy_lot DROP CONSTRAINT %I', conname),"
            " format('ALTER TABLE subsidy_lot ADD CONSTRAINT %I %s', conname, pg_get_constraintdef(oid))"
            " FROM pg_constraint WHERE conrelid = 'subsidy_lot'::regclass AND contype IN ('p', 'u', 'f') ORDER BY contype DESC"
        ).fetchall()
        indexes = owner.execute(
            "SELECT format('DROP INDEX %s', indexrelid::regclass), pg_get_indexdef(indexrelid) FROM pg_index i"
            " WHERE indrelid = 'subsidy_lot'::regclass"
            " AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.contype IN ('p', 'u'))"
        ).fetchall()
        for drop, _make in [*keys, *indexes]:
            owner.execute(drop)
        owner.execute(_LOTS, {"share": count // (2 * ROUNDS), "points": POINTS, "at": START})
        for _drop, make in [*indexes, *keys]:
            owner.execute(make)
        owner.commit()
        owner.autocommit = True
        owner.execute("VACUUM ANALYZE subsidy_lot")


_LOTS = """
INSERT INTO subsidy_lot (cohort_id, order_ulid, side, holder_ulid, seller_ulid, granted_points, points, drawn_amount,
    liquidated_amount, is_closed, granted_at)
SELECT c.id, lpad((c.id * 100000000 + n)::text, 26, '0'), c.side, 'M' || lpad(((c.id + n * 97) %% 200000)::text, 25, '0'),
    CASE WHEN c.side = 'merchant' THEN 'S' || lpad((n %% 2000)::text, 25, '0') ELSE '' END,
    %(points)s, %(points)s, 0, 0, false, %(at)s
FROM subsidy_cohort c, generate_series(1, %(share)s) AS n"""


def _round(number: int, weight: int) -> None:
    """One order of the whole period's points for both sides, its inflow, and the period."""
    at = START + number * WEEK
    with transaction.atomic():
        _order(number, weight, at)
    settlement.run_period(key="", actor="system", now=at + WEEK)


def run_periods(*, schema: str, times: int) -> dict[str, Any]:
    """`times` further periods, one order before each; the median of their milliseconds."""
    connection.set_schema_to_public()  # type: ignore[attr-defined]
    found, statements = [], 0
    with in_mall(Mall.objects.get(schema_name=schema)):
        pool = selectors.pool()
        weight = Cohort.objects.order_by("-pk").values_list("weight", flat=True)[0]
        for number in range(pool.periods, pool.periods + times):
            at = START + number * WEEK
            with transaction.atomic():
                _order(number, weight, at)
            cohorts = len(selectors.live_cohorts(pool))
            started = time.perf_counter()
            settlement.run_period(key="", actor="system", now=at + WEEK)
            found.append((time.perf_counter() - started) * 1000)
        with CaptureQueriesContext(connection) as seen, transaction.atomic():
            _order(pool.periods + times, weight, START + (pool.periods + times) * WEEK)
            before = len(seen)
            settlement.run_period(key="", actor="system", now=START + (pool.periods + times + 1) * WEEK)
            statements = sum(
                not query["sql"].upper().lstrip().startswith(FRAME) for query in seen.captured_queries[before:]
            )
    return {"median_ms": statistics.median(found), "cohorts": cohorts, "statements": statements}


def _order(number: int, weight: int, at: dt.datetime) -> None:
    """One more order a side, so that the number of cohorts stays where it is."""
    pool = lots.lock_pool("", now=at)
    grants = [Grant(side=side, points=weight, holder="M" * 26, seller="") for side in Side]
    written = lots.grant_lots(
        pool=pool,
        order_ulid=f"{number:026d}",
        terms=SubsidySettings().terms(),
        turnover=weight * 5,
        grants=grants,
        now=at,
    )
    moves = [Move("bank", pool.account, weight)]
    moves += [Move("issued", cohort.account, points, "POINT") for cohort, points in written]
    ledger.post_entry(key=f"bench:{number}", kind="bench", moves=moves, document=f"bench:{number}", occurred_at=at)


def read_page(*, schema: str, lots: int) -> dict[str, Any]:
    """Statements and milliseconds of what the voucher page reads: when every lot has something to draw, and right after."""
    connection.set_schema_to_public()  # type: ignore[attr-defined]
    holder = "P" * 26
    with in_mall(Mall.objects.get(schema_name=schema)):
        with transaction.atomic():
            first, *rest = _spread(lots + 1)
            Lot.objects.filter(pk__in=rest).update(holder_ulid=holder)
            Lot.objects.filter(pk=first).update(holder_ulid="Q" * 26)
        settlement.draw_vouchers(member_ulid="Q" * 26, now=now())  # the reserve has its account
        found = {}
        for key in ("first", "again"):
            started = time.perf_counter()
            with CaptureQueriesContext(connection) as seen:
                look = settlement.look_at_vouchers(member_ulid=holder, now=now())
                overview.total(overview.figures_of(look.lots))
                overview.purse(holder, now=now())
                fund = book.balances_in([(f"member.wallet.{holder}", "GOLD"), ("pool", "CNY")])["pool", "CNY"]
                overview.honest(fund=fund.posted)
            statements = sum(not query["sql"].upper().lstrip().startswith(FRAME) for query in seen.captured_queries)
            found[key] = (statements, (time.perf_counter() - started) * 1000)
    return found


def _spread(count: int) -> list[int]:
    """Lots of buyers out of every cohort, as a member has who bought all the time (pks)."""
    cohorts = list(Cohort.objects.filter(side=Side.BUYER).order_by("pk"))
    each = -(-count // ROUNDS)
    found = [
        pk
        for one in cohorts
        for pk in Lot.objects.filter(cohort=one).order_by("pk").values_list("pk", flat=True)[:each]
    ]
    return found[:count]
