"""Addresses of regional agents: /regions."""

from django.urls import URLPattern, path

from tenant_apps.storefront import views_regions

app_name = "regions"
urlpatterns: list[URLPattern] = [
    path("regions", views_regions.apply, name="apply"),
    path("regions/desk", views_regions.desk, name="desk"),
    path("regions/desk/<str:ulid>", views_regions.contract, name="contract"),
    path("regions/<str:grade>/<str:code>", views_regions.recruit, name="recruit"),
]
