"""Addresses of sellers and of those who want to become one, below /seller."""

from django.urls import URLPattern, path

from tenant_apps.seller_portal import (
    views_apply,
    views_counts,
    views_desk,
    views_file,
    views_flash,
    views_goods,
    views_home,
    views_money,
    views_notices,
    views_offers,
    views_settings,
    views_shipping,
    views_staff,
    views_terms,
)

app_name = "portal"
urlpatterns: list[URLPattern] = [
    path("seller", views_home.home, name="home"),
    path("seller/apply", views_apply.apply, name="apply"),
    path("seller/apply/papers/<str:name>", views_apply.paper, name="apply_paper"),
    path("seller/<str:ulid>/desk", views_desk.desk, name="desk"),
    path("seller/<str:ulid>/orders", views_desk.orders, name="orders"),
    path("seller/<str:ulid>/orders/<str:order_ulid>", views_desk.order, name="order"),
    path("seller/<str:ulid>/shipping", views_shipping.shipping, name="shipping"),
    path("seller/<str:ulid>/shipping/file", views_shipping.shipping_file, name="shipping_file"),
    path("seller/<str:ulid>/shipping/list", views_shipping.packing, name="packing"),
    path("seller/<str:ulid>/offers", views_offers.offers, name="offers"),
    path("seller/<str:ulid>/notices", views_notices.notices, name="notices"),
    path("seller/<str:ulid>/cases", views_desk.cases, name="cases"),
    path("seller/<str:ulid>/cases/<str:case_ulid>", views_desk.case, name="case"),
    path("seller/<str:ulid>/cases/<str:case_ulid>/photo/<str:name>", views_desk.photo, name="case_photo"),
    path("seller/<str:ulid>/goods", views_desk.goods, name="goods"),
    path("seller/<str:ulid>/goods/list", views_counts.counts, name="counts"),
    path("seller/<str:ulid>/goods/list/file", views_counts.counts_file, name="counts_file"),
    path("seller/<str:ulid>/flash", views_flash.flash_sales, name="flash_sales"),
    path("seller/<str:ulid>/flash/new", views_flash.flash_new, name="flash_new"),
    path("seller/<str:ulid>/flash/<str:sale_ulid>/end", views_flash.flash_end, name="flash_end"),
    path("seller/<str:ulid>/products", views_goods.products, name="products"),
    path("seller/<str:ulid>/products/new", views_goods.product_new, name="product_new"),
    path("seller/<str:ulid>/products/<str:product_ulid>", views_goods.product, name="product"),
    path("seller/<str:ulid>/products/<str:product_ulid>/step", views_goods.product_step, name="product_step"),
    path("seller/<str:ulid>/products/<str:product_ulid>/times", views_goods.product_times, name="product_times"),
    path(
        "seller/<str:ulid>/products/<str:product_ulid>/pictures", views_goods.product_pictures, name="product_pictures"
    ),
    path("seller/<str:ulid>/settings", views_settings.settings, name="settings"),
    path("seller/<str:ulid>/staff", views_staff.staff, name="staff"),
    path("seller/<str:ulid>/money", views_money.money, name="money"),
    path("seller/<str:ulid>/terms", views_terms.own_terms, name="own_terms"),
    path("seller/<str:ulid>/income", views_money.income, name="income"),
    path("seller/<str:ulid>/statements/<str:statement_ulid>", views_money.statement, name="statement"),
    path("seller/statements/<str:ulid>", views_money.old_statement, name="old_statement"),
    path("seller/<str:ulid>/file", views_file.file, name="file"),
    path("seller/<str:ulid>/file/papers/<str:name>", views_file.paper, name="paper"),
]
