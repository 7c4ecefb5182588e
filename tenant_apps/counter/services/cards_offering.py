"""Offering a store's card: a product of its store with written terms (MODES 14 #12). An edit is a new version of the terms."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.errors import InvalidInput, NotFound
from saas.kernel.ids import new_ulid
from tenant_apps.catalog import services as catalog
from tenant_apps.catalog.models import Product, Sku
from tenant_apps.catalog.rules import ProductDraft, ProductKind, ProductStatus, SkuDraft
from tenant_apps.counter.models import CardTerms
from tenant_apps.counter.rules.cards import CardDraft, CardKind, draft_fault
from tenant_apps.counter.selectors import cards as selectors
from tenant_apps.sellers import services as sellers
from tenant_apps.sellers.models import Seller
from tenant_apps.sellers.rules import SellerKind, SellerState, SettlementKind

_MESSAGES = {
    "title": _("Give the card a name of 2 to 60 characters."),
    "price_amount": _(
        "A card costs at least a fen a visit and at most 5,000.00: the legal limit of a registered card."
    ),
    "visits": _("A visit card has 1 to 365 visits."),
    "valid_days": _("Validity is 0 to 1,830 days, 0 means for good. A card with money on it never ends."),
    "stores": _("A visit card names at most 50 stores, a stored-value card its own alone."),
    "text": _("Write the terms that the buyer accepts: 20 to 4,000 characters."),
    "filing_number": _("A stored-value card is sold only with its filing number (4 to 40 characters)."),
    "stock": _("The number of cards to be sold is 1 to 1,000,000."),
    "seller": _("A card is sold by an open store, not by a merchant or the mall."),
    "supplier": _("This store is paid a supply price: a card has none. Change its settlement first."),
    "other_owner": _("“{store}” has another owner: a card is good at the stores of its own owner only."),
}


class CardInvalid(InvalidInput):
    """A field of a card is impossible; `field` names it."""

    code = "card_invalid"


def offer_card(*, draft: CardDraft, actor: str, now: dt.datetime, product_ulid: str = "") -> CardTerms:
    """Put a card on sale, or change one that is: price and terms hold for cards sold from now on.

    Raises CardInvalid naming the field, NotFound; then nothing has changed.
    """
    if field := draft_fault(draft):
        raise CardInvalid(_MESSAGES[field], field=field)
    with transaction.atomic():
        stores = _stores(draft)
        product = _product(draft, product_ulid, actor, now)
        sku = Sku.objects.filter(product=product, is_active=True).order_by("pk").get()
        if sku.stock != draft.stock:
            delta = draft.stock - sku.stock
            catalog.change_stock(sku_ulid=sku.ulid, delta=delta, reason="card_offer", actor=actor, now=now)
        if product.status != ProductStatus.ON_SHELF:
            catalog.put_on_shelf(ulid=product.ulid, actor=actor, now=now)
        row = CardTerms(
            ulid=new_ulid(),
            kind=draft.kind,
            product_ulid=product.ulid,
            sku_ulid=sku.ulid,
            seller_ulid=draft.seller_ulid,
            title=draft.title.strip(),
            visits=draft.visits if draft.kind is CardKind.VISIT else 0,
            valid_days=draft.valid_days,
            stores=stores,
            text=draft.text.strip(),
            filing_number=draft.filing_number.strip(),
            created_by=actor,
            created_at=now,
        )
        row.save(force_insert=True)
        audit.record(
            actor,
            "store_card.offered",
            target=f"product:{product.ulid}",
            title=row.title,
            seller=row.seller_ulid,
            amount=draft.price_amount,
            terms=row.ulid,
        )
    return row


def withdraw_card(*, product_ulid: str, actor: str, now: dt.datetime) -> None:
    """No more of this card are sold; those sold stay good. Raises NotFound where it is not on sale."""
    with transaction.atomic():
        row = selectors.terms_of_product(product_ulid)
        if not Product.objects.filter(ulid=product_ulid, status=ProductStatus.ON_SHELF).exists():
            raise NotFound
        catalog.take_off_shelf(ulid=product_ulid, actor=actor, now=now)
        audit.record(actor, "store_card.withdrawn", target=f"product:{product_ulid}", title=row.title)


def _stores(draft: CardDraft) -> list[str]:
    """The stores that honour the card, the seller's own first: all of one owner. Raises CardInvalid."""
    own = Seller.objects.filter(ulid=draft.seller_ulid, kind=SellerKind.STORE).exclude(state=SellerState.CLOSED).first()
    if own is None:
        raise CardInvalid(_MESSAGES["seller"], field="seller")
    if own.settlement == SettlementKind.SUPPLIER:
        raise CardInvalid(_MESSAGES["supplier"], field="seller")
    others = [one for one in dict.fromkeys(draft.stores) if one and one != own.ulid]
    rows = {row.ulid: row for row in Seller.objects.filter(ulid__in=others, kind=SellerKind.STORE)}
    for ulid in others:
        row = rows.get(ulid)
        if row is None or not _one_owner(own, row):
            raise CardInvalid(_MESSAGES["other_owner"], field="stores", store=row.name if row else ulid)
    return [own.ulid, *others]


def _one_owner(own: Seller, other: Seller) -> bool:
    """One person or one licence behind both: what the law calls the same issuer."""
    same_person = own.owner_id is not None and own.owner_id == other.owner_id
    return same_person or (own.licence_number != "" and own.licence_number == other.licence_number)


def _product(draft: CardDraft, product_ulid: str, actor: str, now: dt.datetime) -> Product:
    wanted = ProductDraft(
        title=draft.title.strip(),
        skus=(SkuDraft((), draft.price_amount, supply_amount=0, stock=draft.stock),),
        kind=ProductKind(draft.kind.value),
        seller_ulid=draft.seller_ulid,
    )
    if not product_ulid:
        return sellers.create_product(draft=wanted, actor=actor, now=now)
    known = selectors.terms_of_product(product_ulid)
    if known.kind != draft.kind or known.seller_ulid != draft.seller_ulid:
        raise CardInvalid(_MESSAGES["seller"], field="seller")
    return sellers.update_product(ulid=product_ulid, draft=wanted, actor=actor, now=now)
