"""What the import bench runs inside the cell."""

import io
import resource
import time
from typing import Any

from django.db import connection

from saas.kernel.clock import now
from saas.messaging.bus import services as bus
from saas.runtime.bench.subsidy_inside import make_mall
from saas.tenants.malls.activation import in_mall
from saas.tenants.malls.models import Mall
from tenant_apps.catalog.models import Product, Sku
from tenant_apps.catalog.rules import JobKind, JobState
from tenant_apps.catalog.services import jobs

_KIB = 1024
_HEADING = (
    "Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Variant SKU,Variant Grams,"
    "Variant Inventory Qty,Variant Price,Variant Compare At Price,Cost per item,Status\n"
)


def import_products(*, count: int) -> dict[str, Any]:
    """Import so many products (every second with two variants) into a fresh mall; what it took."""
    connection.set_schema_to_public()  # type: ignore[attr-defined]
    mall = Mall.objects.get(schema_name=make_mall())
    content = io.BytesIO(shopify_file(count))
    begun = _megabytes()
    with in_mall(mall):
        job = jobs.start_import(
            kind=JobKind.IMPORT_SHOPIFY, file=content, file_name="bench.csv", actor="system", now=now()
        )
    check, longest = _run(mall)
    with in_mall(mall):
        jobs.apply_job(ulid=job.ulid, actor="system", now=now())
    apply, longest_apply = _run(mall)
    grown = _megabytes() - begun
    with in_mall(mall):
        job.refresh_from_db()
        if job.state != JobState.DONE or Product.objects.count() != count:
            raise RuntimeError(f"{job.state}: {job.figures} {job.fault}")
        skus = Sku.objects.count()
        floor = _floor(count, skus)
    return {
        "check_seconds": check,
        "apply_seconds": apply,
        "longest_seconds": max(longest, longest_apply),
        "grown_megabytes": grown,
        "begun_megabytes": begun,
        "skus": skus,
        "floor_seconds": floor,
    }


def shopify_file(count: int) -> bytes:
    """A Shopify export of so many products, every second with two variants."""
    lines = [_HEADING]
    for number in range(count):
        own = f"p-{number},桃花坞 商品 {number},<p>产地直发，第 {number} 批。</p>,品牌 {number % 40},分类 {number % 25},新品,true"
        lines.append(f"{own},规格,500克,SKU-{number}-1,500,20,39.90,49.90,20.00,active\n")
        if number % 2:
            lines.append(f"p-{number},,,,,,,,1000克,SKU-{number}-2,1000,20,69.90,,35.00,\n")
    return "".join(lines).encode()


def _run(mall: Mall) -> tuple[float, float]:
    """Deliver the mall's events until none is left, as the workers do: seconds of all, of the longest."""
    started, longest = time.perf_counter(), 0.0
    while due := [event for event, owner, _fact in bus.due_events(now=now()) if owner == mall.ulid]:
        for event in due:
            begun = time.perf_counter()
            with in_mall(mall):
                if not bus.deliver(event, now=now()):
                    raise RuntimeError("a step failed")
            longest = max(longest, time.perf_counter() - begun)
    return time.perf_counter() - started, longest


def _floor(count: int, skus: int) -> float:
    started = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE bench_floor (id bigint PRIMARY KEY, ulid char(26) UNIQUE, body text)")
        with cursor.copy("COPY bench_floor FROM STDIN") as copy:  # type: ignore[attr-defined]
            for number in range(count + 2 * skus):
                copy.write_row((number, f"{number:026d}", "x" * 400))
        cursor.execute("DROP TABLE bench_floor")
    return time.perf_counter() - started


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _KIB
