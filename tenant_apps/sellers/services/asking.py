"""What the mall asks a seller to pay by an ordinary order: his deposit, a fee for joining (MODES 1.3, 10; FEATURES G4, G17).

A deposit lands in `deposit.<seller>`, see `deducting`; a joining fee is the mall's own income, and no mode earns from either.
"""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext

from saas.identity import audit
from saas.kernel.errors import InvalidInput, NotFound
from tenant_apps.catalog import services as catalog
from tenant_apps.catalog.models import Product, Sku
from tenant_apps.catalog.rules import ProductDraft, ProductKind, ProductStatus, SkuDraft
from tenant_apps.sellers.models import Seller
from tenant_apps.sellers.rules import ENDED, MAX_ASKED, Asked
from tenant_apps.sellers.services.editing import locked


def ask_payment(*, seller_ulid: str, kind: Asked, amount: int, actor: str, now: dt.datetime) -> Product:
    """Ask a seller to pay `amount` fen: his page offers it once, at this price. Asking again changes the price.

    Raises NotFound, InvalidInput (amount; nobody owns the shop, or it is closed).
    """
    if not 0 < amount <= MAX_ASKED:
        raise InvalidInput(gettext("Enter an amount up to 1 000 000 yuan."), field="amount")
    with transaction.atomic():
        seller = locked(seller_ulid)
        if seller.owner is None or seller.state in ENDED:
            raise InvalidInput(gettext("Only the owner of an open shop can be asked to pay."), field="owner")
        draft = _draft(seller, kind, amount)
        product = Product.objects.filter(kind=kind.value, seller_ulid=seller_ulid).order_by("pk").first()
        if product is None:
            product = catalog.create_product(draft=draft, actor=actor, now=now)
        else:
            product = catalog.update_product(ulid=product.ulid, draft=draft, actor=actor, now=now)
        sku = Sku.objects.filter(product=product, is_active=True).order_by("pk").get()
        if sku.stock != 1:
            catalog.change_stock(sku_ulid=sku.ulid, delta=1 - sku.stock, reason="asked", actor=actor, now=now)
        if product.status != ProductStatus.ON_SHELF:
            product = catalog.put_on_shelf(ulid=product.ulid, actor=actor, now=now)
        audit.record(actor, f"seller.{kind.value}_asked", target=f"seller:{seller_ulid}", amount=amount)
    return product


def withdraw_asked(*, seller_ulid: str, kind: Asked, actor: str, now: dt.datetime) -> None:
    """The mall does not ask any more. Raises NotFound where it does not."""
    with transaction.atomic():
        locked(seller_ulid)
        product = Product.objects.filter(
            kind=kind.value, seller_ulid=seller_ulid, status=ProductStatus.ON_SHELF
        ).first()
        if product is None:
            raise NotFound
        catalog.take_off_shelf(ulid=product.ulid, actor=actor, now=now)
        audit.record(actor, f"seller.{kind.value}_withdrawn", target=f"seller:{seller_ulid}")


def _draft(seller: Seller, kind: Asked, amount: int) -> ProductDraft:
    words = {
        Asked.DEPOSIT: gettext("Deposit of “{seller}”"),
        Asked.JOIN_FEE: gettext("Joining fee of “{seller}”"),
    }
    return ProductDraft(
        title=words[kind].format(seller=seller.name)[:80],
        skus=(SkuDraft((), amount, supply_amount=0, stock=1),),
        kind=ProductKind(kind.value),
        seller_ulid=seller.ulid,
    )
