"""What a seller asks of the mall, kept beside the live product: a change, pictures, or only a look. No rule lives here."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction

from saas.identity import audit
from saas.kernel.errors import NotFound
from tenant_apps.catalog.models import Product, ProductImage
from tenant_apps.catalog.rules import MAX_IMAGES, ReviewState
from tenant_apps.catalog.services import cards
from tenant_apps.catalog.services.images import prepare_image
from tenant_apps.catalog.services.renditions import ImageRefused, delete_files

Picture = dict[str, Any]  # {"ulid", "key", "width", "height"} and "new" where it is not on the product yet


def locked_product(ulid: str, *, seller_ulid: str = "") -> Product:
    """A product, locked until the transaction ends; of this seller where one is named. Raises NotFound."""
    rows = Product.objects.select_for_update(of=("self",)).select_related("category", "brand").filter(ulid=ulid)
    row = (rows.filter(seller_ulid=seller_ulid) if seller_ulid else rows).first()
    if row is None:
        raise NotFound
    return row


def set_review(
    product: Product, *, state: ReviewState, content: dict[str, Any] | None, actor: str, action: str, reason: str = ""
) -> None:
    """Write where a locked product stands with the mall; `content` None: nothing is asked any more."""
    with transaction.atomic():
        if content is None:
            _forget(product, kept=())
        product.review_state, product.review = state, content
        product.save(update_fields=["review_state", "review"])
        audit.record(actor, action, target=f"product:{product.ulid}", reason=reason)


def pictures_of(product: Product) -> list[Picture]:
    """The pictures as they shall be: those asked for, else the live ones; the first is the cover."""
    asked = (product.review or {}).get("pictures")
    if asked is not None:
        return list(asked)
    rows = ProductImage.objects.filter(product=product).order_by("position", "pk")
    return [{"ulid": one.ulid, "key": one.key, "width": one.width, "height": one.height} for one in rows]


def prepared(pictures: Sequence[Picture], *, content: bytes, content_type: str) -> list[Picture]:
    """These pictures and one more, whose files are stored. Raises ImageRefused."""
    if len(pictures) >= MAX_IMAGES:
        raise ImageRefused(reason="too_many", field="image")
    return [*pictures, {**prepare_image(content=content, content_type=content_type), "new": True}]


def take_over_pictures(product: Product, *, now: dt.datetime) -> None:
    """Make the pictures that were asked for the live ones; files of those that go are deleted when this is stored."""
    asked = (product.review or {}).get("pictures")
    if asked is None:
        return
    with transaction.atomic():
        live = {one.ulid: one for one in ProductImage.objects.filter(product=product)}
        for position, one in enumerate(asked):
            row = live.pop(one["ulid"], None)
            if row is None and not one.get("new"):
                continue  # staff took it off meanwhile
            if row is None:
                row = ProductImage(product=product, **{name: one[name] for name in ("ulid", "key", "width", "height")})
            row.position = position
            row.save()
        for gone in live.values():
            key = gone.key
            gone.delete()
            transaction.on_commit(lambda key=key: delete_files(key))  # type: ignore[misc]
        product.review = {**(product.review or {}), "pictures": None}
        product.updated_at = now
        product.save(update_fields=["review", "updated_at"])
        cards.refresh([product.pk])


def _forget(product: Product, *, kept: Sequence[str]) -> None:
    for one in (product.review or {}).get("pictures") or ():
        if one.get("new") and one["ulid"] not in kept:
            key = one["key"]
            transaction.on_commit(lambda key=key: delete_files(key))  # type: ignore[misc]
