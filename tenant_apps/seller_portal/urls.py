"""Addresses of sellers and of those who want to become one, below /seller."""

from django.urls import URLPattern, path

from tenant_apps.seller_portal import views_apply, views_file

app_name = "portal"
urlpatterns: list[URLPattern] = [
    path("seller/apply", views_apply.apply, name="apply"),
    path("seller/apply/papers/<str:name>", views_apply.paper, name="apply_paper"),
    path("seller/<str:ulid>/file", views_file.file, name="file"),
    path("seller/<str:ulid>/file/papers/<str:name>", views_file.paper, name="paper"),
]
