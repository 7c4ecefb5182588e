"""Imports: a file is read into rows of its job (the dry run), chosen rows become products, a hundred in a step."""

import dataclasses
import datetime as dt
import json
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import ModuleType
from typing import Any

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import translation
from django.utils.text import slugify
from django.utils.translation import gettext_noop

from saas.identity import audit
from saas.kernel.crashpoint import crashpoint
from saas.kernel.errors import DomainError
from saas.kernel.ids import new_ulid
from saas.tenants.malls import limits
from tenant_apps.catalog import selectors
from tenant_apps.catalog.models import Brand, Category, Job, JobRow, Product, ProductImage, Sku
from tenant_apps.catalog.rules import MAX_IMAGES, JobKind, JobState, ProductDraft, ProductStatus, RowState, option_text
from tenant_apps.catalog.services import cards, grid, jobs, products, shelf
from tenant_apps.catalog.transfer import sheet, shopify
from tenant_apps.catalog.transfer.incoming import Incoming, options_of, sku_draft
from tenant_apps.catalog.transfer.reading import FileRefused, write_lines

ROWS_A_STEP = 4_000
PRODUCTS_A_STEP = 200
_TWICE = gettext_noop("This product stands in the file twice, not in rows one below the other.")
_IN_BIN = gettext_noop("This product lies in the recycle bin: restore it first.")
_TOO_MANY_PICTURES = gettext_noop("More pictures than a product may have: the last ones are left out.")


def _format(job: Job) -> ModuleType:
    return sheet if job.kind == JobKind.IMPORT_XLSX else shopify


def read_step(job: Job, *, now: dt.datetime) -> None:
    """The next part of the dry run: first the file as lines, then some thousand rows of it at a time."""
    if "rows" not in job.figures:
        _normalise(job, now)
    else:
        _read_some(job, now)


def _normalise(job: Job, now: dt.datetime) -> None:
    with default_storage.open(job.file_key) as given, tempfile.TemporaryFile() as lines:
        is_xlsx = given.read(2) == b"PK"
        try:
            columns, count = write_lines(given, lines, is_xlsx=is_xlsx, required=_format(job).REQUIRED)
        except FileRefused as refused:
            jobs.finish(job, JobState.FAILED, now, fault=refused.text)
            return
        lines.seek(0)
        if default_storage.exists(f"{job.file_key}.lines"):
            default_storage.delete(f"{job.file_key}.lines")
        default_storage.save(f"{job.file_key}.lines", File(lines))
    job.settings["columns"] = columns
    job.figures |= {"rows": count, "read": 0, "offset": 0, "products": 0, "new": 0, "faulty": 0, "warnings": 0}
    job.save()
    jobs.schedule_step(job)


def _read_some(job: Job, now: dt.datetime) -> None:
    rows, offset, read = _lines(job)
    found = list(_format(job).products(rows))
    _keep(job, found)
    job.figures["offset"], job.figures["read"] = offset, read
    crashpoint("catalog.import_read")
    if read < job.figures["rows"]:
        job.save()
        jobs.schedule_step(job)
    else:
        jobs.finish(job, JobState.CHECKED, now)


def _lines(job: Job) -> tuple[list[tuple[int, dict[str, str]]], int, int]:
    """Rows from where the job stands to the end of a product, some thousand; the offset and count behind them."""
    columns, read, key_column = job.settings["columns"], job.figures["read"], _key_columns(job)
    rows: list[tuple[int, dict[str, str]]] = []
    previous = ""
    with default_storage.open(f"{job.file_key}.lines") as file:
        file.seek(job.figures["offset"])
        offset = job.figures["offset"]
        while line := file.readline():  # iterating over a Django file would begin at its start again
            cells = dict(zip(columns, json.loads(line), strict=False))
            key = next((cells[name].strip() for name in key_column if cells.get(name)), "")
            if len(rows) >= ROWS_A_STEP and key and key != previous:
                break
            previous = key or previous
            read += 1
            offset += len(line)
            if cells:
                rows.append((read + 1, cells))  # the heading is row 1
    return rows, offset, read


def _key_columns(job: Job) -> Sequence[str]:
    return sheet.NAMES["handle"] if job.kind == JobKind.IMPORT_XLSX else (shopify.HANDLE,)


def _keep(job: Job, found: Sequence[Incoming]) -> None:
    """Rows of the job for what was read, each judged; nothing of the catalog is touched."""
    by_handle = {
        row.handle: row for row in Product.objects.filter(handle__in=[one.key for one in found]).exclude(handle="")
    }
    by_ulid = {
        row.ulid: row for row in Product.objects.filter(ulid__in=[one.key for one in found if len(one.key) == 26])
    }
    seen = set(JobRow.objects.filter(job=job, key__in=[one.key for one in found]).values_list("key", flat=True))
    made = []
    for one in found:
        known = by_handle.get(one.key) or by_ulid.get(one.key)
        _judge(one, known)
        key = one.key
        if not key or key in seen:
            if key:
                one.refuse(one.row, "", _TWICE, key)
            key = f"{key}#{one.row}"
        seen.add(key)
        data = dataclasses.asdict(one)
        faults, warnings = data.pop("faults"), data.pop("warnings")
        job.figures["products"] += 1
        job.figures["new"] += known is None and not faults
        job.figures["faulty"] += bool(faults)
        job.figures["warnings"] += bool(warnings)
        made.append(
            JobRow(
                job=job, key=key[:300], number=one.row, title=one.title[:120], product_ulid=known.ulid if known else "",
                state=RowState.FAULTY if faults else RowState.READY, data=data,
                faults=[*faults, *({**warning, "mild": True} for warning in warnings)],
            )
        )  # fmt: skip
    JobRow.objects.bulk_create(made, batch_size=500)


def _judge(one: Incoming, known: Product | None) -> None:
    if known is not None and known.status == ProductStatus.RECYCLED:
        one.refuse(one.row, "", _IN_BIN, one.key)
    if len(one.images) > MAX_IMAGES:
        one.warn(one.row, "", _TOO_MANY_PICTURES, str(len(one.images)))
        one.images = one.images[:MAX_IMAGES]
    if one.faults:
        return
    try:
        with translation.override(None):  # reasons are kept as their English originals and translated when shown
            products.check_draft(draft_of(dataclasses.asdict(one), brand="", category=""))
    except DomainError as error:
        one.refuse(one.row, error.field or "", error.text)


def draft_of(data: Mapping[str, Any], *, brand: str, category: str, known: Product | None = None) -> ProductDraft:
    """A kept product as the catalog takes it; what the file does not say stays as it is."""
    stock = {sku.option_text: sku.stock for sku in Sku.objects.filter(product=known, is_active=True)} if known else {}
    free, template = data["free_shipping"], data["freight_template"]
    return ProductDraft(
        title=data["title"],
        subtitle=data["subtitle"] or (known.subtitle if known and data["source"] is not None else ""),
        description_html=data["html"],
        category_slug=category or None,
        brand_slug=brand or None,
        tags=tuple(data["tags"]),
        options=options_of(data),
        skus=tuple(sku_draft(sku, seen=stock.get(option_text(sku["values"]))) for sku in data["skus"]),
        seller_ulid=known.seller_ulid if known else "",
        handle=data["key"] if known is None or known.handle else "",
        freight_template=template if template is not None else (known.freight_template if known else ""),
        free_shipping=free if free is not None else (known.free_shipping if known else False),
        source=data["source"],
    )


# -- applying ----------------------------------------------------------------------------------------------------------


def apply_step(job: Job, *, now: dt.datetime) -> None:
    """Two hundred chosen products: new ones together, known ones one by one. Each row is applied once: its state says so."""
    rows = list(
        JobRow.objects.select_for_update().filter(job=job, state=RowState.CHOSEN).order_by("pk")[:PRODUCTS_A_STEP]
    )
    places = _Places(job.actor)
    fresh = [row for row in rows if not row.product_ulid]
    made = _make(fresh, places, now)
    for row in rows:
        if row.product_ulid and row.state == RowState.CHOSEN and row.pk not in made:
            _change(job, row, places, now)
    JobRow.objects.bulk_update(rows, ["state", "product_ulid", "faults"])
    _ask_for_pictures(job, [row for row in rows if row.state == RowState.APPLIED])
    job.figures["applied"] += sum(row.state == RowState.APPLIED for row in rows)
    job.figures["refused"] += sum(row.state == RowState.REFUSED for row in rows)
    if rows:
        done = [row.product_ulid for row in rows if row.state == RowState.APPLIED]
        audit.record(job.actor, "products.imported", target=f"job:{job.ulid}", products=done)
    crashpoint("catalog.import_applied")
    if len(rows) == PRODUCTS_A_STEP:
        job.save()
        jobs.schedule_step(job)
    else:
        job.figures["pictures"] = JobRow.objects.filter(job=job, state=RowState.PICTURE).count()
        jobs.finish(job, JobState.DONE, now)


def _refuse(row: JobRow, text: str) -> None:
    row.state = RowState.REFUSED
    row.faults = [*row.faults, {"row": row.number, "column": "", "reason": text, "value": ""}]


def _make(rows: Sequence[JobRow], places: "_Places", now: dt.datetime) -> set[int]:
    """New products, all in few statements; those beyond the plan are refused. The rows dealt with."""
    fitting = _fitting(rows)
    for row in rows[len(fitting) :]:
        _refuse(row, fitting.refusal)
    made: list[tuple[Product, JobRow, ProductDraft]] = []
    for row in rows[: len(fitting)]:
        draft = draft_of(row.data, brand="", category="")
        product = Product(ulid=new_ulid(), created_at=now)
        category, brand = places.category(row.data["category"]), places.brand(row.data["brand"])
        products.describe(product, draft, category=category, brand=brand, now=now)
        if row.data["wanted"] == "on_shelf" and all(sku.supply_amount is not None for sku in draft.skus):
            product.status, product.shelved_at = ProductStatus.ON_SHELF, now
        elif row.data["wanted"] == "off_shelf":
            product.status = ProductStatus.OFF_SHELF
        _keep_body(product, row.data["html"])
        made.append((product, row, draft))
        row.state, row.product_ulid = RowState.APPLIED, product.ulid
    if made:
        Product.objects.bulk_create([product for product, _, _ in made])
        grid.add_skus([(product, draft.skus) for product, _, draft in made])
        cards.refresh([product.pk for product, _, _ in made])
    return {row.pk for row in rows}


@dataclasses.dataclass
class _Fit:
    count: int
    refusal: str = ""

    def __len__(self) -> int:
        return self.count


def _fitting(rows: Sequence[JobRow]) -> _Fit:
    """How many of these new products the plan still allows, and in what words it refuses the rest."""
    if not rows:
        return _Fit(0)
    try:
        limits.check("products_max", len(rows), used=selectors.product_count)
    except limits.PlanLimitReached as error:
        return _Fit(min(len(rows), max(0, error.data["limit"] - error.data["used"])), error.text)
    except DomainError as error:
        return _Fit(0, error.text)
    return _Fit(len(rows))


def _change(job: Job, row: JobRow, places: "_Places", now: dt.datetime) -> None:
    try:
        with transaction.atomic():
            known = Product.objects.get(ulid=row.product_ulid)
            brand, category = places.brand(row.data["brand"]), places.category(row.data["category"])
            draft = draft_of(
                row.data, brand=brand.slug if brand else "", category=category.slug if category else "", known=known
            )
            if not job.settings.get("update_stock", True):
                skus = tuple(dataclasses.replace(sku, stock=sku.stock_seen or 0) for sku in draft.skus)
                draft = dataclasses.replace(draft, skus=skus)
            product = products.update_product(ulid=known.ulid, draft=draft, actor=job.actor, now=now)
            _keep_body(product, row.data["html"])
            product.save(update_fields=["source"])
            _shelve(product, row.data["wanted"], job.actor, now)
        row.state = RowState.APPLIED
    except Product.DoesNotExist:
        _refuse(row, gettext_noop("This product has been deleted meanwhile."))
    except DomainError as error:
        _refuse(row, error.text)


def _shelve(product: Product, wanted: str, actor: str, now: dt.datetime) -> None:
    if wanted == "on_shelf" and product.status != ProductStatus.ON_SHELF:
        with suppress(shelf.SupplyPriceMissing):  # the dry run said so
            shelf.put_on_shelf(ulid=product.ulid, actor=actor, now=now)
    elif wanted in ("off_shelf", "draft") and product.status == ProductStatus.ON_SHELF:
        shelf.take_off_shelf(ulid=product.ulid, actor=actor, now=now)


def _keep_body(product: Product, html: str) -> None:
    """The description as it was read, where cleaning changed it: the way back gives it out again."""
    if product.source and html and html != product.description_html:
        product.source = {**product.source, "Body (HTML)": html}


def _ask_for_pictures(job: Job, rows: Sequence[JobRow]) -> None:
    known = set(
        ProductImage.objects.filter(product__ulid__in=[row.product_ulid for row in rows])
        .exclude(source_url="")
        .values_list("product__ulid", "source_url")
    )
    JobRow.objects.bulk_create(
        [
            JobRow(
                job=job, key=f"picture:{row.pk}:{place}", number=row.number, state=RowState.PICTURE,
                title=row.title, product_ulid=row.product_ulid, data=image,
            )
            for row in rows
            for place, image in enumerate(row.data["images"])
            if (row.product_ulid, image["src"]) not in known
        ],
        batch_size=500,
    )  # fmt: skip


class _Places:
    """Brands and categories by name, made where they are missing; asked for once a step."""

    def __init__(self, actor: str) -> None:
        self._actor = actor
        self._brands: dict[str, Brand] = {row.name: row for row in Brand.objects.all()}
        self._categories: dict[tuple[int | None, str], Category] = {
            (row.parent_id, row.name): row for row in Category.objects.all()
        }

    def brand(self, name: str) -> Brand | None:
        """The brand of that name."""
        if not name:
            return None
        if name not in self._brands:
            brand = Brand.objects.create(slug=self._slug(name, Brand, "b"), name=name)
            audit.record(self._actor, "brand.created", target=f"brand:{brand.slug}")
            self._brands[name] = brand
        return self._brands[name]

    def category(self, path: Sequence[str]) -> Category | None:
        """The category at the end of the path (at most two names)."""
        parent: Category | None = None
        for name in path[:2]:
            place = (parent.pk if parent else None, name)
            found = self._categories.get(place)
            if found is None and parent is None and len(path) == 1:  # a name alone may be that of a child
                found = next((row for (_, own), row in self._categories.items() if own == name), None)
            if found is None:
                found = Category.objects.create(slug=self._slug(name, Category, "c"), name=name, parent=parent)
                audit.record(self._actor, "category.created", target=f"category:{found.slug}")
                self._categories[place] = found
            parent = found
        return parent

    def _slug(self, name: str, model: type[Brand] | type[Category], letter: str) -> str:
        slug = slugify(name)[:50]
        if slug and not model.objects.filter(slug=slug).exists():
            return slug
        return f"{letter}-{new_ulid()[-10:].lower()}"
