"""Addresses of the storefront, below a mall's host."""

from django.urls import URLPattern, path

from tenant_apps.storefront import views_legal

app_name = "storefront"
urlpatterns: list[URLPattern] = [
    path("legal/<slug:kind>", views_legal.legal, name="legal"),
    path("language/<slug:code>", views_legal.language, name="language"),
    path("preview", views_legal.preview_brand, name="preview_brand"),
]
