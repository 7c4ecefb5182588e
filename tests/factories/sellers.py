"""Sellers and their goods, by the real services."""

import datetime as dt

from saas.kernel import clock
from tenant_apps.catalog import services as catalog
from tenant_apps.catalog.models import Sku
from tenant_apps.catalog.rules import ProductDraft, SkuDraft
from tenant_apps.sellers import selectors, services
from tenant_apps.sellers.models import Seller
from tenant_apps.sellers.rules import DEFAULT_RATES, SellerDraft, SellerKind, SettlementKind

CLERK = "user:clerk"


def draft(**changes: object) -> SellerDraft:
    """A merchant who pays 5 % commission."""
    settlement = SettlementKind(changes.pop("settlement", SettlementKind.COMMISSION))  # type: ignore[arg-type]
    values: dict[str, object] = {
        "kind": SellerKind.MERCHANT,
        "name": "西湖茶行",
        "settlement": settlement,
        "rate_ppm": DEFAULT_RATES[settlement],
        "licence_name": "杭州西湖茶行有限公司",
        "licence_number": "91330100MA27XYZ123",
    }
    return SellerDraft(**{**values, **changes})  # type: ignore[arg-type]


def opened(*, now: dt.datetime | None = None, licensed: bool = True, **changes: object) -> Seller:
    """A seller who sells; with `licensed` a live mall has its EDI licence on file."""
    now = now or clock.now()
    if licensed and not selectors.may_host_sellers(now=now):
        services.file_edi_licence(number="EDI-440100", valid_until=None, actor=CLERK, now=now)
    made = services.create_seller(draft=draft(**changes), actor=CLERK, now=now)
    return services.open_seller(ulid=made.ulid, actor=CLERK, now=now)


def store(*, now: dt.datetime | None = None, **changes: object) -> Seller:
    """A store that sells, in Guangzhou's Tianhe district."""
    values: dict[str, object] = {"kind": SellerKind.STORE, "name": "天河服务点", "area_code": "440106"}
    return opened(now=now, **{**values, **changes})


def goods(
    seller: Seller | None,
    *,
    price: int = 10000,
    supply: int | None = None,
    title: str = "龙井",
    stock: int = 100,
    now: dt.datetime | None = None,
) -> Sku:
    """One SKU of a seller on shelf; without a seller the mall's own."""
    now = now or clock.now()
    made = services.create_product(
        draft=ProductDraft(
            title=title,
            skus=(SkuDraft((), price, supply_amount=supply, stock=stock),),
            seller_ulid=seller.ulid if seller else "",
        ),
        actor=CLERK,
        now=now,
    )
    catalog.put_on_shelf(ulid=made.ulid, actor=CLERK, now=now)
    return Sku.objects.get(product=made)
