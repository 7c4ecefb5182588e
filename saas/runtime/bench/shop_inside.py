"""What the bench of the shop runs inside the cell: a mall's shelves, filled by its own import."""

import io
import time
from typing import Any

from django.db import connection

from saas.kernel.clock import now
from saas.runtime.bench.importing_inside import shopify_file
from saas.tenants.malls import selectors as registry
from saas.tenants.malls.activation import in_mall
from tenant_apps.catalog.models import Category, Job, Product
from tenant_apps.catalog.rules import JobKind, JobState
from tenant_apps.catalog.services import jobs

WORDS = ("商品 17", "桃花坞", "thw", "taohuawu", "品牌 7", "苹果", "没有这样的东西")
_WAIT_SECONDS = 900


def fill(*, mall: str, count: int) -> dict[str, Any]:
    """Import so many products; the running workers do it. Slugs of categories, ULIDs of products, words to look for."""
    connection.set_schema_to_public()  # type: ignore[attr-defined]
    with in_mall(registry.mall_by_ulid(mall)):
        file = io.BytesIO(shopify_file(count))
        kind = JobKind.IMPORT_SHOPIFY
        job = jobs.start_import(kind=kind, file=file, file_name="bench.csv", actor="system", now=now())
        _wait(job, JobState.CHECKED)
        jobs.apply_job(ulid=job.ulid, actor="system", now=now())
        _wait(job, JobState.DONE)
        products = Product.objects.order_by("-pk").values_list("ulid", flat=True)
        return {
            "categories": list(Category.objects.order_by("-pk").values_list("slug", flat=True)[:20]),
            "products": list(products[: max(1, count // 50) * 50 : max(1, count // 50)]),
            "words": WORDS,
        }


def _wait(job: Job, state: JobState) -> None:
    until = time.monotonic() + _WAIT_SECONDS
    while job.state != state:
        if time.monotonic() > until or job.fault:
            raise RuntimeError(f"import: {job.state} {job.figures} {job.fault}")
        time.sleep(0.2)
        job.refresh_from_db()
