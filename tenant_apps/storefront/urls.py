"""Addresses of the storefront, below a mall's host."""

from django.urls import URLPattern, path

from tenant_apps.storefront import (
    views_aftersales,
    views_cart,
    views_checkout,
    views_goods,
    views_legal,
    views_media,
    views_orders,
    views_pay,
    views_standing,
)

app_name = "storefront"
urlpatterns: list[URLPattern] = [
    path("", views_goods.home, name="home"),
    path("c/", views_goods.category, name="categories"),
    path("c/<slug:slug>", views_goods.category, name="category"),
    path("z/gift_pack", views_standing.gift_packs, name="gift_packs"),
    path("z/<slug:key>", views_goods.zone, name="zone"),
    path("search", views_goods.search, name="search"),
    path("search/suggest", views_goods.suggest, name="suggest"),
    path("b/", views_goods.brand_list, name="brands"),
    path("b/<slug:slug>", views_goods.brand, name="brand"),
    path("p/<str:ulid>", views_goods.product, name="product"),
    path("cart", views_cart.cart, name="cart"),
    path("cart/add", views_cart.add, name="cart_add"),
    path("cart/change", views_cart.change, name="cart_change"),
    path("checkout", views_checkout.checkout, name="checkout"),
    path("checkout/areas", views_checkout.areas, name="checkout_areas"),
    path("pay/<str:ulid>", views_pay.pay, name="pay"),
    path("pay/<str:ulid>/start", views_pay.start, name="pay_start"),
    path("pay/<str:ulid>/state", views_pay.state, name="pay_state"),
    path("pay/<str:ulid>/check", views_pay.check, name="pay_check"),
    path("orders", views_orders.orders, name="orders"),
    path("orders/<str:ulid>", views_orders.order, name="order"),
    path("orders/<str:ulid>/cancel", views_orders.cancel, name="order_cancel"),
    path("orders/<str:ulid>/receive", views_orders.receive, name="order_receive"),
    path("orders/<str:ulid>/address", views_orders.address, name="order_address"),
    path("orders/<str:ulid>/refund", views_aftersales.ask, name="refund"),
    path("orders/<str:ulid>/cases/<str:refund_ulid>", views_aftersales.case, name="case"),
    path("orders/<str:ulid>/cases/<str:refund_ulid>/step", views_aftersales.step, name="case_step"),
    path("orders/<str:ulid>/cases/<str:refund_ulid>/photo/<str:name>", views_aftersales.photo, name="case_photo"),
    path("orders/<str:ulid>/refund/<str:refund_ulid>/withdraw", views_orders.withdraw_refund, name="refund_withdraw"),
    path("legal/<slug:kind>", views_legal.legal, name="legal"),
    path("language/<slug:code>", views_legal.language, name="language"),
    path("favicon.ico", views_legal.favicon, name="favicon"),
    path("<str:app>.webmanifest", views_legal.manifest, name="manifest"),
    path("preview", views_legal.preview_brand, name="preview_brand"),
    path("media/<path:path>", views_media.media, name="media"),
]
