"""Ranks by hand, partners, zones of a product, gift packs: with the right, without it, refused."""

import datetime as dt

import pytest

from saas.kernel import clock
from tenant_apps.catalog.models import Offer
from tenant_apps.members import services as members
from tenant_apps.members.models import Member, RankGrant
from tenant_apps.modes.gift_pack.models import GiftPack
from tenant_apps.modes.partner_membership import selectors as partner
from tests.factories import catalog
from tests.factories.people import make_member
from tests.factories.sales import publish

NOW = clock.now()


@pytest.fixture
def member(grocery):
    return make_member(name="甲", referrer=make_member(name="乙"))


def rank(member):
    return Member.objects.get(pk=member.pk).rank


def test_finance_grants_and_withdraws_a_rank_with_a_reason(finance, member):
    browser = finance
    base = f"/backoffice/members/{member.ulid}"
    browser.post(f"{base}/ranks", {"rank": "2", "reason": ""})
    assert rank(member) == 0
    browser.post(f"{base}/ranks", {"rank": "2", "reason": "开业合作"})
    assert rank(member) == 2
    page = browser.get(base).content.decode()
    assert "开业合作" in page and "V2" in page and "乙" in page
    grant = RankGrant.objects.get(member=member)
    browser.post(f"{base}/ranks/{grant.ulid}/withdraw", {"reason": "误授"})
    assert rank(member) == 0
    assert "误授" in browser.get(base).content.decode()


def test_others_may_not(goods, finance, member):
    browser = goods
    assert browser.post(f"/backoffice/members/{member.ulid}/ranks", {"rank": "2", "reason": "x"}).status_code == 403
    assert browser.get("/backoffice/partners/").status_code == 403
    assert rank(member) == 0
    assert finance.get("/backoffice/packs/").status_code == 403


def test_members_by_level_and_rank(clerk, member):
    members.grant_rank(member_ulid=member.ulid, rank=3, ground="staff", actor="user:c", reason="x", now=NOW)
    members.set_level(member_ulid=member.ulid, level="partner", until=NOW + dt.timedelta(days=3))
    found = {
        query: f"/members/{member.ulid}" in clerk.get(f"/backoffice/members/?{query}").content.decode()
        for query in ("", "rank=3", "rank=0", "level=partner", "level=ordinary", "rank=3&level=partner")
    }
    assert found == {
        "": True,
        "rank=3": True,
        "rank=0": False,
        "level=partner": True,
        "level=ordinary": False,
        "rank=3&level=partner": True,
    }


def test_the_membership_goes_on_sale_once_its_settings_are_published(finance):
    browser = finance
    browser.post("/backoffice/partners/offer", {"step": "on"})
    assert partner.membership_sku() is None
    publish("partner_membership", now=NOW)
    browser.post("/backoffice/partners/offer", {"step": "on"})
    assert partner.membership_sku() is not None
    assert browser.get("/backoffice/partners/").status_code == 200
    browser.post("/backoffice/partners/offer", {"step": "off"})
    assert partner.membership_sku() is None


def test_a_sku_gets_a_price_in_a_zone_and_leaves_it(goods):
    sku = catalog.single(price=1_000)
    browser = goods
    path = f"/backoffice/goods/{sku.product.ulid}"
    offers = lambda: dict(Offer.objects.filter(sku=sku).values_list("zone__key", "price_amount"))  # noqa: E731
    for wrong in (
        {"zone": "member", "price": "x"},
        {"zone": "gift_pack", "price": "9"},
        {"zone": "none", "price": "9"},
    ):
        browser.post(f"{path}/zone", {"sku": sku.ulid, **wrong})
    assert offers() == {"self_operated": 1_000}
    browser.post(f"{path}/zone", {"sku": sku.ulid, "zone": "member", "price": "8.80"})
    assert offers() == {"self_operated": 1_000, "member": 880}
    assert "¥8.80" in browser.get(path).content.decode()
    browser.post(f"{path}/zone", {"sku": sku.ulid, "zone": "member", "step": "remove"})
    browser.post(f"{path}/zone", {"sku": sku.ulid, "zone": "self_operated", "step": "remove"})
    assert offers() == {"self_operated": 1_000}


def test_a_pack_is_offered_changed_and_retired(goods):
    sku = catalog.single("春茶礼包", price=109_900, supply=30_000)
    browser = goods
    form = {"sku": sku.ulid, "price": "999.00", "contents": "明前龙井, 499.50, 2", "person_limit": "1", "grants": "2"}
    for wrong in ({"contents": "明前龙井, 499.49, 2"}, {"contents": "龙井"}, {"price": ""}, {"grants": "district"}):
        browser.post("/backoffice/packs/", {**form, **wrong})
    assert not GiftPack.objects.exists()
    browser.post("/backoffice/packs/", form)
    assert GiftPack.objects.get(retired_at=None).rank == 2
    page = browser.get(f"/backoffice/packs/?sku={sku.ulid}").content.decode()
    assert "明前龙井, 499.50, 2" in page and "¥999.00" in page
    browser.post("/backoffice/packs/", {**form, "grants": "3"})
    assert [(one.rank, one.retired_at is None) for one in GiftPack.objects.order_by("pk")] == [(2, False), (3, True)]
    browser.post("/backoffice/packs/", {"sku": sku.ulid, "step": "retire"})
    assert not GiftPack.objects.filter(retired_at=None).exists()
    assert not Offer.objects.filter(zone__key="gift_pack").exists()
