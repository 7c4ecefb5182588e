"""Addresses of a seller's own pages: /seller."""

from django.urls import URLPattern, path

from tenant_apps.storefront import views_seller

app_name = "seller"
urlpatterns: list[URLPattern] = [
    path("seller", views_seller.seller, name="seller"),
    path("seller/statements/<str:ulid>", views_seller.statement, name="statement"),
]
