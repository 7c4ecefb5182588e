"""Pages of goods: home, categories, search, product. No session is touched, so that anonymous pages stay cheap."""

import dataclasses
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from saas.kernel.ahead import read_ahead
from saas.kernel.clock import now
from saas.kernel.errors import NotFound
from tenant_apps.care import selectors as care
from tenant_apps.catalog import selectors as catalog
from tenant_apps.catalog.rules import GIFT_PACK, SELF_OPERATED, ProductKind
from tenant_apps.design import selectors as design
from tenant_apps.modes import quoting
from tenant_apps.modes.coins_shown import CoinsShown, coins_shown
from tenant_apps.modes.gift_pack import selectors as packs
from tenant_apps.promotions import flash_pages
from tenant_apps.promotions import pages as promotions
from tenant_apps.promotions import selectors as offers
from tenant_apps.promotions.flash import FlashSale
from tenant_apps.promotions.models import Coupon
from tenant_apps.promotions.rules import CouponKind, Goods, covers
from tenant_apps.sellers import selectors as sellers
from tenant_apps.sellers.rules import SettlementKind
from tenant_apps.storefront import filters, hot_words, reviewing, zones

_MAX_PAGE = 500
SORTS = ("", "new", "price", "-price")


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Categories, the newest and the most bought."""
    read_ahead(quoting.CACHE_KEY, offers.CACHE_KEY, design.CACHE_KEY)
    popular, newest = catalog.list_cards(page_size=12).cards, catalog.list_cards(order="new", page_size=8).cards
    running = offers.by_itself(now=now())
    priced = flash_pages.on_cards(quoting.price_cards([*popular, *newest], now=now()), running)
    popular, newest = priced[: len(popular)], priced[len(popular) :]
    return render(
        request,
        "storefront/home.html",
        {
            "active_tab": "home",
            "categories": tuple(catalog.category_tree()),
            "popular": popular,
            "newest": newest,
            "flash": flash_pages.on_sale(running),
        },
    )


@require_safe
def category(request: HttpRequest, slug: str = "") -> HttpResponse:
    """One category (or everything), 20 products at a time; htmx asks for the further pages."""
    read_ahead(quoting.CACHE_KEY, offers.CACHE_KEY, design.CACHE_KEY, zones.KEY)
    nodes, brands = catalog.menus()
    categories = tuple(nodes)
    current, siblings = _place(categories, slug)
    if slug and current is None:
        raise NotFound
    return _list(
        request,
        {
            "active_tab": "category",
            "zones": () if current else tuple(zones.linked()),
            "categories": categories,
            "current": current,
            "siblings": siblings,
            "slug": slug,
            "heading": current.name if current else _("All goods"),
            "brands": tuple(brands),
        },
    )


@require_safe
def zone(request: HttpRequest, key: str) -> HttpResponse:
    """The products of a zone at its prices; the mall's own zone is the list of all goods."""
    found = catalog.zone(key)
    if found.key == SELF_OPERATED:
        raise NotFound
    rules = zones.rules_of(found.terms)
    return _list(request, {"zone": found.key, "heading": found.name, "slug": "", "zone_rules": rules})


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Products that hold every word of `q` in title, pinyin, brand, code or tags; without a word, what to look for."""
    query = " ".join(request.GET.get("q", "").split())[:40]
    if not query:
        categories, brands = catalog.menus()
        words = {"words": hot_words.hottest(), "categories": tuple(categories), "brands": brands}
        return render(request, "storefront/search.html", words)
    context: dict[str, object] = {"query": query, "heading": query, "slug": ""}
    answer = _list(request, context)
    found = context["found"]
    if isinstance(found, catalog.CardPage) and found.cards and found.number == 1:
        hot_words.note(query)
    return answer


@require_safe
def suggest(request: HttpRequest) -> HttpResponse:
    """Titles for the list below the search box while somebody types."""
    titles = catalog.suggestions(request.GET.get("q", "")[:40])
    return HttpResponse(format_html_join("", '<option value="{}"></option>', ((title,) for title in titles)))


@require_safe
def brand_list(request: HttpRequest) -> HttpResponse:
    """Every brand that has goods on shelf."""
    return render(request, "storefront/brands.html", {"brands": catalog.brands(), "active_tab": "category"})


@require_safe
def brand(request: HttpRequest, slug: str) -> HttpResponse:
    """The goods of one brand."""
    found = catalog.brand(slug)
    return _list(request, {"heading": found.name, "note": found.description, "slug": "", "brand_slug": found.slug})


def _list(request: HttpRequest, context: dict[str, object]) -> HttpResponse:
    order = request.GET.get("sort", "")
    order = order if order in SORTS else ""
    page = request.GET.get("page", "1")
    number = min(int(page), _MAX_PAGE) if page.isdecimal() else 1
    chosen = filters.chosen(request.GET)
    found = catalog.list_cards(
        zone=str(context.get("zone", SELF_OPERATED)),
        category_slug=str(context["slug"]),
        brand_slug=str(context.get("brand_slug", "")) or chosen.brand,
        query=str(context.get("query", "")),
        lowest_amount=chosen.lowest_amount,
        highest_amount=chosen.highest_amount,
        in_stock=chosen.in_stock,
        order=order,
        page=number,
    )
    parameters = request.GET.copy()
    for name in ("page", "sort"):
        parameters.pop(name, None)
    kept = parameters.urlencode()
    shown = flash_pages.on_cards(quoting.price_cards(found.cards, now=now()), offers.by_itself(now=now()))
    found = dataclasses.replace(found, cards=shown)
    following = f"?{kept}&sort={order}&page={found.next_number}" if order else f"?{kept}&page={found.next_number}"
    context |= {"found": found, "order": order, "more": following, "kept": kept, "chosen": chosen}
    if bool(request.htmx) and number > 1:  # type: ignore[attr-defined]
        return render(request, "storefront/cards.html", context)
    if "brand_slug" not in context and "brands" not in context:
        context["brands"] = tuple(catalog.brands())
    return render(request, "storefront/list.html", context)


def _place(
    categories: tuple[catalog.CategoryNode, ...], slug: str
) -> tuple[catalog.CategoryNode | None, tuple[catalog.CategoryNode, ...]]:
    """The category of a slug and what to offer beside it: its children, or its brothers and sisters."""
    for top in categories:
        if top.slug == slug:
            return top, top.children
        for child in top.children:
            if child.slug == slug:
                return child, top.children
    return None, ()


@require_safe
def product(request: HttpRequest, ulid: str) -> HttpResponse:
    """One product: pictures, options, price, stock, description."""
    read_ahead(quoting.CACHE_KEY, offers.CACHE_KEY, design.CACHE_KEY)
    found = catalog.product_page(ulid, zone=request.GET.get("zone", SELF_OPERATED)[:30])
    if not found.skus or found.kind != ProductKind.GOODS:
        raise NotFound
    prices = quoting.quote_offers(found.offers, buyer=quoting.NOBODY, now=now())
    found = dataclasses.replace(found, skus=[_with_price(sku, prices[sku.key]) for sku in found.skus])
    wanted = request.GET.get("sku", "")
    chosen = next((sku for sku in found.skus if sku.ulid == wanted), None)
    reviews = care.summary(ulid)
    chosen = chosen or next((sku for sku in found.skus if sku.stock > 0), found.skus[0])
    zone_facts = _zone(found.zone)
    running = offers.by_itself(now=now())
    least = zone_facts["least"] if zone_facts else 1
    return render(
        request,
        "storefront/product.html",
        {
            "product": found,
            "chosen": chosen,
            "seller": sellers.seller(found.seller_ulid) if found.seller_ulid else None,
            "pack": _pack(chosen, found.zone),
            "zone": zone_facts,
            "reductions": _reductions(found, running),
            "coins": _coins(found, earns=zone_facts is None or zone_facts["view"].terms.earns),
            "flash": _flash(found, running),
            "tiered": [sku for sku in found.skus if sku.terms.tiers],
            "cover": found.pictures[0].key if found.pictures else "",
            "sold": found.sold,
            "only": found.skus[0].key if len(found.skus) == 1 and not found.skus[0].option_text else "",
            "in_stock": chosen.stock,
            "any_stock": found.stock > 0,
            "seller_sells": found.seller_sells,
            "has_member_price": any(sku.member_price_amount for sku in found.skus),
            "quantity": max(_quantity(request.GET.get("qty", "1")), least),
            "reviews": reviews,
            "newest_reviews": reviewing.shown(reviews.newest),
            "asks": settings.SESSION_COOKIE_NAME
            in request.COOKIES,  # somebody who may be a member: his own buttons follow
            "share_url": request.build_absolute_uri(request.path),
        },
    )


def _coins(found: catalog.ProductView, *, earns: bool) -> list[tuple[str, CoinsShown]]:
    """By the SKU's key, the coins that a piece gives, and those that may pay of it."""
    shown = [(offer.key, coins_shown(offer, offer.price_amount, earns=earns, now=now())) for offer in found.offers]
    return [(key, one) for key, one in shown if one]


def _flash(found: catalog.ProductView, rows: list[Coupon]) -> list[tuple[FlashSale, int]]:
    """Running flash sales of this product's SKUs here, each with what can still be had of it."""
    running = offers.flash_sales(rows)
    return [(running[sku.key], min(running[sku.key].left, sku.stock)) for sku in found.skus if sku.key in running]


def _reductions(found: catalog.ProductView, rows: list[Coupon]) -> list[promotions.Row]:
    """Full reductions that this product counts for."""
    running = [row for row in rows if row.kind == CouponKind.STEPS]
    if not running:
        return []
    terms = sellers.terms([found.seller_ulid], now=now()).get(found.seller_ulid) if found.seller_ulid else None
    goods = Goods(
        key="",
        product_ulid=found.ulid,
        zone=found.zone,
        level_amount=0,
        seller_ulid=found.seller_ulid,
        categories=found.categories,
        cut_by_seller=terms is None or terms.settlement != SettlementKind.SUPPLIER,
    )
    return promotions.rows_of([row for row in running if covers(offers.as_reduction(row), goods)], now=now())


def _zone(key: str) -> dict[str, Any] | None:
    """The zone of a product's page and its rules, where it is one of the mall's making."""
    if key in (SELF_OPERATED, GIFT_PACK):
        return None
    found = catalog.zone(key)
    return {"view": found, "rules": zones.rules_of(found.terms), "least": found.terms.least_qty}


def _pack(chosen: catalog.SkuView | None, place: str) -> dict[str, object] | None:
    """What a gift pack's page says besides: contents and grant."""
    row = packs.packs_in_force([chosen.ulid], at=now()).get(chosen.ulid) if chosen and place == GIFT_PACK else None
    return {"row": row, "grants": packs.grants_text(row)} if row else None


def _with_price(sku: catalog.SkuView, price: quoting.OfferQuote) -> catalog.SkuView:
    return dataclasses.replace(sku, member_price_amount=price.partner_amount if price.saving_amount else 0)


def _quantity(text: str) -> int:
    return min(max(int(text), 1), 999) if text.isdecimal() else 1
