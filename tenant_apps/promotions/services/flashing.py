"""Flash sales: made, their pieces taken by one conditional statement when an order is placed, returned when it is given up."""

import datetime as dt
from collections.abc import Mapping

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.clock import CHINA
from saas.kernel.errors import DomainError, InvalidInput
from saas.kernel.ids import new_ulid
from saas.kernel.money import display_yuan, format_yuan
from saas.messaging.notices import services as notices
from tenant_apps.catalog import selectors as catalog
from tenant_apps.catalog.rules import GIFT_PACK, OfferFact, ProductKind
from tenant_apps.promotions import selectors
from tenant_apps.promotions.flash import FlashDraft, draft_fault
from tenant_apps.promotions.models import Coupon
from tenant_apps.promotions.rules import CouponKind, Scope
from tenant_apps.sellers import selectors as sellers
from tenant_apps.sellers.rules import SettlementKind


class FlashInvalid(InvalidInput):
    """A field of a flash sale is impossible; `field` names it."""

    code = "flash_sale_invalid"


class FlashSoldOut(DomainError):
    """Fewer pieces are left at the price than wanted; `left` is how many."""

    code = "flash_sold_out"
    message = _("Of “{title}” {left} pieces are left at the flash sale's price. Please look at the order again.")  # type: ignore[assignment]


_MESSAGES = {
    "title": _("Give the flash sale a name of at most 40 characters."),
    "ends_at": _("The end must be in the future, after the start, and at most 31 days after it."),
    "total_qty": _("The pieces of a flash sale are 1 to 1,000,000."),
    "person_limit": _("A person may buy 1 to 100 pieces, and no more than there are."),
    "sku": _("These goods cannot have a flash sale: choose goods that are on sale; gift packs and fees have none."),
    "price": _("The price must be above 0.00 and below the usual {usual}; where the seller bears the difference, at least 5 % of it."),
    "stock": _("There are {stock} pieces in stock: offer no more than that."),
    "seller": _("This seller is paid a supply price: the mall would bear the discount. Let the mall bear it."),
    "own": _("These are the mall's own goods: the mall bears the difference."),
    "many": _("The mall has {limit} flash sales and full reductions already, running or to come: end one first."),
    "once": _("“{title}” has a flash sale of these goods in that time already."),
}  # fmt: skip


def make_flash_sale(*, draft: FlashDraft, actor: str, now: dt.datetime) -> Coupon:
    """Sell a SKU of a zone at a price from `starts_at` to `ends_at`. The seller (Ds) or the mall (Dp) bears the difference.

    The pieces are a part of the SKU's stock, not set aside from it. Raises FlashInvalid naming the field; then nothing
    has changed.
    """
    offer = catalog.offers([draft.key]).get(draft.key)
    if offer is None or not offer.sellable or offer.kind != ProductKind.GOODS or offer.zone == GIFT_PACK:
        raise FlashInvalid(_MESSAGES["sku"], field="sku")
    if field := draft_fault(draft, usual_amount=offer.price_amount, now=now):
        raise _refusal(field, usual=display_yuan(offer.price_amount))
    if draft.total_qty > offer.stock:
        raise _refusal("stock", field="total_qty", stock=offer.stock)
    if draft.by_seller:
        _require_bearer(offer, now)
    with transaction.atomic():
        one_at_a_time()  # of two that are made at once the second sees the first
        if selectors.count_by_itself(now=now) >= selectors.LIMIT:
            raise _refusal("many", field="starts_at", limit=selectors.LIMIT)
        rows = selectors.flash_rows().filter(
            ended_at=None, starts_at__lt=draft.ends_at, ends_at__gt=draft.starts_at, scope_values__0=draft.key
        )
        if other := rows.first():
            raise _refusal("once", field="starts_at", title=other.title)
        row = Coupon(
            ulid=new_ulid(),
            title=draft.title.strip(),
            seller_ulid=offer.seller_ulid if draft.by_seller else "",
            kind=CouponKind.FLASH,
            amount=draft.price_amount,
            threshold_amount=offer.price_amount,
            scope=Scope.PRODUCTS,
            scope_values=[draft.key, offer.product_ulid],
            starts_at=draft.starts_at,
            ends_at=draft.ends_at,
            total_qty=draft.total_qty,
            person_limit=draft.person_limit,
            created_by=actor,
            created_at=now,
        )
        row.save(force_insert=True)
        selectors.forget_reductions()
        audit.record(
            actor,
            "flash_sale.created",
            target=f"coupon:{row.ulid}",
            title=row.title,
            sku=draft.key,
            price=row.amount,
            seller=row.seller_ulid,
        )
        if offer.seller_ulid and not actor.startswith("member:"):
            _tell_seller(row, offer)
    return row


def one_at_a_time() -> None:
    """Until the transaction ends nobody else makes a flash sale in this mall."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || '/flash', 0))")


def _tell_seller(row: Coupon, offer: OfferFact) -> None:
    """His goods at another price: the owner of the shop reads of it, whoever bears the difference."""
    shop = sellers.seller(offer.seller_ulid)
    phone = shop.owner.user.phone if shop.owner else ""
    if phone:
        notices.send_notice(
            kind="flash_sale_made",
            to_phone=phone,
            context={
                "shop": shop.name,
                "goods": offer.title,
                "price": format_yuan(row.amount),
                "start": f"{row.starts_at.astimezone(CHINA):%Y-%m-%d %H:%M}",
            },
            key=f"flash_sale_made:{row.ulid}",
        )


def _require_bearer(offer: OfferFact, now: dt.datetime) -> None:
    if not offer.seller_ulid:
        raise FlashInvalid(_MESSAGES["own"], field="bearer")
    terms = sellers.terms([offer.seller_ulid], now=now).get(offer.seller_ulid)
    if terms is not None and terms.settlement == SettlementKind.SUPPLIER:
        raise FlashInvalid(_MESSAGES["seller"], field="bearer")


def _refusal(message: str, *, field: str = "", **said: object) -> FlashInvalid:
    return FlashInvalid(str(_MESSAGES[message]).format(**said), field=field or message)


# Rows are locked in one order, so two orders with the same goods wait instead of deadlocking. Nothing is taken unless
# every sale runs and suffices; what comes back says which did not.
_TAKE = """
WITH wanted AS (SELECT * FROM unnest(%s::text[], %s::int[]) AS w(ulid, qty)),
locked AS (
    SELECT c.id, c.title, w.qty, CASE WHEN c.ended_at IS NULL AND c.starts_at <= %s AND c.ends_at > %s
           THEN c.total_qty - c.taken_qty ELSE 0 END AS free
      FROM promotions_coupon c JOIN wanted w ON w.ulid = c.ulid ORDER BY c.id FOR NO KEY UPDATE OF c),
taken AS (
    UPDATE promotions_coupon c SET taken_qty = c.taken_qty + l.qty FROM locked l
     WHERE c.id = l.id AND NOT EXISTS (SELECT FROM locked WHERE free < qty))
SELECT title, free FROM locked WHERE free < qty ORDER BY id"""


def take_pieces(pieces: Mapping[str, int], *, now: dt.datetime) -> None:
    """Take pieces of flash sales (ULID → how many) in the caller's transaction, all or none. Raises FlashSoldOut."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [list(pieces), list(pieces.values()), now, now])
        short = cursor.fetchall()
    if short:
        title, left = short[0]
        raise FlashSoldOut(title=title, left=left)


_RETURN = """
WITH wanted AS (SELECT ulid, sum(qty)::int AS qty FROM unnest(%s::text[], %s::int[]) AS w(ulid, qty) GROUP BY ulid),
locked AS (SELECT c.id, w.qty FROM promotions_coupon c JOIN wanted w ON w.ulid = c.ulid ORDER BY c.id FOR NO KEY UPDATE OF c)
UPDATE promotions_coupon c SET taken_qty = greatest(c.taken_qty - l.qty, 0) FROM locked l WHERE c.id = l.id"""


def return_pieces(pieces: Mapping[str, int]) -> None:
    """Pieces of orders that were given up unpaid are for sale again, in the caller's transaction."""
    if pieces:
        with connection.cursor() as cursor:
            cursor.execute(_RETURN, [list(pieces), list(pieces.values())])
