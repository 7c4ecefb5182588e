"""Addresses of the storefront, below a mall's host."""

from django.urls import URLPattern, path

from tenant_apps.storefront import views_goods, views_legal, views_media

app_name = "storefront"
urlpatterns: list[URLPattern] = [
    path("", views_goods.home, name="home"),
    path("c/", views_goods.category, name="categories"),
    path("c/<slug:slug>", views_goods.category, name="category"),
    path("search", views_goods.search, name="search"),
    path("p/<str:ulid>", views_goods.product, name="product"),
    path("legal/<slug:kind>", views_legal.legal, name="legal"),
    path("language/<slug:code>", views_legal.language, name="language"),
    path("preview", views_legal.preview_brand, name="preview_brand"),
    path("media/<path:path>", views_media.media, name="media"),
]
