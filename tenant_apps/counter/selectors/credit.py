"""Reads of goods on credit: what lies where, how much more may be lent, what runs low. Fen and pieces."""

from dataclasses import dataclass

from saas.kernel.errors import NotFound
from saas.ledger import selectors as book
from tenant_apps.catalog.models import Sku
from tenant_apps.catalog.rules import ProductKind, ProductStatus
from tenant_apps.counter.models import CreditMove, CreditStock, StoreProfile
from tenant_apps.counter.rules import credit
from tenant_apps.sellers.rules import deposit_of


@dataclass(frozen=True)
class Standing:
    """A store's goods on credit: rows in the store's keeping, what they are worth, and what may be lent in all."""

    rows: list[CreditStock]
    deposit_amount: int
    factor_ppm: int

    @property
    def worth_amount(self) -> int:
        return sum(row.worth_amount for row in self.rows)

    @property
    def limit_amount(self) -> int:
        return credit.limit(self.deposit_amount, self.factor_ppm)

    @property
    def left_amount(self) -> int:
        """What may still be lent; 0 where the deposit has shrunk below what lies in the store."""
        return max(0, self.limit_amount - self.worth_amount)

    @property
    def is_over(self) -> bool:
        return self.worth_amount > self.limit_amount


def standing(seller_ulid: str) -> Standing:
    """A store's goods on credit."""
    factor = StoreProfile.objects.filter(seller_ulid=seller_ulid).values_list("credit_factor_ppm", flat=True).first()
    return Standing(
        rows=list(CreditStock.objects.filter(seller_ulid=seller_ulid).order_by("title", "pk")),
        deposit_amount=book.available(deposit_of(seller_ulid)),
        factor_ppm=credit.FACTOR_PPM if factor is None else factor,
    )


def has_any(seller_ulids: list[str]) -> set[str]:
    """Which of these stores have, or had, goods on credit."""
    return set(CreditStock.objects.filter(seller_ulid__in=seller_ulids).values_list("seller_ulid", flat=True))


def row(seller_ulid: str, ulid: str) -> CreditStock:
    """One row of a store. Raises NotFound, for another store's too."""
    found = CreditStock.objects.filter(seller_ulid=seller_ulid, ulid=ulid).first()
    if found is None:
        raise NotFound
    return found


def moves(seller_ulid: str, *, limit: int = 50) -> list[CreditMove]:
    """What happened to a store's goods on credit, the newest first."""
    rows = CreditMove.objects.filter(stock__seller_ulid=seller_ulid).select_related("stock")
    return list(rows.order_by("-pk")[:limit])


def lendable() -> list[tuple[str, str]]:
    """(SKU ULID, what it is called and how many there are) of the mall's own goods on shelf, by name."""
    rows = Sku.objects.select_related("product").filter(
        is_active=True,
        stock__gt=0,
        product__seller_ulid="",
        product__kind=ProductKind.GOODS,
        product__status=ProductStatus.ON_SHELF,
    )
    return [
        (one.ulid, f"{one.product.title} {one.option_text}".strip() + f" ({one.stock})")
        for one in rows.order_by("product__title", "position")[:500]
    ]
