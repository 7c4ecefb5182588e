"""Everything the platform's own site answers: website, vendors' account, operators' console."""

from django.urls import include, path

urlpatterns = [
    path("", include("saas.website.urls")),
]
