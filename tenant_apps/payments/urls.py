"""The payments' own addresses in a mall; the pay page itself is the storefront's."""

from django.urls import path

from tenant_apps.payments import pages

app_name = "payments"
urlpatterns = [
    path("notify/<slug:channel>/<str:token>", pages.notify, name="notify"),
    path("wechat/openid", pages.wechat_login, name="wechat_login"),
    path("wechat/oauth", pages.wechat_callback, name="wechat_callback"),
]
