"""Exports: products written into a file, outside any transaction; a worker that dies begins the file anew."""

import csv
import datetime as dt
import io
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any

import xlsxwriter
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import connection, transaction

from saas.messaging.bus import services as bus
from tenant_apps.catalog.models import Category, Job, JobRow, Offer, Product, ProductImage, Sku
from tenant_apps.catalog.rules import (
    SELF_OPERATED,
    JobKind,
    JobState,
    ProductKind,
    ProductStatus,
    RowState,
    price_terms,
)
from tenant_apps.catalog.selectors import image_url
from tenant_apps.catalog.services import jobs, products
from tenant_apps.catalog.transfer import sheet, shopify
from tenant_apps.catalog.transfer.incoming import safe_cell

PRODUCTS_A_READ = 500
_AGAIN = dt.timedelta(minutes=10)


def prepare(job: Job, *, now: dt.datetime) -> None:
    """In the event's transaction: ask for another try, should this one die."""
    tries = job.figures.get("tries", 0) + 1
    job.figures["tries"] = tries
    bus.publish(jobs.TOPIC, {"job": job.ulid}, key=f"{job.ulid}:again:{tries}", available_at=now + _AGAIN)
    job.save()


def write(job_ulid: str, *, now: dt.datetime) -> None:
    """Write the file, say how far it is, and be done."""
    job = Job.objects.filter(ulid=job_ulid, state=JobState.READING).first()
    if job is None:
        return
    is_xlsx = job.kind == JobKind.EXPORT_XLSX
    with tempfile.TemporaryFile() as file:
        (_write_xlsx if is_xlsx else _write_csv)(job, file)
        file.seek(0)
        key = default_storage.save(jobs.job_key(job.ulid, "products.xlsx" if is_xlsx else "products.csv"), File(file))
    with transaction.atomic():
        job = jobs.locked(job_ulid)
        if job.state == JobState.READING:
            job.result_key = key
            jobs.finish(job, JobState.DONE, now)


def _write_csv(job: Job, file: IO[bytes]) -> None:
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    columns = shopify.heading(_extra_columns())
    writer = csv.DictWriter(text, columns, restval="", extrasaction="ignore")
    writer.writeheader()
    for product in _products(job):
        for row in shopify.rows_of(product):
            writer.writerow({name: _safe(name, cell) for name, cell in row.items()})
    text.detach()


def _safe(name: str, cell: str) -> str:
    return cell if name.startswith("Variant Inventory Qty") else safe_cell(cell)


def _extra_columns() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT jsonb_object_keys(source) FROM catalog_product WHERE source <> '{}'"
            " UNION SELECT DISTINCT jsonb_object_keys(source) FROM catalog_sku WHERE source <> '{}' ORDER BY 1"
        )
        return [row[0] for row in cursor.fetchall()]


def _write_xlsx(job: Job, file: IO[bytes]) -> None:
    book = xlsxwriter.Workbook(
        file,
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    page = book.add_worksheet("商品")
    page.freeze_panes(1, 0)
    page.set_column(0, len(sheet.HEADING) - 1, 14)
    page.write_row(0, 0, sheet.HEADING, book.add_format({"bold": True}))
    number = 1
    for product in _products(job):
        for row in sheet.rows_of(product):
            for column, value in enumerate(row):
                if isinstance(value, int):
                    page.write_number(number, column, value)
                elif value:
                    page.write_string(number, column, value[:32_000])
            number += 1
    book.close()


def _products(job: Job) -> Iterator[Mapping[str, Any]]:
    """Every wanted product, some hundred at a time, in the order they were made."""
    wanted = Product.objects.filter(kind=ProductKind.GOODS).exclude(status=ProductStatus.RECYCLED)
    if status := job.settings.get("status"):
        wanted = wanted.filter(status=status)
    with transaction.atomic():
        job.figures |= {"rows": wanted.count(), "read": 0}
        job.save(update_fields=["figures"])
    last = 0
    while found := list(
        wanted.filter(pk__gt=last).select_related("brand", "category__parent").order_by("pk")[:PRODUCTS_A_READ]
    ):
        yield from read_products(
            found, origin=job.settings.get("origin", ""), theirs=job.settings.get("pictures") == "theirs"
        )
        last = found[-1].pk
        with transaction.atomic():
            job.figures["read"] += len(found)
            job.save(update_fields=["figures"])


def read_products(found: Sequence[Product], *, origin: str, theirs: bool) -> Iterator[Mapping[str, Any]]:
    """Products as both formats write them (four statements for them all).

    `theirs`: pictures by the address an import found them at, where it is known; else by this mall's, below `origin`.
    """
    ids = [product.pk for product in found]
    skus: dict[int, list[dict[str, Any]]] = {}
    terms = dict(Offer.objects.filter(sku__product__in=ids, zone__key=SELF_OPERATED).values_list("sku_id", "terms"))
    for sku in Sku.objects.filter(product__in=ids, is_active=True).order_by("position", "pk"):
        skus.setdefault(sku.product_id, []).append(_sku(sku, terms.get(sku.pk)))
    images = _images(found, origin, theirs)
    for product in found:
        category: Category | None = product.category
        cells = skus.get(product.pk, [])
        yield {
            "handle": product.handle or product.ulid,
            "title": product.title,
            "subtitle": product.subtitle,
            "html": _body(product),
            "brand": product.brand.name if product.brand else "",
            "category": category.name if category else "",
            "category_path": f"{category.parent.name}/{category.name}"
            if category and category.parent
            else str(category or ""),
            "tags": product.tags,
            "status": product.status,
            "lacks_cost": any(cell["supply"] is None for cell in cells),
            "free_shipping": product.free_shipping,
            "freight_template": product.freight_template,
            "options": product.options,
            "skus": cells,
            "images": images.get(product.ulid, []),
            "source": {name: text for name, text in product.source.items() if name != "Body (HTML)"},
        }


def _sku(sku: Sku, stored: dict[str, Any] | None) -> dict[str, Any]:
    terms = price_terms(stored)
    return {
        "values": sku.option_values,
        "price": sku.price_amount,
        "compare": sku.compare_amount,
        "supply": sku.supply_amount,
        "stock": sku.stock,
        "code": sku.code,
        "barcode": sku.barcode,
        "weight": sku.weight_grams,
        "partner": dict(terms.levels).get("partner"),
        "tiers": terms.tiers,
        "source": sku.source,
    }


def _body(product: Product) -> str:
    """The description as a file brought it, as long as that is what it became."""
    raw = product.source.get("Body (HTML)")
    return raw if raw and products.clean_html(raw) == product.description_html else product.description_html


def _images(found: Sequence[Product], origin: str, theirs: bool) -> dict[str, list[dict[str, Any]]]:
    """Pictures by product ULID; those that an import could not fetch yet keep the address it gave."""
    pictures: dict[str, list[dict[str, Any]]] = {}
    ulids = [product.ulid for product in found]
    for ulid, key, alt, source, position in (
        ProductImage.objects.filter(product__ulid__in=ulids)
        .order_by("position", "pk")
        .values_list("product__ulid", "key", "alt", "source_url", "position")
    ):
        src = source if theirs and source else origin + image_url(key, 1600, "jpg")
        pictures.setdefault(ulid, []).append({"src": src, "alt": alt, "position": position})
    known = {(ulid, one["src"]) for ulid, own in pictures.items() for one in own}
    waiting = JobRow.objects.filter(product_ulid__in=ulids, state__in=(RowState.PICTURE, RowState.MISSING)).order_by(
        "pk"
    )
    for ulid, data in waiting.values_list("product_ulid", "data"):
        if (ulid, data["src"]) not in known:
            known.add((ulid, data["src"]))
            pictures.setdefault(ulid, []).append({"src": data["src"], "alt": data["alt"], "position": data["position"]})
    for own in pictures.values():
        own.sort(key=lambda one: one["position"])
        for place, one in enumerate(own, start=1):
            one["position"] = place
    return pictures
