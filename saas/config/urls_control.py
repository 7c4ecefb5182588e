"""Everything the platform's own site answers: website, vendors' account, operators' console."""

from django.urls import include, path

from billing.pages import notify
from saas.console.site import site as console

urlpatterns = [
    path("auth/", include("saas.identity.urls")),
    path("", include("saas.messaging.notices.urls")),
    path("", include("saas.tenants.senders.urls")),
    path("notify/<slug:channel>/<str:token>", notify, name="billing_notify"),
    path("console/", console.urls),
    path("account/", include("saas.account.urls")),
    path("", include("saas.website.urls")),
]
