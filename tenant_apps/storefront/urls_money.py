"""Addresses of a member's money: /wallet, /withdraw."""

from django.urls import URLPattern, path

from tenant_apps.storefront import views_coins, views_coupons, views_money, views_subsidy

app_name = "money"
urlpatterns: list[URLPattern] = [
    path("wallet", views_money.wallet, name="wallet"),
    path("wallet/award/<str:ulid>", views_money.award, name="award"),
    path("wallet/sale/<str:ulid>", views_money.sale, name="sale"),
    path("wallet/statement", views_money.statement, name="statement"),
    path("vouchers", views_subsidy.vouchers, name="vouchers"),
    path("vouchers/notices", views_subsidy.notices, name="voucher_notices"),
    path("coins", views_coins.coins, name="coins"),
    path("coupons", views_coupons.coupons, name="coupons"),
    path("coupons/<str:ulid>/take", views_coupons.take, name="coupon_take"),
    path("withdraw", views_money.withdraw, name="withdraw"),
    path("withdraw/<str:ulid>/cancel", views_money.cancel, name="cancel"),
]
