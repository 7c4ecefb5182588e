"""A change of many products at once: a preview row each, applied in steps, undone where nothing has changed since."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext, gettext_noop

from saas.identity import audit
from saas.kernel.errors import DomainError, InvalidInput
from tenant_apps.catalog.models import Brand, Category, Job, JobRow, Offer, Product, Sku
from tenant_apps.catalog.rules import (
    MAX_TAG_LENGTH,
    MAX_TAGS,
    SELF_OPERATED,
    EditKind,
    JobState,
    ProductStatus,
    RowState,
    changed_price,
    price_terms,
    terms_fault,
)
from tenant_apps.catalog.services import brands, cards, jobs, shelf

PRODUCTS_A_STEP = 200
_PRICE_RANGE = gettext_noop("The new price would be out of range.")
_PRICE_TERMS = gettext_noop("A member or quantity price would not fit the new price.")
_CHANGED = gettext_noop("Changed since: it stays as it is.")


def check_change(change: Mapping[str, Any]) -> None:
    """Raise InvalidInput (value) for a change that means nothing."""
    kind, value = EditKind(change["kind"]), change.get("value")
    if kind is EditKind.PRICE_PERCENT and not (isinstance(value, int) and -900_000 <= value <= 10_000_000 and value):
        raise InvalidInput(gettext("A price changes by -90 % to +1000 %, and not by 0."), field="value")
    if kind is EditKind.PRICE_AMOUNT and not (isinstance(value, int) and value):
        raise InvalidInput(gettext("Say by how much the price changes."), field="value")
    if kind is EditKind.CATEGORY and value and not Category.objects.filter(slug=value).exists():
        raise InvalidInput(gettext("This category does not exist."), field="value")
    if kind is EditKind.BRAND and value and not Brand.objects.filter(slug=value).exists():
        raise InvalidInput(gettext("This brand does not exist."), field="value")
    if kind is EditKind.SHELF and value not in ("on", "off"):
        raise InvalidInput(gettext("On the shelf or off it."), field="value")
    if kind in (EditKind.TAG_ADD, EditKind.TAG_REMOVE) and not 1 <= len(str(value or "").strip()) <= MAX_TAG_LENGTH:
        raise InvalidInput(gettext("A tag has 1 to 40 characters."), field="value")
    if kind is EditKind.FREIGHT and len(str(value or "")) > 26:
        raise InvalidInput(gettext("There is no such freight template."), field="value")


def preview_step(job: Job, *, now: dt.datetime) -> None:
    """What the change would do to the next two hundred products; nothing of the catalog is touched."""
    wanted: list[str] = job.settings["products"]
    part = wanted[job.cursor : job.cursor + PRODUCTS_A_STEP]
    made = []
    found = Product.objects.select_related("brand", "category").filter(ulid__in=part).order_by("pk")
    for product in found:
        before = state_of(product, job.settings["change"])
        after, fault = _after(product, before, job.settings["change"])
        if after == before and not fault:
            continue
        faults = [{"row": 0, "column": "", "reason": fault, "value": ""}] if fault else []
        made.append(
            JobRow(
                job=job, key=product.ulid, number=0, title=product.title, product_ulid=product.ulid, faults=faults,
                state=RowState.FAULTY if fault else RowState.READY, data={"before": before, "after": after},
            )
        )  # fmt: skip
    JobRow.objects.bulk_create(made)
    job.cursor += len(part)
    job.figures["rows"], job.figures["read"] = len(wanted), job.cursor
    job.figures["products"] = job.figures.get("products", 0) + len(made)
    job.figures["faulty"] = job.figures.get("faulty", 0) + sum(row.state == RowState.FAULTY for row in made)
    if job.cursor < len(wanted):
        job.save()
        jobs.schedule_step(job)
    else:
        jobs.finish(job, JobState.CHECKED, now)


def state_of(product: Product, change: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a product that a change touches, as plain data."""
    kind = EditKind(change["kind"])
    if kind in (EditKind.PRICE_PERCENT, EditKind.PRICE_AMOUNT):
        return {"prices": dict(Sku.objects.filter(product=product, is_active=True).values_list("ulid", "price_amount"))}
    if kind is EditKind.CATEGORY:
        return {"category": product.category.slug if product.category else ""}
    if kind is EditKind.BRAND:
        return {"brand": product.brand.slug if product.brand else ""}
    if kind is EditKind.SHELF:
        return {"status": product.status}
    if kind is EditKind.FREIGHT:
        return {"freight_template": product.freight_template}
    if kind is EditKind.FREE_SHIPPING:
        return {"free_shipping": product.free_shipping}
    return {"tags": list(product.tags)}


def _after(product: Product, before: Mapping[str, Any], change: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """What the state becomes, and why it may not (or empty)."""
    kind, value = EditKind(change["kind"]), change.get("value")
    if kind in (EditKind.PRICE_PERCENT, EditKind.PRICE_AMOUNT):
        return _after_prices(product, before["prices"], change)
    if kind is EditKind.SHELF:
        return _after_shelf(product, str(value))
    if kind is EditKind.TAG_ADD:
        tags = list(dict.fromkeys([*before["tags"], str(value).strip()]))
        return {"tags": tags}, gettext_noop("It has 30 tags already.") if len(tags) > MAX_TAGS else ""
    if kind is EditKind.TAG_REMOVE:
        return {"tags": [tag for tag in before["tags"] if tag != str(value).strip()]}, ""
    name = next(iter(before))
    return {name: bool(value) if kind is EditKind.FREE_SHIPPING else str(value or "")}, ""


def _after_prices(product: Product, prices: Mapping[str, int], change: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    after = {ulid: changed_price(price, change) for ulid, price in prices.items()}
    if any(price is None for price in after.values()):
        return {"prices": dict(prices)}, _PRICE_RANGE
    stored = Offer.objects.filter(sku__ulid__in=list(prices), zone__key=SELF_OPERATED, terms__isnull=False)
    for ulid, terms in stored.values_list("sku__ulid", "terms"):
        if terms_fault(price_terms(terms), after[ulid] or 0):
            return {"prices": dict(prices)}, _PRICE_TERMS
    return {"prices": after}, ""


def _after_shelf(product: Product, value: str) -> tuple[dict[str, Any], str]:
    if product.status == ProductStatus.RECYCLED:
        return {"status": product.status}, gettext_noop("It lies in the recycle bin.")
    if value == "off":
        off = ProductStatus.OFF_SHELF if product.status == ProductStatus.ON_SHELF else ProductStatus(product.status)
        return {"status": off.value}, ""
    try:
        with translation.override(None):
            shelf.check_sellable(product)
    except DomainError as error:
        return {"status": product.status}, error.text
    return {"status": ProductStatus.ON_SHELF.value}, ""


def apply_step(job: Job, *, now: dt.datetime) -> None:
    """Write the next two hundred chosen rows; a product that changed since the preview is left alone and named."""
    rows = _next(job, RowState.CHOSEN)
    for row in rows:
        if _write(job, row, expected=row.data["before"], wanted=row.data["after"], now=now):
            row.state = RowState.APPLIED
        else:
            row.state = RowState.REFUSED
    _close(job, rows, {"applied": RowState.APPLIED, "refused": RowState.REFUSED}, JobState.DONE, now)


def undo_step(job: Job, *, now: dt.datetime) -> None:
    """Give the next two hundred products back what they had, unless they have changed since."""
    rows = _next(job, RowState.APPLIED)
    for row in rows:
        done = _write(job, row, expected=row.data["after"], wanted=row.data["before"], now=now)
        row.state = RowState.UNDONE if done else RowState.KEPT
    _close(job, rows, {"undone": RowState.UNDONE, "kept": RowState.KEPT}, JobState.UNDONE, now)


def _next(job: Job, state: RowState) -> list[JobRow]:
    return list(JobRow.objects.select_for_update().filter(job=job, state=state).order_by("pk")[:PRODUCTS_A_STEP])


def _close(job: Job, rows: list[JobRow], names: Mapping[str, RowState], end: JobState, now: dt.datetime) -> None:
    JobRow.objects.bulk_update(rows, ["state", "faults"])
    for name, state in names.items():
        job.figures[name] = job.figures.get(name, 0) + sum(row.state == state for row in rows)
    if len(rows) == PRODUCTS_A_STEP:
        job.save()
        jobs.schedule_step(job)
    else:
        jobs.finish(job, end, now)


def _write(job: Job, row: JobRow, *, expected: Mapping[str, Any], wanted: Mapping[str, Any], now: dt.datetime) -> bool:
    """Bring one product to `wanted` if it still is as `expected`; whether it was. One audit row each."""
    try:
        with transaction.atomic():
            product = (
                Product.objects.select_for_update(of=("self",))
                .select_related("brand", "category")
                .filter(ulid=row.product_ulid)
                .first()
            )
            if product is None or state_of(product, job.settings["change"]) != expected:
                raise InvalidInput(_CHANGED)
            _set(product, wanted, job.actor, now)
            audit.record(
                job.actor, "product.edited", target=f"product:{product.ulid}", job=job.ulid,
                before=dict(expected), after=dict(wanted),
            )  # fmt: skip
    except DomainError as error:
        row.faults = [*row.faults, {"row": 0, "column": "", "reason": error.text, "value": ""}]
        return False
    return True


def _set(product: Product, wanted: Mapping[str, Any], actor: str, now: dt.datetime) -> None:
    if "status" in wanted:
        _set_status(product, ProductStatus(wanted["status"]), actor, now)
        return
    if "prices" in wanted:
        for sku in Sku.objects.filter(product=product, ulid__in=list(wanted["prices"])).order_by("pk"):
            Sku.objects.filter(pk=sku.pk).update(price_amount=wanted["prices"][sku.ulid])
            Offer.objects.filter(sku=sku, zone__key=SELF_OPERATED).update(price_amount=wanted["prices"][sku.ulid])
    if "category" in wanted:
        product.category = Category.objects.filter(slug=wanted["category"]).first()
    if "brand" in wanted:
        product.brand = Brand.objects.filter(slug=wanted["brand"]).first()
    for name in ("freight_template", "free_shipping", "tags"):
        if name in wanted:
            setattr(product, name, wanted[name])
    product.updated_at = now
    product.save()
    if "brand" in wanted or "tags" in wanted:
        brands.find_anew([product.pk])
    else:
        cards.refresh([product.pk])


def _set_status(product: Product, wanted: ProductStatus, actor: str, now: dt.datetime) -> None:
    if wanted is ProductStatus.ON_SHELF:
        shelf.put_on_shelf(ulid=product.ulid, actor=actor, now=now)
    elif wanted is ProductStatus.DRAFT:  # an undo: it had never been on the shelf
        Product.objects.filter(pk=product.pk).update(status=wanted, shelved_at=None, updated_at=now)
        cards.refresh([product.pk])
    else:
        shelf.take_off_shelf(ulid=product.ulid, actor=actor, now=now)
