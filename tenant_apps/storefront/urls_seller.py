"""Addresses of a seller's own pages: /seller."""

from django.urls import URLPattern, path

from tenant_apps.storefront import views_coupons, views_pickup, views_subsidy

app_name = "seller"
urlpatterns: list[URLPattern] = [
    path("seller/pickup", views_pickup.pickup, name="pickup"),
    path("seller/<str:ulid>/vouchers", views_subsidy.voucher_terms, name="voucher_terms"),
    path("seller/<str:ulid>/coupons", views_coupons.shop, name="coupons"),
    path("seller/<str:ulid>/coupons/<str:coupon>/end", views_coupons.shop_end, name="coupon_end"),
]
