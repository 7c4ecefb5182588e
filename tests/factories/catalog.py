"""Makes products through the real services."""

import io
from datetime import datetime

from PIL import Image

from saas.kernel import clock
from tenant_apps.catalog import services
from tenant_apps.catalog.models import Product, Sku
from tenant_apps.catalog.rules import Option, ProductDraft, SkuDraft

ACTOR = "user:clerk"


def apple(**changes: object) -> ProductDraft:
    """Apples in two weights: 39.90 and 69.90 yuan."""
    values: dict[str, object] = {
        "title": "烟台红富士苹果",
        "subtitle": "脆甜多汁",
        "description_html": "<p>产地直发</p>",
        "options": (Option("规格", ("5斤", "10斤")),),
        "skus": (
            SkuDraft(("5斤",), 3990, supply_amount=2000, stock=100),
            SkuDraft(("10斤",), 6990, supply_amount=3500, stock=50),
        ),
    }
    return ProductDraft(**{**values, **changes})  # type: ignore[arg-type]


def shelved(draft: ProductDraft | None = None, *, now: datetime | None = None) -> Product:
    """A product on shelf."""
    now = now or clock.now()
    product = services.create_product(draft=draft or apple(), actor=ACTOR, now=now)
    return services.put_on_shelf(ulid=product.ulid, actor=ACTOR, now=now)


def single(title: str = "赣南脐橙", *, price: int = 1000, supply: int = 400, stock: int = 10) -> Sku:
    """A product on shelf with one SKU."""
    product = shelved(ProductDraft(title=title, skus=(SkuDraft((), price, supply_amount=supply, stock=stock),)))
    return Sku.objects.get(product=product)


def skus(product: Product) -> list[Sku]:
    """A product's SKUs in order."""
    return list(Sku.objects.filter(product=product).order_by("position"))


def picture(size: tuple[int, int] = (1200, 1200), kind: str = "JPEG", color: str = "tomato") -> bytes:
    """A plain picture as a file's content."""
    buffer = io.BytesIO()
    Image.new("RGB", size, color).save(buffer, format=kind)
    return buffer.getvalue()
