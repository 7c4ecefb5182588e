"""Sellers' own products: entered by the shop, looked at by the mall where its rule asks, live only as it was approved.

The rule is the mall's setting (orders settings), passed in. Goods bought at a supply price are always looked at: the mall
pays that price.
"""

import dataclasses
import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from saas.kernel.money import format_yuan
from saas.messaging.notices import services as notices
from tenant_apps.catalog import drafts
from tenant_apps.catalog import services as catalog
from tenant_apps.catalog.models import Product
from tenant_apps.catalog.rules import MAX_IMAGES, ProductDraft, ProductKind, ProductStatus, ReviewState, SkuDraft
from tenant_apps.catalog.services import changes
from tenant_apps.catalog.services.products import check_draft
from tenant_apps.sellers import selectors
from tenant_apps.sellers.listing import ListingRule, needs_look
from tenant_apps.sellers.models import Seller
from tenant_apps.sellers.rules import ENDED, SettlementKind
from tenant_apps.sellers.services import goods
from tenant_apps.sellers.services.editing import locked


class ListingsFull(DomainError):
    """The shop has as many products as the mall allows."""

    code = "listings_full"
    message = _("Your shop may have {count} products. Delete one you no longer need, or ask the mall for more.")


class ListingMoved(DomainError):
    """What staff looked at is not what waits now."""

    code = "listing_moved"
    message = _("The product or what is asked of it has changed since you opened this page. Look at it again.")  # type: ignore[assignment]


def create_listing(
    *, seller_ulid: str, draft: ProductDraft, rule: ListingRule, actor: str, now: dt.datetime
) -> Product:
    """A new product of a shop, not on sale yet. Raises InvalidInput (price, category…), ListingsFull, PlanLimitReached…"""
    with transaction.atomic():
        row = _seller(seller_ulid)
        draft = _own(row, draft, rule)
        used = Product.objects.filter(seller_ulid=seller_ulid, kind=ProductKind.GOODS)
        if used.exclude(status=ProductStatus.RECYCLED).count() >= rule.products_max:
            raise ListingsFull(count=rule.products_max)
        return goods.create_product(draft=draft, actor=actor, now=now)


def change_listing(
    *, seller_ulid: str, product_ulid: str, draft: ProductDraft, rule: ListingRule, actor: str, now: dt.datetime
) -> bool:
    """Change a shop's product; whether the change waits for the mall. What is counted (stock) is changed at once.

    Of a product on sale that needs the mall's look, what is live stays as it is. Raises NotFound, InvalidInput,
    GridInvalid, InsufficientStock.
    """
    with transaction.atomic():
        row = _seller(seller_ulid)
        product = _product(row, product_ulid)
        live = drafts.draft_of(product)
        draft = _own(row, dataclasses.replace(draft, freight_template=product.freight_template), rule)
        if product.status != ProductStatus.ON_SHELF or not needs_look(rule, row.settlement, product.shelved_at):
            goods.update_product(ulid=product_ulid, draft=draft, actor=actor, now=now)
            if product.review_state:
                product.refresh_from_db()
                changes.set_review(
                    product,
                    state=ReviewState(product.review_state),
                    content={**(product.review or {}), "draft": None, "at": now.isoformat()},
                    actor=actor,
                    action="product.change_asked",
                )
            return product.review_state == ReviewState.WAITING
        check_draft(draft)
        goods.check_product(draft)
        _count(live, draft, actor, now)
        if not drafts.differences(live, draft) and (product.review or {}).get("pictures") is None:
            if product.review_state:
                changes.set_review(
                    product, state=ReviewState.NONE, content=None, actor=actor, action="product.change_withdrawn"
                )
            return False
        _ask(product, {"draft": drafts.to_json(draft)}, actor, now)
        return True


def submit_listing(*, seller_ulid: str, product_ulid: str, rule: ListingRule, actor: str, now: dt.datetime) -> bool:
    """Put a product on sale, or ask the mall to look at it first; whether it waits.

    Raises NotFound, InvalidInput (pictures), IllegalTransition, ProductWithoutSku.
    """
    with transaction.atomic():
        row = _seller(seller_ulid)
        product = _product(row, product_ulid)
        if product.status == ProductStatus.ON_SHELF:
            raise InvalidInput(gettext("This product is on sale already."), field="step")
        if not changes.pictures_of(product):
            raise InvalidInput(gettext("Add a picture first: shoppers look before they read."), field="images")
        draft = _own(row, drafts.draft_of(product), rule)  # bounds may have become narrower
        goods.check_product(draft)
        if not needs_look(rule, row.settlement, product.shelved_at):
            catalog.put_on_shelf(ulid=product_ulid, actor=actor, now=now)
            if product.review_state:
                product.refresh_from_db()
                changes.set_review(
                    product, state=ReviewState.NONE, content=None, actor=actor, action="product.change_withdrawn"
                )
            return False
        _ask(product, {"draft": None}, actor, now)
        return True


def withdraw_listing(*, seller_ulid: str, product_ulid: str, actor: str, now: dt.datetime) -> None:
    """Ask nothing of the mall any more; a change that waited is forgotten. Raises NotFound."""
    with transaction.atomic():
        product = _product(_seller(seller_ulid), product_ulid)
        if not product.review_state:
            raise NotFound
        changes.set_review(
            product, state=ReviewState.NONE, content=None, actor=actor, action="product.change_withdrawn"
        )


def stop_listing(*, seller_ulid: str, product_ulid: str, actor: str, now: dt.datetime) -> None:
    """Take a product off sale. Raises NotFound, IllegalTransition."""
    with transaction.atomic():
        product = _product(_seller(seller_ulid), product_ulid)
        catalog.take_off_shelf(ulid=product.ulid, actor=actor, now=now)


def schedule_listing(
    *,
    seller_ulid: str,
    product_ulid: str,
    shelf_at: dt.datetime | None,
    unshelve_at: dt.datetime | None,
    rule: ListingRule,
    actor: str,
    now: dt.datetime,
) -> None:
    """Say when a product goes on sale and off it by itself; None: not by itself.

    What the mall looks at before it is on sale does not go there by itself. Raises NotFound, InvalidInput (shelf_at,
    unshelve_at, images).
    """
    with transaction.atomic():
        row = _seller(seller_ulid)
        product = _product(row, product_ulid)
        if shelf_at is not None and product.status != ProductStatus.ON_SHELF:
            if needs_look(rule, row.settlement, product.shelved_at):
                raise InvalidInput(
                    gettext("The mall looks at this product before it is on sale: send it to the mall."),
                    field="shelf_at",
                )
            if not changes.pictures_of(product):
                raise InvalidInput(gettext("Add a picture first: shoppers look before they read."), field="images")
            goods.check_product(_own(row, drafts.draft_of(product), rule))
        catalog.schedule_shelf(ulid=product_ulid, shelf_at=shelf_at, unshelve_at=unshelve_at, actor=actor, now=now)


def drop_listing(*, seller_ulid: str, product_ulid: str, actor: str, now: dt.datetime) -> None:
    """Put a product that is not on sale into the mall's bin. Raises NotFound, IllegalTransition."""
    with transaction.atomic():
        product = _product(_seller(seller_ulid), product_ulid)
        catalog.recycle_product(ulid=product.ulid, actor=actor, now=now)
        if product.review_state:
            product.refresh_from_db()
            changes.set_review(
                product, state=ReviewState.NONE, content=None, actor=actor, action="product.change_withdrawn"
            )


def add_listing_picture(
    *,
    seller_ulid: str,
    product_ulid: str,
    content: bytes,
    content_type: str,
    rule: ListingRule,
    actor: str,
    now: dt.datetime,
) -> bool:
    """Add a picture; whether it waits for the mall. Raises NotFound, ImageRefused."""
    row = selectors.seller(seller_ulid)
    product = _product(row, product_ulid, lock=False)
    if not _pictures_wait(row, product, rule):
        catalog.add_image(product_ulid=product_ulid, content=content, content_type=content_type, actor=actor, now=now)
        return False
    pictures = changes.prepared([], content=content, content_type=content_type)  # files first, outside the transaction
    with transaction.atomic():
        product = _product(_seller(seller_ulid), product_ulid)
        known = changes.pictures_of(product)
        if len(known) >= MAX_IMAGES:
            raise catalog.ImageRefused(reason="too_many", field="image")
        _ask(product, {"pictures": [*known, *pictures]}, actor, now)
    return True


def arrange_listing_pictures(
    *,
    seller_ulid: str,
    product_ulid: str,
    remove: str = "",
    cover: str = "",
    rule: ListingRule,
    actor: str,
    now: dt.datetime,
) -> bool:
    """Take a picture off, or make one the cover (ULIDs); whether that waits for the mall. Raises NotFound."""
    with transaction.atomic():
        row = _seller(seller_ulid)
        product = _product(row, product_ulid)
        known = changes.pictures_of(product)
        if (remove or cover) not in {one["ulid"] for one in known}:
            raise NotFound
        if not _pictures_wait(row, product, rule):
            if remove:
                catalog.remove_image(image_ulid=remove, actor=actor)
            else:
                order = sorted((one["ulid"] for one in known), key=lambda ulid: ulid != cover)
                catalog.reorder_images(product_ulid=product_ulid, image_ulids=order, actor=actor)
            return False
        wanted = [one for one in known if one["ulid"] != remove]
        wanted.sort(key=lambda one: bool(cover) and one["ulid"] != cover)
        if not wanted:
            raise InvalidInput(gettext("A product on sale keeps one picture at least."), field="images")
        _ask(product, {"pictures": wanted}, actor, now)
        return True


def approve_listing(*, product_ulid: str, seen: str, actor: str, now: dt.datetime) -> Product:
    """Staff agree: the change is live, the product on sale. `seen` is `token_of` as the page showed it.

    Raises NotFound, ListingMoved, and what updating and shelving raise.
    """
    with transaction.atomic():
        product = _waiting(product_ulid, seen)
        asked = (product.review or {}).get("draft")
        if asked:
            draft = drafts.from_json(asked, seller_ulid=product.seller_ulid, handle=product.handle)
            goods.update_product(ulid=product_ulid, draft=draft, actor=actor, now=now)
            product.refresh_from_db()
        changes.take_over_pictures(product, now=now)
        if product.status != ProductStatus.ON_SHELF:
            catalog.put_on_shelf(ulid=product_ulid, actor=actor, now=now)
            product.refresh_from_db()
        changes.set_review(product, state=ReviewState.NONE, content=None, actor=actor, action="product.change_approved")
        _tell(product, actor, now)
    return product


def return_listing(*, product_ulid: str, seen: str, reason: str, actor: str, now: dt.datetime) -> Product:
    """Staff give it back with a reason that the seller reads; what is live stays. Raises NotFound, ListingMoved, InvalidInput."""
    reason = reason.strip()
    if not 1 <= len(reason) <= 400:
        raise InvalidInput(gettext("Say in up to 400 characters what is to be mended."), field="reason")
    with transaction.atomic():
        product = _waiting(product_ulid, seen)
        changes.set_review(
            product,
            state=ReviewState.RETURNED,
            content={**(product.review or {}), "reason": reason},
            actor=actor,
            action="product.change_returned",
            reason=reason,
        )
        _tell(product, actor, now)
    return product


def token_of(product: Product) -> str:
    """What a page about a product that waits was made of: what is asked, and what is live."""
    return f"{(product.review or {}).get('at', '')}|{product.updated_at.isoformat()}"


def _seller(ulid: str) -> Seller:
    row = locked(ulid)
    if row.state in ENDED:
        raise InvalidInput(gettext("This shop has ended: its products stay as they are."), field="seller")
    return row


def _product(row: Seller, ulid: str, *, lock: bool = True) -> Product:
    rows = Product.objects.filter(kind=ProductKind.GOODS, seller_ulid=row.ulid, ulid=ulid)
    found = rows.exclude(status=ProductStatus.RECYCLED).first()
    if found is None:
        raise NotFound
    return changes.locked_product(ulid, seller_ulid=row.ulid) if lock else found


def _waiting(ulid: str, seen: str) -> Product:
    product = changes.locked_product(ulid)
    if product.review_state != ReviewState.WAITING or seen != token_of(product):
        raise ListingMoved
    return product


def _own(row: Seller, draft: ProductDraft, rule: ListingRule) -> ProductDraft:
    """The draft as this seller may enter it. Raises InvalidInput (price_amount)."""
    supplier = row.settlement == SettlementKind.SUPPLIER
    low = [sku for sku in draft.skus if sku.price_amount < rule.price_min_amount]
    if low:
        raise InvalidInput(
            gettext("No price here is below {price} yuan.").format(price=format_yuan(rule.price_min_amount)),
            field="price_amount",
        )
    skus = draft.skus if supplier else tuple(dataclasses.replace(sku, supply_amount=None) for sku in draft.skus)
    return dataclasses.replace(draft, seller_ulid=row.ulid, kind=ProductKind.GOODS, skus=skus)


def _pictures_wait(row: Seller, product: Product, rule: ListingRule) -> bool:
    return product.status == ProductStatus.ON_SHELF and needs_look(rule, row.settlement, product.shelved_at)


def _count(live: ProductDraft, draft: ProductDraft, actor: str, now: dt.datetime) -> None:
    known = {sku.ulid for sku in live.skus}
    for sku in draft.skus:
        delta = _delta(sku)
        if sku.ulid in known and delta:
            catalog.change_stock(
                sku_ulid=sku.ulid, delta=delta, reason=gettext("counted by the seller"), actor=actor, now=now
            )


def _delta(sku: SkuDraft) -> int:
    return 0 if sku.stock_seen is None else sku.stock - sku.stock_seen


def _ask(product: Product, wanted: dict[str, Any], actor: str, now: dt.datetime) -> None:
    before = product.review or {}
    content = {
        "draft": before.get("draft"),
        "pictures": before.get("pictures"),
        **wanted,
        "at": now.isoformat(),
        "by": actor,
    }
    changes.set_review(product, state=ReviewState.WAITING, content=content, actor=actor, action="product.change_asked")


def _tell(product: Product, actor: str, now: dt.datetime) -> None:
    row = selectors.seller(product.seller_ulid)
    phone = row.owner.user.phone if row.owner else ""
    if phone:
        notices.send_notice(
            kind="product_answered",
            to_phone=phone,
            context={"shop": row.name},
            key=f"product_answered:{product.ulid}:{now.isoformat()}",
        )
    audit.record(actor, "seller.product_answered", target=f"seller:{row.ulid}", product=product.ulid)
