"""Whose store a member belongs to: the link he signed up by, the partner or owner who invited him, staff."""

import datetime as dt

import pytest

from saas.identity.models import AuditRecord
from saas.kernel.errors import InvalidInput
from tenant_apps.members.models import Member
from tenant_apps.modes import selectors as modes
from tenant_apps.sellers import middleware, services
from tenant_apps.sellers.rules import TakeTier
from tests.factories import sellers as sold
from tests.factories.browser import MallClient
from tests.factories.people import make_member, make_user

NOW = dt.datetime(2026, 11, 22, 4, 0, tzinfo=dt.UTC)


def joined(store_code: str = "", *, referrer: Member | None = None) -> Member:
    member = make_member(referrer=referrer, now=NOW)
    services.bind_at_joining(member=member, store_code=store_code, now=NOW)
    member.refresh_from_db()
    return member


def test_who_signs_up_by_a_stores_link_belongs_to_it(grocery: object) -> None:
    store = sold.store(code="tianhe", now=NOW)
    member = joined("tianhe")
    assert member.store_ulid == store.ulid
    assert AuditRecord.objects.get(action="store.bound").data == {"store": store.ulid, "source": "link"}


@pytest.mark.parametrize("code", ["", "nobody", "x", "tianhe-west"])
def test_an_unknown_link_binds_nobody(grocery: object, code: str) -> None:
    sold.store(code="tianhe", now=NOW)
    assert joined(code).store_ulid == ""


def test_a_merchant_or_a_paused_store_binds_nobody(grocery: object) -> None:
    sold.opened(code="teashop", now=NOW)
    paused = sold.store(code="tianhe", now=NOW)
    services.pause_seller(ulid=paused.ulid, actor=sold.CLERK, reason="holiday", now=NOW)
    assert (joined("teashop").store_ulid, joined("tianhe").store_ulid) == ("", "")


def test_who_was_invited_by_a_partner_or_an_owner_belongs_to_his_store(grocery: object) -> None:
    owner, partner, friend = (make_member(now=NOW) for _ in range(3))
    store = sold.store(owner=owner.ulid, now=NOW)
    Member.objects.filter(pk=partner.pk).update(
        store_ulid=store.ulid, level="partner", level_until=NOW + dt.timedelta(days=1)
    )
    Member.objects.filter(pk=friend.pk).update(store_ulid=store.ulid)
    assert [joined(referrer=Member.objects.get(pk=one.pk)).store_ulid for one in (owner, partner, friend)] == [
        store.ulid,
        store.ulid,
        "",
    ]


def test_a_member_who_has_joined_long_ago_is_bound_by_staff_alone(grocery: object) -> None:
    store = sold.store(code="tianhe", now=NOW)
    member = make_member(now=NOW - dt.timedelta(days=1))
    services.bind_at_joining(member=member, store_code="tianhe", now=NOW)
    assert member.store_ulid == ""
    services.change_store(member=member, store_ulid=store.ulid, reason="asked", actor="user:boss", now=NOW)
    assert Member.objects.get(pk=member.pk).store_ulid == store.ulid
    with pytest.raises(InvalidInput):
        services.change_store(member=member, store_ulid="01NOBODY", reason="asked", actor="user:boss", now=NOW)
    assert Member.objects.get(pk=member.pk).store_ulid == store.ulid


def test_the_link_is_kept_in_a_signed_cookie_and_the_first_one_wins(grocery: object) -> None:
    client = MallClient()
    client.get("/?s=tianhe")
    first = client.cookies[middleware.COOKIE].value
    client.get("/?s=yuexiu")
    assert client.cookies[middleware.COOKIE].value == first
    other = MallClient("beauty.localhost")
    other.cookies[middleware.COOKIE] = first
    other.get("/?s=yuexiu")
    assert other.cookies[middleware.COOKIE].value != first  # the other mall's signature is none here


def test_the_worst_case_of_settings_sees_sellers_at_their_lowest_take(grocery: object) -> None:
    seller = sold.opened(tiers=(TakeTier(100, 30_000),), now=NOW)
    sold.goods(seller, now=NOW)
    sold.goods(None, supply=4000, title="自营", now=NOW)
    lines = {one.title: one.line for one in modes.combinations()}
    assert (lines["龙井"].seller.rate_ppm, lines["龙井"].seller.id, lines["龙井"].supply_cost) == (
        30_000,
        seller.ulid,
        9700,
    )
    assert (lines["自营"].seller.id, lines["自营"].supply_cost) == ("", 4000)


def test_a_new_user_is_bound_in_the_transaction_of_his_sign_in(grocery: object, rf: object) -> None:
    from saas.identity import adapter

    store = sold.store(code="tianhe", now=NOW)
    request = rf.get("/?s=tianhe")  # type: ignore[attr-defined]
    user = make_user(name="新人")
    adapter.after_sign_in(request, user)
    assert Member.objects.get(user=user).store_ulid == store.ulid
