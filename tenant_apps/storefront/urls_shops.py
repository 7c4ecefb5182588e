"""Addresses of sellers' shops as shoppers see them: /s."""

from django.urls import URLPattern, path

from tenant_apps.storefront import views_shops

app_name = "shops"
urlpatterns: list[URLPattern] = [
    path("s/", views_shops.shops, name="list"),
    path("s/<slug:code>", views_shops.shop, name="shop"),
    path("s/<slug:code>/licence", views_shops.licence, name="licence"),
    path("s/<slug:code>/report", views_shops.report, name="report"),
]
