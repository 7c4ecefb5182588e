"""`python -m saas.runtime.bench.ledger_client SCHEMA many|hot SECONDS NUMBER`: one client of the ledger bench."""

import sys
import time

import django


def main() -> None:
    """Say ready, wait for a line, post until the time is over, print how many."""
    schema, kind, seconds, number = sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4])
    django.setup()
    from django.db import connection, transaction
    from django_tenants.utils import schema_context

    from saas.kernel.clock import now
    from saas.ledger import services as ledger
    from saas.tenants.malls.activation import in_mall
    from saas.tenants.malls.models import Mall

    with schema_context("public"):
        mall = Mall.objects.get(schema_name=schema)
    with in_mall(mall):
        connection.ensure_connection()
        print("ready", flush=True)
        sys.stdin.readline()
        count, deadline = 0, time.perf_counter() + seconds
        while time.perf_counter() < deadline:
            with transaction.atomic():
                ledger.post_entry(
                    key=f"{kind}:{number}:{count}",
                    kind="bench",
                    moves=[ledger.Move(*_accounts(kind, number, count), 1)],
                    document=f"bench:{number}-{count}",
                    occurred_at=now(),
                )
            count += 1
    print(count, flush=True)


def _accounts(kind: str, number: int, count: int) -> tuple[str, str]:
    """Source and destination: among 1 000 accounts of one row each, or from one of them to the house's one account."""
    source = f"vendor.balance.{(number * 7919 + count * 31) % 1000}"
    if kind == "hot":
        return source, "house"
    return source, f"vendor.balance.{1000 + (number * 104729 + count * 17) % 1000}"


if __name__ == "__main__":
    main()
