"""`python -m saas.runtime.bench.settle_client SCHEMA post|award|release SECONDS NUMBER`: one client of the settle bench.

`post` is the floor of the same run: postings of two legs between accounts. `award` and `release` settle orders of ten
awards through the very services that events call, facts read from the order's own rows.
"""

import sys
import time
from collections.abc import Callable, Iterator

import django


def main() -> None:
    """Say ready, wait for a line, work until the time is over or the work is, print how many and the seconds."""
    schema, kind, seconds, number = sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4])
    django.setup()
    from django.db import connection
    from django_tenants.utils import schema_context

    from saas.tenants.malls.activation import in_mall
    from saas.tenants.malls.models import Mall

    with schema_context("public"):
        mall = Mall.objects.get(schema_name=schema)
    with in_mall(mall):
        connection.ensure_connection()
        work = _postings(number) if kind == "post" else _settlements(kind, number)
        next(work)()  # imports and prepared statements are not what is measured
        print("ready", flush=True)
        sys.stdin.readline()
        count, started = 0, time.perf_counter()
        for step in work:
            step()
            count += 1
            if time.perf_counter() - started > seconds:
                break
        spent = time.perf_counter() - started
    print(count, spent, flush=True)


def _postings(number: int) -> Iterator[Callable[[], object]]:
    from django.db import transaction

    from saas.kernel.clock import now
    from saas.ledger import services as ledger

    def post(count: int) -> None:
        source, destination = (number * 7919 + count * 31) % 1000, (number * 104729 + count * 17) % 1000
        move = ledger.Move(f"vendor.balance.{source}", f"vendor.balance.{1000 + destination}", 1)
        with transaction.atomic():
            ledger.post_entry(
                key=f"floor:{number}:{count}", kind="bench", moves=[move], document=f"floor:{number}-{count}",
                occurred_at=now(),
            )  # fmt: skip

    count = 0
    while True:
        yield lambda at=count: post(at)  # type: ignore[misc]
        count += 1


def _settlements(kind: str, number: int) -> Iterator[Callable[[], object]]:
    from saas.kernel.clock import now
    from saas.runtime.bench.settle_inside import CLIENTS
    from tenant_apps.orders.models import Order
    from tenant_apps.settlement import facts, services

    step = services.award_order if kind == "award" else services.release_order
    ulids = list(Order.objects.order_by("pk").values_list("ulid", flat=True))[number::CLIENTS]
    for ulid in ulids:
        yield lambda ulid=ulid: step(order=facts.paid_order(ulid), now=now())  # type: ignore[misc]


if __name__ == "__main__":
    main()
