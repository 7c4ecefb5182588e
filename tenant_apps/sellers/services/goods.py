"""Products of sellers: the catalog's own services, after a look at what their seller's settlement needs."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext

from saas.kernel.errors import InvalidInput
from tenant_apps.catalog import services as catalog
from tenant_apps.catalog.models import Product
from tenant_apps.catalog.rules import ProductDraft, ProductKind
from tenant_apps.sellers import applications, selectors
from tenant_apps.sellers.models import Seller
from tenant_apps.sellers.rules import ENDED, SettlementKind
from tenant_apps.sellers.services.editing import locked


def create_product(*, draft: ProductDraft, actor: str, now: dt.datetime) -> Product:
    """As catalog.create_product; the draft's seller has to exist. Raises InvalidInput (seller, grid) besides."""
    check_product(draft)
    with transaction.atomic():
        product = catalog.create_product(draft=draft, actor=actor, now=now)
        if draft.seller_ulid:
            show_goods(seller_ulid=draft.seller_ulid, now=now)
    return product


def update_product(*, ulid: str, draft: ProductDraft, actor: str, now: dt.datetime) -> Product:
    """As catalog.update_product. Orders already placed stay with the seller they were sold by."""
    check_product(draft)
    with transaction.atomic():
        product = catalog.update_product(ulid=ulid, draft=draft, actor=actor, now=now)
        if draft.seller_ulid:
            show_goods(seller_ulid=draft.seller_ulid, now=now)
    return product


def show_goods(*, seller_ulid: str, now: dt.datetime) -> int:
    """Show a seller's goods in lists if he may sell now, else hide them; how many products changed. Raises NotFound."""
    with transaction.atomic():
        locked(seller_ulid)
        sells = selectors.terms([seller_ulid], now=now)[seller_ulid].sells
        return catalog.follow_seller(seller_ulid=seller_ulid, sells=sells)


def check_product(draft: ProductDraft) -> None:
    """Raise InvalidInput unless the seller is there, and each SKU of a supplier has the supply price he is paid."""
    if not draft.seller_ulid:
        return
    seller = Seller.objects.filter(ulid=draft.seller_ulid).exclude(state__in=sorted(ENDED)).first()
    if seller is None:
        raise InvalidInput(gettext("There is no such seller."), field="seller")
    if seller.settlement == SettlementKind.SUPPLIER and any(sku.supply_amount is None for sku in draft.skus):
        raise InvalidInput(gettext("This seller is paid by supply price: each SKU needs one."), field="supply_amount")
    if draft.kind is ProductKind.GOODS and not applications.may_sell_in(seller.categories, draft.category_slug):
        raise InvalidInput(gettext("This seller may not sell in this category."), field="category")
