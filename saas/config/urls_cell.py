"""Everything a mall answers, below its own host."""

from django.urls import include, path

from saas.config.api import api
from saas.tenants.malls.downloads import export

urlpatterns = [
    path("", include("tenant_apps.storefront.urls")),  # first: what shoppers ask for is found after the fewest tries
    path("api/", api.urls),
    path("_export/<str:token>", export, name="export_file"),
    path("auth/", include("saas.identity.urls")),
    path("backoffice/", include("tenant_apps.backoffice.urls", namespace="backoffice")),
    path("enter/", include("saas.identity.urls_enter")),
    path("", include("saas.messaging.notices.urls")),
    path("", include("saas.tenants.senders.urls")),
    path("", include("tenant_apps.payments.urls")),
    path("", include("tenant_apps.courier.urls")),
    path("", include("tenant_apps.storefront.urls_people")),
    path("", include("tenant_apps.storefront.urls_money")),
    path("", include("tenant_apps.seller_portal.urls")),
    path("", include("tenant_apps.storefront.urls_cards")),
    path("", include("tenant_apps.storefront.urls_seller")),
    path("", include("tenant_apps.storefront.urls_stores")),
    path("", include("tenant_apps.storefront.urls_shops")),
    path("", include("tenant_apps.storefront.urls_till")),
    path("", include("tenant_apps.storefront.urls_seller_till")),
    path("", include("tenant_apps.storefront.urls_regions")),
    path("", include("tenant_apps.storefront.urls_care")),
]
