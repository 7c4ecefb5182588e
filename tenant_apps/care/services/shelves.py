"""What a member keeps for himself: favourites, and the products he looked at."""

import datetime as dt

from django.db import transaction

from saas.kernel.errors import NotFound
from tenant_apps.care.models import Shelf
from tenant_apps.care.rules import KEPT_HISTORY, KEPT_PRODUCTS, KEPT_SELLERS, put_first
from tenant_apps.catalog import selectors as catalog
from tenant_apps.members.models import Member
from tenant_apps.sellers import selectors as sellers


def switch_favourite(*, member: Member, product_ulid: str = "", seller_ulid: str = "") -> bool:
    """Keep a product or a seller, or let it go; whether it is kept now. The oldest goes where there are too many.

    Raises NotFound for what is not on shelf, or no seller; what is kept already can always be let go.
    """
    with transaction.atomic():
        shelf = _locked(member)
        kept = shelf.products if product_ulid else shelf.sellers
        wanted = product_ulid or seller_ulid
        if wanted in kept:
            left, is_kept = [one for one in kept if one != wanted], False
        else:
            _require(product_ulid, seller_ulid)
            limit = KEPT_PRODUCTS if product_ulid else KEPT_SELLERS
            left, is_kept = put_first(kept, wanted, limit=limit), True
        name = "products" if product_ulid else "sellers"
        setattr(shelf, name, left)
        shelf.save(update_fields=[name])
    return is_kept


def note_seen(*, member: Member, product_ulid: str) -> Shelf:
    """Remember that a member looked at a product. Raises NotFound."""
    _require(product_ulid, "")
    with transaction.atomic():
        shelf = _locked(member)
        shelf.history = put_first(shelf.history, product_ulid, limit=KEPT_HISTORY)
        shelf.save(update_fields=["history"])
    return shelf


def clear_history(*, member: Member) -> None:
    """Forget every product that a member looked at."""
    with transaction.atomic():
        Shelf.objects.filter(member=member).update(history=[])


def mark_notices_read(*, member: Member, now: dt.datetime) -> None:
    """Everything that a member was told so far is read."""
    with transaction.atomic():
        shelf = _locked(member)
        shelf.notices_read_at = now
        shelf.save(update_fields=["notices_read_at"])


def _locked(member: Member) -> Shelf:
    Shelf.objects.get_or_create(member=member)
    return Shelf.objects.select_for_update().get(member=member)


def _require(product_ulid: str, seller_ulid: str) -> None:
    if product_ulid:
        if not catalog.cards_of([product_ulid]):
            raise NotFound
    else:
        sellers.seller(seller_ulid)
