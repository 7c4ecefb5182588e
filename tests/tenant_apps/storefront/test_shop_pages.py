"""Shops for shoppers: the list, a shop with its score and goods, its licence, kept, written to, reported; the paused and the ended."""

import datetime as dt

from django.conf import settings

from saas.identity.models import AuditRecord
from saas.kernel import clock
from tenant_apps.care.models import Conversation, Message, Review
from tenant_apps.sellers import services
from tests.factories import orders as make
from tests.factories import sellers as sold
from tests.factories.browser import MallClient
from tests.factories.people import make_member

NOW = clock.now()


def browse(member=None):
    client = MallClient(HTTP_ACCEPT_LANGUAGE="en")
    if member is not None:
        client.force_login(member.user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


def said(answer):
    return answer.content.decode()


def test_a_shop_shows_goods_score_and_licence_and_is_found_by_name(grocery):
    assert "the mall sells its own goods" in said(browse().get("/s/"))
    tea = sold.opened(name="西湖茶行", now=NOW)
    sold.opened(name="老街咖啡", licence_number="91330100MA27XYZ124", now=NOW)
    sku = sold.goods(tea, title="龙井", now=NOW)
    line = make.paid(make_member(), (sku, 1)).lines.get()
    for stars, hidden in ((4, None), (1, NOW)):
        Review.objects.create(
            ulid=f"01JREVIEW{stars:017d}",
            line=line if hidden is None else make.paid(make_member(), (sku, 1)).lines.get(),
            member=make_member(),
            product_ulid=sku.product.ulid,
            seller_ulid=tea.ulid,
            stars=stars,
            text="好",
            hidden_at=hidden,
            hidden_reason="广告" if hidden else "",
            created_at=NOW,
        )

    listed = said(browse().get("/s/"))
    assert f"/s/{tea.code}" in listed
    assert "★ 4.0 · 1 review<" in listed and "No reviews yet" in listed
    found = said(browse().get("/s/", {"q": "咖啡"}))
    assert "老街咖啡" in found and "西湖茶行" not in found
    assert "No shop of this name" in said(browse().get("/s/", {"q": "没有"}))

    page = said(browse().get(f"/s/{tea.code}"))
    assert "龙井" in page and "★ 4.0" in page and f"/s/{tea.code}/licence" in page
    assert "91330100MA27XYZ123" in said(browse().get(f"/s/{tea.code}/licence"))
    assert f"/s/{tea.code}" in said(browse().get(f"/p/{sku.product.ulid}"))
    assert browse().get("/s/nothere").status_code == 404

    services.pause_seller(ulid=tea.ulid, actor="user:clerk", reason="补货", now=NOW)
    paused = said(browse().get(f"/s/{tea.code}"))
    assert "does not sell at the moment" in paused and "card-link" not in paused
    assert "西湖茶行" not in said(browse().get("/s/"))
    services.close_seller(ulid=tea.ulid, actor="user:clerk", reason="撤店", now=NOW)
    assert browse().get(f"/s/{tea.code}").status_code == 404


def test_a_shop_without_a_valid_licence_is_not_in_the_list(grocery):
    tea = sold.opened(licence_until=NOW.date() + dt.timedelta(days=5), now=NOW)
    assert tea.name in said(browse().get("/s/"))
    tea.licence_until = NOW.date() - dt.timedelta(days=2)
    tea.save()
    assert tea.name not in said(browse().get("/s/"))


def test_a_shop_is_kept_written_to_and_reported(grocery):
    tea, member = sold.opened(now=NOW), make_member()
    me = browse(member)
    kept = me.post("/favourites/switch", {"seller": tea.ulid, "then": "shop"})
    assert kept["Location"] == f"/s/{tea.code}"
    assert "♥ Seller kept" in said(me.get(f"/s/{tea.code}"))
    assert "♡ Keep the seller" in said(browse(make_member()).get(f"/s/{tea.code}"))
    assert f'href="/s/{tea.code}"' in said(me.get("/favourites"))
    assert me.post("/talk/begin", {"seller": tea.ulid}).status_code == 302
    assert Conversation.objects.get(member=member).seller_ulid == tea.ulid

    report = f"/s/{tea.code}/report"
    assert browse().get(report).status_code == 302
    for typed, field in (
        ({"ground": "hat", "text": "看到假货在卖"}, "what is wrong with the shop"),
        ({"ground": "fake", "text": "假"}, "5 to 300 characters"),
    ):
        refused = me.post(report, typed)
        assert refused.status_code == 422 and field in said(refused)
    assert not Message.objects.exists() and not AuditRecord.objects.filter(action="seller.reported").exists()
    sent = me.post(report, {"ground": "fake", "text": "包装上的商标是假的"})
    talk = Conversation.objects.get(member=member, seller_ulid="")
    assert sent["Location"] == f"/talk/{talk.ulid}"
    assert (
        Message.objects.get(talk=talk).text
        == "Report about the shop “西湖茶行”: Fake or unsafe goods\n包装上的商标是假的"
    )
    row = AuditRecord.objects.get(action="seller.reported")
    assert (row.actor, row.target, row.reason) == (f"member:{member.ulid}", f"seller:{tea.ulid}", "包装上的商标是假的")
    assert "西湖茶行" not in said(browse(tea.owner or make_member()).get("/talk"))
