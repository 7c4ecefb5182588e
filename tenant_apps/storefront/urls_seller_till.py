"""Addresses of a till for whoever keeps it."""

from django.urls import URLPattern, path

from tenant_apps.storefront import views_seller_till

app_name = "seller_till"
urlpatterns: list[URLPattern] = [
    path("seller/<str:ulid>/till", views_seller_till.till, name="till"),
    path("seller/<str:ulid>/till/poster", views_seller_till.poster, name="poster"),
    path("seller/<str:ulid>/till/charges/<str:charge_ulid>", views_seller_till.charge, name="charge"),
    path("seller/<str:ulid>/till/charges/<str:charge_ulid>/withdraw", views_seller_till.withdraw, name="withdraw"),
    path("seller/<str:ulid>/till/sales/<str:order>", views_seller_till.sale, name="sale"),
]
