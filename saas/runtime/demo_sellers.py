"""The demo's second seed: a merchant and a store with goods of their own, a visit card, a coupon and a full reduction.

As demo_seed: by the real services, the same each time, what is there already is left alone.
"""

import datetime as dt
from typing import Any

from saas.runtime.demo_goods import catalog as goods
from saas.runtime.demo_goods import pictures
from saas.runtime.demo_goods.shops import SHOPS, Shop
from saas.runtime.demo_seed import ACTOR, OPENED_DAYS_AGO, Tell, ensure_member
from tenant_apps.catalog import services as catalog
from tenant_apps.catalog.models import Product
from tenant_apps.counter.rules.cards import CardDraft, CardKind
from tenant_apps.counter.services import cards_offering, stores
from tenant_apps.promotions import services as promotions
from tenant_apps.promotions.models import Coupon
from tenant_apps.promotions.rules import CouponDraft, CouponKind
from tenant_apps.sellers import services as sellers
from tenant_apps.sellers.models import Seller
from tenant_apps.sellers.rules import SellerDraft, SettlementKind

_CARD_TERMS = "购卡后即可预约，到店出示券码核销一次；未使用的次数随时可退，按次折算。本卡仅限本店使用，不可转让。"


def seed(*, kind: str, password: str, now: dt.datetime, tell: Tell, **_: Any) -> dict[str, Any]:
    """Add sellers and promotions to the active mall. Returns the owners' logins."""
    for shop in SHOPS[kind]:
        _shop(kind, shop, password, now)
        tell(shop.name)
    _promotions(now)
    owners = [shop.owner for shop in SHOPS[kind]]
    return {"logins": [{"what": one.shown, "login": one.phone, "password": password} for one in owners]}


def _shop(kind: str, shop: Shop, password: str, now: dt.datetime) -> None:
    joined = now - dt.timedelta(days=OPENED_DAYS_AGO)
    owner = ensure_member(shop.owner, {}, password, joined)
    row = Seller.objects.filter(name=shop.name).first()
    if row is None:
        draft = SellerDraft(
            kind=shop.kind,
            name=shop.name,
            settlement=SettlementKind.COMMISSION,
            rate_ppm=shop.rate_ppm,
            owner=owner.ulid,
            area_code=shop.area_code,
            licence_name=shop.licence_name,
            licence_number=shop.licence_number,
        )
        row = sellers.create_seller(draft=draft, actor=ACTOR, now=joined)
        sellers.open_seller(ulid=row.ulid, actor=ACTOR, now=joined)
    for item in goods.parse_rows(kind, shop.products, seller_ulid=row.ulid):
        if not Product.objects.filter(title=item.draft.title).exists():
            product = sellers.create_product(draft=item.draft, actor=ACTOR, now=joined)
            drawn = pictures.draw(kind, item.shape, item.hue, item.draft.title, item.draft.subtitle)
            catalog.add_image(
                product_ulid=product.ulid, content=drawn, content_type="image/jpeg", actor=ACTOR, now=joined
            )
            catalog.put_on_shelf(ulid=product.ulid, actor=ACTOR, now=joined)
    if shop.store is not None and not Product.objects.filter(title=shop.store.card).exists():
        _store(shop, row, joined)


def _store(shop: Shop, row: Seller, now: dt.datetime) -> None:
    facts = shop.store
    assert facts is not None
    draft = stores.StoreDraft(intro=facts.intro, week=facts.week, services=facts.services)
    stores.describe_store(seller_ulid=row.ulid, draft=draft, actor=ACTOR, now=now)
    sellers.set_handover(ulid=row.ulid, terms=facts.place, actor=ACTOR, now=now)
    card = CardDraft(
        kind=CardKind.VISIT,
        seller_ulid=row.ulid,
        title=facts.card,
        price_amount=facts.card_amount,
        text=_CARD_TERMS,
        visits=facts.visits,
        valid_days=365,
    )
    cards_offering.offer_card(draft=card, actor=ACTOR, now=now)


def _promotions(now: dt.datetime) -> None:
    ends = now + dt.timedelta(days=90)
    for draft in (
        CouponDraft(
            title="满100减10", amount=1_000, threshold_amount=10_000, starts_at=now, ends_at=ends, total_qty=1_000
        ),
        CouponDraft(
            title="满199减15，满399减40",
            kind=CouponKind.STEPS,
            steps=((19_900, 1_500), (39_900, 4_000)),
            starts_at=now,
            ends_at=ends,
        ),
    ):
        if not Coupon.objects.filter(title=draft.title).exists():
            promotions.make_coupon(draft=draft, actor=ACTOR, now=now)
