"""Addresses of the console, below /backoffice/. Every one goes through the site's door (admin_view)."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.urls import URLPattern, path

from tenant_apps.backoffice import (
    views_ads,
    views_audit,
    views_awards,
    views_backtest,
    views_brand,
    views_channel,
    views_compliance,
    views_goods,
    views_home,
    views_launch,
    views_members,
    views_modes,
    views_money,
    views_orders,
    views_presets,
    views_preview,
    views_projection,
    views_ranks,
    views_regions,
    views_sellers,
    views_settings,
    views_staff,
    views_statements,
    views_two_persons,
    views_withdrawals,
)
from tenant_apps.backoffice.site import site

app_name = "admin"  # unfold's templates speak of `admin:`; this instance is `backoffice` (urls_cell)


def _page(route: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
    return path(route, site.admin_view(view), name=name)


def _logout(*args: Any, **kwargs: Any) -> HttpResponse:
    """Signing out writes the session: one transaction, as the cell demands."""
    with transaction.atomic():
        answer: HttpResponse = site.logout(*args, **kwargs)
    return answer


urlpatterns = [
    _page("", views_home.index, "index"),
    _page("goods/", views_goods.goods, "goods"),
    _page("goods/new", views_goods.product_new, "product_new"),
    _page("goods/<str:ulid>", views_goods.product, "product"),
    _page("goods/<str:ulid>/shelf", views_goods.product_shelf, "product_shelf"),
    _page("goods/<str:ulid>/zone", views_ranks.product_zone, "product_zone"),
    _page("goods/<str:ulid>/stock", views_goods.product_stock, "product_stock"),
    _page("goods/<str:ulid>/images", views_goods.product_images, "product_images"),
    _page("categories/", views_goods.category_list, "categories"),
    _page("orders/", views_orders.orders, "orders"),
    _page("orders/<str:ulid>", views_orders.order, "order"),
    _page("orders/<str:ulid>/ship", views_orders.ship, "order_ship"),
    _page("orders/<str:ulid>/cancel", views_orders.cancel, "order_cancel"),
    _page("orders/<str:ulid>/refund", views_orders.refund_order, "order_refund"),
    _page("refunds/", views_orders.refunds, "refunds"),
    _page("refunds/<str:ulid>", views_orders.refund, "refund"),
    _page("refunds/<str:ulid>/decide", views_orders.decide_refund, "refund_decide"),
    _page("sellers/", views_sellers.sellers, "sellers"),
    _page("sellers/new", views_sellers.seller_new, "seller_new"),
    _page("sellers/licence", views_sellers.edi_licence, "edi_licence"),
    _page("sellers/<str:ulid>", views_sellers.seller, "seller"),
    _page("sellers/<str:ulid>/step", views_sellers.seller_step, "seller_step"),
    _page("statements/", views_statements.statements, "statements"),
    _page("statements/<str:ulid>", views_statements.statement, "seller_statement"),
    _page("statements/<str:ulid>/file", views_statements.statement_file, "seller_statement_file"),
    _page("statements/<str:ulid>/decide", views_statements.statement_decide, "seller_statement_decide"),
    _page("members/", views_members.members, "members"),
    _page("members/<str:ulid>", views_members.member, "member"),
    _page("members/<str:ulid>/store", views_members.change_store, "member_store"),
    _page("members/<str:ulid>/referrer", views_members.change_referrer, "member_referrer"),
    _page("members/<str:ulid>/ranks", views_ranks.grant_rank, "member_rank"),
    _page("members/<str:ulid>/ranks/<str:grant_ulid>/withdraw", views_ranks.withdraw_rank, "member_rank_withdraw"),
    _page("partners/", views_ranks.partner_list, "partners"),
    _page("partners/offer", views_ranks.offer_membership, "partner_offer"),
    _page("packs/", views_ranks.pack_list, "packs"),
    _page("ads/", views_ads.ads, "ads"),
    _page("ads/money", views_ads.ad_money, "ad_money"),
    _page("ads/<str:ulid>/stop", views_ads.stop_ad, "ad_stop"),
    _page("members/<str:ulid>/promoter", views_members.decide_promoter, "member_promoter"),
    _page("modes/", views_modes.modes, "modes"),
    _page("modes/<slug:mode>/switch", views_modes.switch, "mode_switch"),
    _page("presets/", views_presets.preset_list, "presets"),
    _page("presets/save", views_presets.save, "preset_save"),
    _page("presets/<str:key>/use", views_presets.use, "preset_use"),
    _page("presets/<str:key>/delete", views_presets.delete, "preset_delete"),
    _page("backtest/", views_backtest.backtest_page, "backtest"),
    _page("preview/", views_preview.preview_page, "preview"),
    _page("preview/products", views_preview.preview_products, "preview_products"),
    _page("projection/", views_projection.projection_page, "projection"),
    _page("projection/file", views_projection.projection_file, "projection_file"),
    _page("projection/keep", views_projection.projection_keep, "projection_keep"),
    _page("pick/<slug:kind>", views_preview.pick, "pick"),
    _page("settings/<slug:mode>/", views_settings.settings, "settings"),
    _page("settings/<slug:mode>/history", views_settings.history, "settings_history"),
    _page("settings/<slug:mode>/follow", views_settings.follow, "settings_follow"),
    _page("settings/<slug:mode>/discard", views_settings.discard, "settings_discard"),
    _page("settings/<slug:mode>/<str:ulid>/again", views_settings.roll_back, "settings_roll_back"),
    _page("withdrawals/", views_withdrawals.withdrawals, "withdrawals"),
    _page("withdrawals/<str:ulid>", views_withdrawals.withdrawal, "withdrawal"),
    _page("withdrawals/<str:ulid>/payee", views_withdrawals.payee, "withdrawal_payee"),
    _page("withdrawals/<str:ulid>/decide", views_withdrawals.decide, "withdrawal_decide"),
    _page("awards/", views_awards.awards, "awards"),
    _page("awards/file", views_awards.awards_file, "awards_file"),
    _page("awards/<str:ulid>", views_awards.award, "award"),
    _page("orders/<str:ulid>/shares", views_awards.shares, "shares"),
    _page("house/", views_awards.house, "house"),
    _page("debts/", views_awards.debts, "debts"),
    _page("money/document", views_awards.document, "document"),
    _page("prepared/", views_two_persons.prepared_list, "prepared_list"),
    _page("prepared/<str:ulid>", views_two_persons.prepared, "prepared"),
    _page("prepared/<str:ulid>/decide", views_two_persons.prepared_decide, "prepared_decide"),
    _page("compliance/", views_compliance.overview, "compliance"),
    _page("compliance/<str:ulid>/note", views_compliance.note, "compliance_note"),
    _page("regions/", views_regions.regions, "regions"),
    _page("regions/open", views_regions.open_area, "region_open"),
    _page("regions/areas/<str:ulid>", views_regions.region, "region"),
    _page("regions/contracts/<str:ulid>", views_regions.contract, "contract"),
    _page("money/", views_money.money, "money"),
    _page("money/statement", views_money.statement, "statement"),
    _page("channel/", views_channel.channel, "channel"),
    _page("channel/sandbox", views_channel.sandbox, "channel_sandbox"),
    _page("channel/<slug:purpose>/check", views_channel.check, "channel_check"),
    _page("brand/", views_brand.brand, "brand"),
    _page("brand/step", views_brand.brand_step, "brand_step"),
    _page("launch/", views_launch.opening, "launch"),
    _page("launch/publish", views_launch.publish, "publish"),
    _page("staff/", views_staff.staff, "staff"),
    _page("staff/<str:public_id>/roles", views_staff.change_roles, "staff_roles"),
    _page("invitations/<str:ulid>/revoke", views_staff.revoke_invitation, "invitation_revoke"),
    _page("audit/", views_audit.audit, "audit"),
    path("login/", site.login, name="login"),
    path("logout/", _logout, name="logout"),
    _page("search/", site.search, "search"),
]
