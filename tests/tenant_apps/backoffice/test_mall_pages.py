"""Withdrawals, payment account, brand, opening, staff and the audit trail in the console."""

import re

import pytest
from django.db import connection
from django.urls import reverse

from saas.identity.models import AuditRecord, Invitation
from saas.identity.roles import Role, roles_of
from saas.kernel.clock import now
from saas.ledger import selectors as book
from saas.ledger import services as ledger
from saas.ledger.services import Move
from saas.tenants.jobs import selectors as jobs
from saas.tenants.malls.models import Mall
from tenant_apps.design import selectors as design
from tenant_apps.payments.models import ChannelCredential
from tenant_apps.payouts import services as payouts
from tenant_apps.payouts.models import Withdrawal
from tenant_apps.payouts.rules import Payee
from tests.factories import catalog
from tests.factories.people import make_member, make_staff


def at(name, *values):
    return reverse(f"backoffice:{name}", args=values)


def set_state(state, live_at=None):
    Mall.objects.filter(schema_name=connection.schema_name).update(state=state, live_at=live_at)
    from saas.tenants.malls import selectors

    mall = Mall.objects.get(schema_name=connection.schema_name)
    selectors.forget_mall(mall)
    connection.set_tenant(mall)


@pytest.fixture
def withdrawal(grocery):
    member = make_member(name="王小明")
    ledger.post_entry(
        key="award", kind="award", moves=[Move("house", f"member.wallet.{member.ulid}", 50_000)],
        document="order:A", occurred_at=now(),
    )  # fmt: skip
    return payouts.request_withdrawal(
        member=member, amount=20_000, payee=Payee("王小明", "招商银行", "6225880000001234"),
        idempotency_key="one", now=now(),
    )  # fmt: skip


def test_withdrawal_is_reviewed_and_paid_in_rehearsal(finance, withdrawal):
    set_state("rehearsal")
    assert withdrawal.number in finance.get("/backoffice/withdrawals/").content.decode()
    page = finance.get(at("withdrawal", withdrawal.ulid)).content.decode()
    assert "6225880000001234" not in page
    assert "1234" in page
    assert "6225880000001234" in finance.post(at("withdrawal_payee", withdrawal.ulid)).content.decode()
    assert AuditRecord.objects.filter(action="withdrawal.payee_shown").count() == 1
    url = at("withdrawal_decide", withdrawal.ulid)
    finance.post(url, {"step": "approve"})
    finance.post(url, {"step": "paid", "reference": ""})
    withdrawal.refresh_from_db()
    assert withdrawal.state == "approved"
    finance.post(url, {"step": "paid", "reference": "CMB20261122001"})
    withdrawal.refresh_from_db()
    assert (withdrawal.state, withdrawal.transfer_reference) == ("paid", "CMB20261122001")
    assert book.uncleared() == []
    assert finance.post(url, {"step": "nonsense"}).status_code == 404


def test_live_mall_refuses_to_pay_by_hand_and_says_why(finance, withdrawal):
    set_state("active", now())
    url = at("withdrawal_decide", withdrawal.ulid)
    finance.post(url, {"step": "approve"})
    before = book.trial_balance()
    answer = finance.post(url, {"step": "paid", "reference": "CMB20261122001"}, follow=True, HTTP_ACCEPT_LANGUAGE="en")
    assert "live mall may not pay out by hand" in answer.content.decode()
    withdrawal.refresh_from_db()
    assert (withdrawal.state, book.trial_balance()) == ("approved", before)


def test_rejected_withdrawal_gives_the_money_back(finance, withdrawal):
    wallet = f"member.wallet.{withdrawal.member.ulid}"
    url = at("withdrawal_decide", withdrawal.ulid)
    finance.post(url, {"step": "reject", "reason": ""})
    assert book.available(wallet) == 30_000
    finance.post(url, {"step": "reject", "reason": "户名不符"})
    assert (Withdrawal.objects.get().state, book.available(wallet)) == ("rejected", 50_000)


def test_wrong_credentials_are_refused_field_by_field_and_never_shown_again(finance):
    secret = "k" * 31
    form = {"merchant_id": "1", "app_id": "wx", "private_key": "-----BEGIN PRIVATE KEY-----\nSECRETTEXT",
            "certificate": "x", "api_key": secret, "platform_key_id": "", "platform_key": "", "app_secret": ""}  # fmt: skip
    answer = finance.post("/backoffice/channel/", form)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert page.count("cancel</span>") >= 4
    assert secret not in page
    assert "SECRETTEXT" not in page
    assert not ChannelCredential.objects.exists()
    assert finance.post(at("channel_check", "live")).status_code == 302


BRAND = {"name": "绿篮子", "tagline": "新鲜到家", "primary_color": "#0f766e", "accent_color": "#c2410c",
         "service_phone": "4000000000", "company_name": "绿篮子商贸有限公司", "licence_number": "91440101MA00000000",
         "return_name": "退货组", "return_phone": "13800000000", "return_address": "广州市天河区1号",
         "terms": "服务协议", "privacy": "隐私政策", "returns": "退换货政策"}  # fmt: skip


def test_brand_is_drafted_previewed_and_published(owner):
    owner.post("/backoffice/brand/", BRAND)
    assert (design.draft_branding().name, design.published()) == ("绿篮子", None)
    assert 'src="/?brand=draft"' in owner.get("/backoffice/brand/").content.decode()
    owner.post(at("brand_step"), {"step": "publish"})
    assert design.published().name == "绿篮子"
    owner.post("/backoffice/brand/", {**BRAND, "name": "又改"})
    owner.post(at("brand_step"), {"step": "discard"})
    assert design.draft() is None
    assert owner.post(at("brand_step"), {"step": "nonsense"}).status_code == 404


ORDER_TERMS = {"freight_fen": "10", "freight_free": "on", "freight_free_from_fen": "99", "payment_minutes": "30",
               "dispatch_minutes": "0", "dispatch_fee_fen": "5",
               "max_quantity": "99", "complaint_seller_days": "3", "complaint_mall_days": "7", "blocked_words": "",
               "case_answer_days": "3", "case_appeal_days": "7", "case_return_days": "7", "case_check_days": "7",
               "case_replaced_days": "10", "seller_look": "look_all", "seller_products_max": "500",
               "seller_price_min_fen": "0.01", "seller_flash_most_ppm": "0", "seller_flash_at_once": "5",
               "reason": "开业", "expected_number": "0"}  # fmt: skip


def test_bad_brand_is_refused(owner):
    answer = owner.post("/backoffice/brand/", {**BRAND, "primary_color": "green"})
    assert answer.status_code == 422
    assert design.draft() is None


def test_mall_opens_only_when_everything_is_done(owner, drain):
    set_state("rehearsal")
    page = owner.post(at("publish"), follow=True).content.decode()
    assert "radio_button_unchecked" in page
    assert Mall.objects.get(schema_name="t_test_grocery").state == "rehearsal"
    owner.post("/backoffice/brand/", BRAND)
    owner.post(at("brand_step"), {"step": "publish"})
    owner.post(at("settings", "orders"), ORDER_TERMS)
    catalog.single()
    ChannelCredential.objects.create(
        ulid="01J", channel="wechat", purpose="live", notify_token="t", merchant_id="1900000001", app_id="wx1",
        certificate_serial="S", private_key_sealed="x", api_key_sealed="x", shown={},
        checks=[{"name": "live", "passed": True, "detail": ""}], checked_at=now(), created_by="user:x",
    )  # fmt: skip
    owner.post(at("publish"))
    mall = Mall.objects.get(schema_name="t_test_grocery")
    assert mall.state == "rehearsal"  # the wipe and the opening are a job: tests/provisioning/rehearsals
    assert [job.kind for job in jobs.of_mall(mall.ulid)] == ["opening"]
    assert AuditRecord.objects.filter(action="mall.opening_asked").count() == 1
    owner.post(at("publish"))
    assert AuditRecord.objects.filter(action="mall.opening_asked").count() == 1


def test_preview_link_lets_a_stranger_in(owner, grocery):
    from tests.factories.browser import MallClient

    set_state("rehearsal")
    link = re.search(r'value="http://[^/]+(/\?preview=[^"]+)"', owner.get("/backoffice/launch/").content.decode())[1]
    stranger = MallClient()
    closed = stranger.get("/").content.decode()
    assert stranger.get(link).content.decode() != closed


def test_staff_are_invited_and_roles_changed(owner, drain):
    answer = owner.post("/backoffice/staff/", {"contact": "helper@example.com", "roles": ["goods"]})
    assert answer.status_code == 302
    invitation = Invitation.objects.get()
    assert (invitation.email, invitation.roles) == ("helper@example.com", ["goods"])
    owner.post(at("invitation_revoke", invitation.ulid))
    invitation.refresh_from_db()
    assert invitation.revoked_at is not None
    person = make_staff(Role.GOODS)
    owner.post(at("staff_roles", person.public_id), {"roles": ["orders", "finance", "nonsense"]})
    assert roles_of(person) == {Role.ORDERS, Role.FINANCE}
    owner.post(at("staff_roles", person.public_id), {})
    person.refresh_from_db()
    assert not person.is_staff


@pytest.mark.parametrize("wrong", [{"contact": "123", "roles": ["goods"]}, {"contact": "a@example.com"}, {}])
def test_bad_invitation_is_refused(owner, wrong):
    assert owner.post("/backoffice/staff/", wrong).status_code == 422
    assert not Invitation.objects.exists()


def test_the_last_owner_stays(owner, grocery):
    me = AuditRecord.objects.none() or owner.session["_auth_user_id"]
    from saas.identity.models import User

    user = User.objects.get(pk=me)
    owner.post(at("staff_roles", user.public_id), {"roles": ["goods"]})
    assert roles_of(user) == {Role.OWNER}


def test_audit_trail_tells_who_did_what(owner):
    owner.post("/backoffice/brand/", BRAND)
    page = owner.get("/backoffice/audit/?q=branding").content.decode()
    assert "branding.edited" in page
    assert "Owner" in page
    assert "branding.edited" not in owner.get("/backoffice/audit/?q=order.").content.decode()
