"""The form of a store's card, as staff fill it in."""

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from saas.kernel.errors import InvalidInput
from saas.kernel.money import format_yuan, parse_yuan
from tenant_apps.counter.rules.cards import CardDraft, CardKind
from tenant_apps.counter.selectors.cards import CardOffer
from tenant_apps.sellers import selectors as sellers
from tenant_apps.sellers.rules import SellerKind

FIELDS = ("kind", "seller", "title", "price", "visits", "valid_days", "stores", "text", "filing_number", "stock")


def blank() -> dict[str, Any]:
    """The form before anything is typed."""
    return {"kind": CardKind.VISIT.value, "visits": "10", "valid_days": "0", "stores": [], "stock": "100"}


def of_offer(offer: CardOffer) -> dict[str, Any]:
    """The form of a card that is on offer."""
    row = offer.terms
    return {
        "kind": row.kind,
        "seller": row.seller_ulid,
        "title": row.title,
        "price": format_yuan(offer.offer.price_amount),
        "visits": str(row.visits),
        "valid_days": str(row.valid_days),
        "stores": row.stores[1:],
        "text": row.text,
        "filing_number": row.filing_number,
        "stock": str(offer.offer.stock),
    }


def typed(posted: QueryDict) -> dict[str, Any]:
    """What was typed, to be shown again."""
    return {name: posted.getlist(name)[:60] if name == "stores" else posted.get(name, "")[:5_000] for name in FIELDS}


def draft_of(values: dict[str, Any]) -> CardDraft:
    """The typed form as a draft. Raises InvalidInput naming the field."""
    kind = CardKind(values["kind"]) if values["kind"] in list(CardKind) else CardKind.VISIT
    return CardDraft(
        kind=kind,
        seller_ulid=values["seller"][:26],
        title=values["title"],
        price_amount=_yuan(values["price"]),
        text=values["text"].replace("\r\n", "\n"),
        visits=_whole(values, "visits") if kind is CardKind.VISIT else 0,
        valid_days=_whole(values, "valid_days"),
        stores=tuple(one[:26] for one in values["stores"]),
        filing_number=values["filing_number"],
        stock=_whole(values, "stock"),
    )


def store_choices() -> list[tuple[str, str]]:
    """(ULID, name) of the stores that are not closed."""
    return sellers.choices(kind=SellerKind.STORE)


def _yuan(text: str) -> int:
    try:
        return parse_yuan(text.strip() or "0")
    except ValueError:
        raise InvalidInput(_("Amounts are in yuan, such as 12.50."), field="price_amount") from None


def _whole(values: dict[str, Any], name: str) -> int:
    text = values[name].strip() or "0"
    if not text.isdecimal() or len(text) > 7:
        raise InvalidInput(_("Numbers are whole, such as 100."), field=name)
    return int(text)
