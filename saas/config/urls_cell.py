"""Everything a mall answers, below its own host."""

from django.urls import include, path

urlpatterns = [
    path("", include("tenant_apps.storefront.urls")),
]
