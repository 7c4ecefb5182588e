"""Addresses of stores as places: /stores, and of their owners' pages."""

from django.urls import URLPattern, path

from tenant_apps.storefront import views_credit, views_errands, views_stores

app_name = "stores"
urlpatterns: list[URLPattern] = [
    path("stores", views_stores.stores, name="list"),
    path("stores/<str:code>", views_stores.store, name="store"),
    path("seller/<str:ulid>/errands", views_errands.errands, name="errands"),
    path("seller/<str:ulid>/errands/<str:order_ulid>", views_errands.errand, name="errand"),
    path("seller/<str:ulid>/stock", views_credit.stock, name="stock"),
    path("seller/<str:ulid>/store", views_stores.own, name="own"),
]
