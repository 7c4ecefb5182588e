"""When a member is bound to whose link he came by, how long the bond is protected, who may take its place (MODES 4)."""

import datetime as dt

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction

from saas.identity.models import AuditRecord
from saas.kernel import clock
from tenant_apps.members import selectors, services
from tenant_apps.members.models import Member
from tenant_apps.members.rules import BindingRule, BindWhen
from tenant_apps.members.services.referral import ReferrerAlreadyBound, ReferrerNotAllowed
from tests.factories import catalog, sales
from tests.factories import orders as make
from tests.factories.browser import MallClient
from tests.factories.people import make_member, make_staff, make_user

NOW = clock.now()
BEFORE = NOW - dt.timedelta(days=40)


def rule(when: str, days: int = 0) -> None:
    sales.publish("distribution", now=BEFORE, bind_when=when, bind_days=days)


def joined(code: str) -> Member:
    return services.ensure_member(user=make_user(), referral_code=code, now=NOW)


def bonds(member: Member) -> tuple[int | None, int | None]:
    row = Member.objects.get(pk=member.pk)
    return row.referrer_id, row.candidate_id


def chain(order: object) -> list[str]:
    return [one[0] for one in order.sale_facts["chain"]]  # type: ignore[attr-defined]


def test_without_settings_the_first_click_binds_for_ever(grocery):
    assert services.binding_rule(now=NOW) == BindingRule(BindWhen.FIRST_CLICK, 0)
    sales.publish("distribution", now=BEFORE, bind_when="first_order", enabled=False)
    assert services.binding_rule(now=NOW) == BindingRule()
    promoter = make_member()
    assert bonds(joined(promoter.share_code)) == (promoter.pk, None)


def test_the_first_order_binds_and_counts(grocery):
    rule("first_order")
    promoter = make_member(promoter=True)
    buyer = joined(promoter.share_code)
    assert bonds(buyer) == (None, promoter.pk)
    order = make.placed(buyer, (catalog.single(), 1), now=NOW)
    assert bonds(buyer) == (promoter.pk, None)
    make.services.mark_paid(
        order_ulid=order.ulid, payment=make.fund(order, now=NOW), amount=order.total_amount, now=NOW
    )
    order.refresh_from_db()
    assert chain(order) == [promoter.ulid]
    told = AuditRecord.objects.filter(target=f"member:{buyer.ulid}").order_by("pk")
    assert [(one.action, one.data.get("source", "")) for one in told] == [
        ("referrer.noted", ""),
        ("referrer.bound", "first_order"),
    ]


def test_the_first_payment_binds_and_that_order_counts(grocery):
    rule("first_payment")
    promoter = make_member(promoter=True)
    buyer = joined(promoter.share_code)
    unpaid = make.placed(buyer, (catalog.single(), 1), now=NOW)
    assert bonds(buyer) == (None, promoter.pk)
    order = make.paid(buyer, (catalog.single("B"), 1), now=NOW)
    assert chain(order) == [promoter.ulid]
    assert bonds(buyer) == (promoter.pk, None)
    late = make.fund(unpaid, now=NOW)
    for _time in range(2):
        make.services.mark_paid(order_ulid=unpaid.ulid, payment=late, amount=unpaid.total_amount, now=NOW)
    assert AuditRecord.objects.filter(action="referrer.bound", target=f"member:{buyer.ulid}").count() == 1


def test_a_candidate_who_closed_his_account_is_not_bound(grocery):
    rule("first_order")
    promoter = make_member()
    buyer = joined(promoter.share_code)
    services.close_account(member=promoter, now=NOW)
    make.placed(buyer, (catalog.single(), 1), now=NOW)
    assert Member.objects.get(pk=buyer.pk).referrer_id is None


def test_a_protected_bond_stands_and_an_old_one_gives_way(grocery):
    rule("first_click", days=30)
    first, second = make_member(), make_member()
    buyer = services.ensure_member(user=make_user(), referral_code=first.share_code, now=NOW - dt.timedelta(days=30))
    young = services.ensure_member(
        user=make_user(), referral_code=first.share_code, now=NOW - dt.timedelta(days=30) + dt.timedelta(seconds=1)
    )
    with pytest.raises(ReferrerAlreadyBound):
        services.bind_referrer(member=young, referral_code=second.share_code, now=NOW)
    with pytest.raises(ReferrerAlreadyBound):
        services.bind_referrer(member=buyer, referral_code=first.share_code, now=NOW)
    Member.objects.filter(pk=second.pk).update(joined_at=BEFORE)
    assert services.bind_referrer(member=buyer, referral_code=second.share_code, now=NOW) == second
    assert (bonds(young), bonds(buyer)) == ((first.pk, None), (second.pk, None))
    assert AuditRecord.objects.filter(action="referrer.bound").latest("pk").data["before"] == first.ulid
    with pytest.raises(ReferrerAlreadyBound):  # the new bond is protected in its turn
        services.bind_referrer(member=buyer, referral_code=first.share_code, now=NOW)


def test_zero_days_protect_for_ever(grocery):
    rule("first_click")
    first, second = make_member(), make_member()
    buyer = services.ensure_member(user=make_user(), referral_code=first.share_code, now=BEFORE)
    with pytest.raises(ReferrerAlreadyBound):
        services.bind_referrer(member=buyer, referral_code=second.share_code, now=NOW + dt.timedelta(days=9_999))


def test_an_unprotected_bond_is_replaced_with_the_next_order(grocery):
    rule("first_order", days=7)
    first, second = make_member(), make_member()
    buyer = services.ensure_member(user=make_user(), referral_code=first.share_code, now=NOW)
    make.placed(buyer, (catalog.single(), 1), now=NOW)
    later = NOW + dt.timedelta(days=7)
    buyer = Member.objects.get(pk=buyer.pk)
    services.bind_referrer(member=buyer, referral_code=second.share_code, now=later)
    assert bonds(buyer) == (first.pk, second.pk)
    make.placed(buyer, (catalog.single("B"), 1), now=later)
    assert bonds(buyer) == (second.pk, None)


@pytest.mark.parametrize("when", ["first_click", "first_order", "first_payment"])
def test_no_way_leads_into_a_loop(grocery, when):
    rule(when)
    elder = make_member()
    younger = make_member()
    for code in (elder.share_code, younger.share_code):
        with pytest.raises(ReferrerNotAllowed):
            services.bind_referrer(member=elder, referral_code=code, now=NOW)
    assert bonds(elder) == (None, None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Member.objects.filter(pk=elder.pk).update(candidate=younger, candidate_at=NOW)


def test_staff_change_a_referrer_whatever_the_rule_and_the_candidate_goes(grocery):
    rule("first_order")
    first, second = make_member(), make_member()
    buyer = joined(first.share_code)
    services.change_referrer(actor="user:x", member=buyer, referrer=second, reason="asked", now=NOW)
    assert bonds(buyer) == (second.pk, None)
    make.placed(Member.objects.get(pk=buyer.pk), (catalog.single(), 1), now=NOW)
    assert bonds(buyer) == (second.pk, None)


def test_the_link_survives_signing_in_and_is_remembered_until_the_order(grocery):
    rule("first_order")
    promoter = make_member(name="王小明")
    client = MallClient(HTTP_ACCEPT_LANGUAGE="zh-hans")
    client.get(f"/?r={promoter.share_code}")
    assert client.cookies[settings.REFERRAL_COOKIE_NAME].value
    user = make_user()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    page = client.get("/team").content.decode()
    member = selectors.member_of_user(user)
    assert bonds(member) == (None, promoter.pk)
    assert "您来自 王*明 的链接，下一笔订单起 Ta 将成为您的推荐人。" in page
    assert client.cookies[settings.REFERRAL_COOKIE_NAME].value == ""  # used: a later link is looked at again


def test_a_member_says_yes_to_another_link_after_the_protection(grocery):
    rule("first_click", days=7)
    first, second = make_member(name="甲一"), make_member(name="乙二")
    Member.objects.update(joined_at=BEFORE)
    buyer = services.ensure_member(user=make_user(), referral_code=first.share_code, now=NOW - dt.timedelta(days=8))
    client = MallClient(HTTP_ACCEPT_LANGUAGE="zh-hans")
    client.force_login(buyer.user, backend=settings.AUTHENTICATION_BACKENDS[0])
    client.get(f"/?r={second.share_code}")
    assert "您来自 乙* 的链接，Ta 可以取代您现在的推荐人。" in client.get("/team").content.decode()
    assert client.post("/team/confirm").status_code == 302
    assert bonds(buyer) == (second.pk, None)


def test_staff_see_whose_link_a_member_came_by(grocery):
    rule("first_payment")
    promoter = make_member(name="王小明")
    buyer = joined(promoter.share_code)
    desk = MallClient(HTTP_ACCEPT_LANGUAGE="zh-hans")
    desk.force_login(make_staff(), backend=settings.AUTHENTICATION_BACKENDS[0])
    page = desk.get(f"/backoffice/members/{buyer.ulid}").content.decode()
    assert "来自链接" in page and "王小明" in page
