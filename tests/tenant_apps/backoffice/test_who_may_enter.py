"""Every page of the console: open to the roles it is for, closed to all others."""

import pytest
from django.urls import get_resolver, reverse

from saas.identity.models import AuditRecord
from tenant_apps.backoffice import urls
from tests.factories import catalog, orders
from tests.factories.browser import MallClient
from tests.factories.people import make_member
from tests.tenant_apps.backoffice.conftest import signed_in

# page → the roles that see it beside the owner
PAGES = {
    "index": {"finance", "goods", "clerk"},
    "goods": {"goods"},
    "listings": {"goods"},
    "product_new": {"goods"},
    "categories": {"goods"},
    "brands": {"goods"},
    "jobs": {"goods"},
    "bulk_edit": {"goods"},
    "orders": {"clerk", "finance"},
    "refunds": {"clerk"},
    "cases": {"clerk"},
    "reviews": {"clerk"},
    "talks": {"clerk"},
    "desk": {"clerk"},
    "buyer_invoices": {"clerk", "finance"},
    "pickups": {"clerk"},
    "errands": {"clerk", "finance"},
    "courier_account": set(),
    "tracker": set(),
    "shipping": {"clerk"},
    "shipping_file": {"clerk"},
    "packing": {"clerk"},
    "coupons": {"finance", "goods"},
    "store_cards": {"finance", "clerk"},
    "bookings": {"clerk"},
    "card_redeem": {"clerk"},
    "card_offers": {"finance", "goods"},
    "card_offer_new": {"finance", "goods"},
    "coupon_new": {"finance"},
    "flash_sales": {"finance", "goods"},
    "flash_sale_new": {"finance"},
    "freight": {"finance", "goods"},
    "freight_new": {"finance"},
    "members": {"clerk", "finance"},
    "settings/distribution": {"finance"},
    "settings/settlement": {"finance"},
    "settings/orders": {"finance"},
    "withdrawals": {"finance"},
    "money": {"finance"},
    "statement": {"finance"},
    "channel": {"finance"},
    "senders": set(),
    "sender/aliyun": set(),
    "notices": {"clerk"},
    "brand": set(),
    "launch": set(),
    "staff": set(),
    "rehearsal": set(),
    "audit": {"finance"},
    "platform": {"finance", "goods", "clerk"},
    "regions": {"finance", "clerk"},
    "compliance": set(),
    "prepared_list": {"finance"},
    "dossier": set(),
    "partners": {"finance"},
    "packs": {"goods"},
    "zones": {"goods"},
    "ads": {"goods", "finance"},
    "ad_money": {"finance"},
    "preview": {"finance"},
    "awards": {"finance"},
    "house": {"finance"},
    "debts": {"finance"},
    "awards_file": {"finance"},
    "modes": {"finance"},
    "presets": {"finance"},
    "preview_products": {"finance"},
    "backtest": {"finance"},
    "projection": {"finance"},
    "projection_file": {"finance"},
    "pool": {"finance"},
    "pool_periods": {"finance"},
    "pool_cohorts": {"finance"},
    "pick/sku": {"finance"},
    "settings_history/distribution": {"finance"},
    "sellers": {"finance", "goods"},
    "applications": {"finance", "goods"},
    "document": {"finance"},
    "seller_new": {"finance"},
    "tills": {"finance"},
    "statements": {"finance"},
}
POSTS = {
    "ad_stop": ["X"],
    "product_shelf": ["X"],
    "product_schedule": ["X"],
    "product_purge": ["X"],
    "job_step": ["X"],
    "product_stock": ["X"],
    "product_images": ["X"],
    "upload": [],
    "order_ship": ["X"],
    "order_track": ["X", "Y"],
    "order_follow": ["X", "Y"],
    "freight_delete": ["X"],
    "coupon_end": ["X"],
    "flash_sale_end": ["X"],
    "card_offer_withdraw": ["X"],
    "booking_cancel": ["X"],
    "store_stock_step": ["X"],
    "seller_handover": ["X"],
    "order_courier": ["X"],
    "order_address": ["X"],
    "order_cancel": ["X"],
    "order_refund": ["X"],
    "refund_decide": ["X"],
    "case_step": ["X"],
    "review_step": ["X"],
    "talk_step": ["X"],
    "buyer_invoice_step": ["X"],
    "member_referrer": ["X"],
    "member_promoter": ["X"],
    "settings_roll_back": ["distribution", "X"],
    "withdrawal_payee": ["X"],
    "withdrawal_decide": ["X"],
    "channel_sandbox": [],
    "channel_check": ["live"],
    "senders_do": ["check", "sms"],
    "brand_step": [],
    "publish": [],
    "launch_confirm": ["X"],
    "rehearsal_clock": [],
    "rehearsal_people": [],
    "rehearsal_job": ["X", "stop"],
    "rehearsal_enter": ["X"],
    "staff_roles": ["X"],
    "support_end": ["X"],
    "invitation_revoke": ["X"],
    "region_open": [],
    "compliance_note": ["X"],
    "prepared_decide": ["X"],
    "partner_offer": [],
    "member_rank": ["X"],
    "member_rank_withdraw": ["X", "Y"],
    "member_store": ["X"],
    "mode_switch": ["distribution"],
    "projection_keep": [],
    "pool_run": [],
    "pool_prepare": [],
    "pool_decide": ["X"],
    "preset_use": ["X"],
    "preset_save": [],
    "preset_delete": ["X"],
    "product_zone": ["X"],
    "seller_step": ["X"],
    "application_step": ["X"],
    "listing_step": ["X"],
    "seller_statement_decide": ["X"],
    "settings_discard": ["distribution"],
    "settings_follow": ["distribution"],
    "edi_licence": [],
}
DETAILS = {
    "store_card",
    "booking_plan",
    "card_offer",
    "pool_period",
    "prepared",
    "product",
    "order",
    "freight_template",
    "refund",
    "case_photo",
    "talk",
    "talk_photo",
    "buyer_invoice_file",
    "member",
    "withdrawal",
    "settings",
    "region",
    "contract",
    "award",
    "shares",
    "seller",
    "application",
    "listing",
    "application_paper",
    "seller_paper",
    "seller_statement",
    "store",
    "store_stock",
    "seller_statement_file",
    "job",
    "job_file",
    "announcement_read",
}
FRAME = {"login", "logout", "search"}


def address(page):
    name, _slash, mode = page.partition("/")
    return reverse(f"backoffice:{name}", args=[mode] if mode else [])


def test_no_page_is_left_out_here():
    names = {pattern.name for pattern in urls.urlpatterns}
    assert names == {page.partition("/")[0] for page in PAGES} | set(POSTS) | DETAILS | FRAME
    assert get_resolver().reverse_dict is not None


# All pages in one test: making the staff of a mall costs more than what they are refused.
def test_pages_open_for_their_roles_and_no_others(owner, finance, goods, clerk):
    for page, roles in PAGES.items():
        assert owner.get(address(page)).status_code == 200, page
        for role, browser in (("finance", finance), ("goods", goods), ("clerk", clerk)):
            assert browser.get(address(page)).status_code == (200 if role in roles else 403), (page, role)


def test_pages_are_closed_to_members_strangers_and_the_other_malls_staff(request, grocery, shopper, owner):
    for page in PAGES:
        answer = MallClient().get(address(page))
        assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/backoffice/login/"), page
        onward = MallClient().get(answer["Location"])
        assert (onward.status_code, onward["Location"]) == (302, f"/auth/code/?next={address(page)}"), page
        assert shopper.get(address(page), follow=True).status_code == 403, page
    foreign = MallClient("beauty.localhost")
    request.getfixturevalue("beauty")
    for page in PAGES:
        foreign.cookies = owner.cookies.copy()
        assert foreign.get(address(page)).status_code == 302, page


def test_writing_is_refused_to_whoever_may_not_see_the_page(grocery, shopper):
    before = AuditRecord.objects.count()
    nobody = signed_in(make_member().user)
    for name, arguments in POSTS.items():
        url = reverse(f"backoffice:{name}", args=arguments)
        assert shopper.post(url, follow=True).status_code == 403, name
        assert nobody.get(url, follow=True).status_code == 403, name
    assert AuditRecord.objects.count() == before


CLERKS = (
    "booking",
    "order",
    "refund",
    "case",
    "member",
    "review",
    "buyer_invoice",
    "talk",
)  # what a clerk may do, and goods may not


def test_writing_is_refused_to_the_wrong_role(goods, clerk):
    for name, arguments in POSTS.items():
        browser = goods if name.startswith(CLERKS) else clerk
        assert browser.post(reverse(f"backoffice:{name}", args=arguments)).status_code == 403, name


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_details_open(owner, language):
    sku = catalog.single()
    member = make_member(name="王小明", referrer=make_member(name="李四", promoter=True))
    order = orders.paid(member, (sku, 2))
    opened = {"product": sku.product.ulid, "order": order.ulid, "order_address": order.ulid, "member": member.ulid}
    for name, ulid in opened.items():
        answer = owner.get(reverse(f"backoffice:{name}", args=[ulid]), HTTP_ACCEPT_LANGUAGE=language)
        assert answer.status_code == 200, name
        assert owner.get(reverse(f"backoffice:{name}", args=["01UNKNOWN"])).status_code == 404, name


def test_pages_allow_scripts_of_the_frame_only_here(owner):
    policy = owner.get("/backoffice/")["Content-Security-Policy"]
    assert "'unsafe-eval'" in policy
    assert "'unsafe-eval'" not in owner.get("/")["Content-Security-Policy"]


def test_signing_out_leaves_the_console(owner):
    assert owner.post("/backoffice/logout/").status_code in (200, 302)
    assert owner.get("/backoffice/").status_code == 302
