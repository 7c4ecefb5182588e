"""Conversations and complaints: who reads and writes what, the clock, the mall's decision, limits and blocked words."""

import datetime as dt

import pytest
from django.utils import translation

from saas.identity.limits import TooManyAttempts
from saas.identity.models import AuditRecord
from saas.identity.roles import Role
from saas.kernel import clock
from saas.kernel.errors import InvalidInput, NotFound
from saas.kernel.states import IllegalTransition
from tenant_apps.care import selectors, services, talking
from tenant_apps.care.models import Conversation, Message
from tenant_apps.care.talking import Party, Turn
from tests.factories import catalog, sales
from tests.factories import orders as make
from tests.factories import sellers as shops
from tests.factories.browser import MallClient
from tests.factories.people import make_member, make_staff
from tests.tenant_apps.backoffice.conftest import signed_in

NOW = clock.now()
DAY = dt.timedelta(days=1)
SECOND = dt.timedelta(seconds=1)
ENGLISH = {"HTTP_ACCEPT_LANGUAGE": "en"}


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def test_rates_words_and_turns():
    rate = talking.ComplaintRate
    assert [rate("", *one, 0).rate_ppm for one in ((200, 3), (3, 1), (0, 1), (1, 4))] == [
        15_000,
        333_333,
        1_000_000,
        1_000_000,
    ]
    assert talking.blocked_word("加 微 信 聊", ["微信"]) == "微信" and talking.blocked_word("你好", ["微信", ""]) == ""
    assert {turn for turn in Turn if not talking.TRANSITIONS[turn]} == {Turn.OPEN, Turn.CLOSED}


def test_a_complaint_goes_from_the_seller_by_the_clock_to_the_mall_and_ends(grocery, drain):
    buyer, stranger, owner = make_member(), make_member(), make_member()
    shop = shops.opened(name="甲", owner=owner.ulid)
    order = make.paid(buyer, (shops.goods(shop), 1), now=NOW)
    given = {"order_ulid": order.ulid, "member": buyer, "subject": "service", "text": "不理人", "now": NOW}
    for wrong, error in (
        ({"subject": "x"}, InvalidInput),
        ({"text": " "}, InvalidInput),
        ({"text": "x" * 501}, InvalidInput),
        ({"member": stranger}, NotFound),
    ):
        with pytest.raises(error):
            services.complain(**{**given, **wrong})
    assert not Conversation.objects.exists()
    talk = services.complain(**given)
    assert (talk.turn, talk.due_at, talk.seller_unread, talk.mall_unread) == ("seller", NOW + 3 * DAY, 1, 1)
    with pytest.raises(services.ComplaintOpen):
        services.complain(**given)
    with pytest.raises(IllegalTransition):
        services.escalate(talk_ulid=talk.ulid, member=buyer, now=NOW)  # the seller has his time first
    follow = services.follow_complaint
    assert follow(talk_ulid=talk.ulid, now=NOW + 2 * DAY - SECOND) is False
    assert follow(talk_ulid=talk.ulid, now=NOW + 2 * DAY) is True  # a reminder, once
    assert follow(talk_ulid=talk.ulid, now=NOW + 2 * DAY) is False
    assert follow(talk_ulid=talk.ulid, now=NOW + 3 * DAY) is True
    talk.refresh_from_db()
    assert (talk.turn, talk.due_at) == ("mall", NOW + 10 * DAY)
    assert follow(talk_ulid=talk.ulid, now=NOW + 9 * DAY) is True
    assert follow(talk_ulid=talk.ulid, now=NOW + 10 * DAY) is True  # late: said each day
    assert follow(talk_ulid=talk.ulid, now=NOW + 10 * DAY) is False
    decide = {"talk_ulid": talk.ulid, "actor": make.CLERK, "upheld": True, "now": NOW}
    with pytest.raises(InvalidInput):
        services.decide(**decide, note=" ")
    services.decide(**decide, note="商家须道歉")
    talk.refresh_from_db()
    assert (talk.turn, talk.decision, talk.is_upheld, talk.due_at) == ("closed", "商家须道歉", True, None)
    for again in (
        lambda: services.decide(**decide, note="x"),
        lambda: services.say(talk_ulid=talk.ulid, party=Party.SHOPPER, actor="member:x", text="再说", now=NOW),
        lambda: services.settle(talk_ulid=talk.ulid, member=buyer, now=NOW),
    ):
        with pytest.raises(IllegalTransition):
            again()
    assert follow(talk_ulid=talk.ulid, now=NOW + 20 * DAY) is False
    rate = selectors.complaint_rates(since=NOW - DAY)
    assert [(one.seller_ulid, one.orders, one.complaints, one.upheld) for one in rate] == [(shop.ulid, 1, 1, 1)]
    assert AuditRecord.objects.filter(action="complaint.decided").count() == 1
    second = services.complain(**given)
    services.say(
        talk_ulid=second.ulid, party=Party.SELLER, actor="member:o", text="抱歉", now=NOW, seller_ulid=shop.ulid
    )
    assert services.escalate(talk_ulid=second.ulid, member=buyer, now=NOW).turn == "mall"
    assert services.settle(talk_ulid=second.ulid, member=buyer, now=NOW).turn == "closed"
    assert not Conversation.objects.get(pk=second.pk).is_upheld


def test_limits_and_blocked_words_send_nothing(grocery):
    sales.publish("orders", now=NOW - SECOND, blocked_words=["微信"])
    buyer = make_member()
    talk = services.open_chat(member=buyer, now=NOW)
    assert services.open_chat(member=buyer, now=NOW).pk == talk.pk
    given = {"talk_ulid": talk.ulid, "party": Party.SHOPPER, "actor": f"member:{buyer.ulid}", "now": NOW}
    with pytest.raises(services.WordBlocked):
        services.say(**given, text="加我微 信")
    for _ in range(20):
        services.say(**given, text="在吗")
    with pytest.raises(TooManyAttempts):
        services.say(**given, text="在吗")
    assert Message.objects.count() == 20
    services.say(**{**given, "now": NOW + dt.timedelta(seconds=61)}, text="在吗")
    assert Conversation.objects.get().mall_unread == 21


def test_each_party_sees_only_its_own_conversations(grocery):
    buyer, owner, stranger = make_member(name="李小满"), make_member(), make_member()
    shop, other = shops.opened(name="甲行", owner=owner.ulid), shops.opened(name="乙行", owner=stranger.ulid)
    sku = shops.goods(shop, title="龙井")
    order = make.paid(buyer, (sku, 1), now=NOW)
    mine, seller, foreign = signed_in(buyer.user), signed_in(owner.user), signed_in(stranger.user)
    clerk = signed_in(make_staff(Role.ORDERS))
    for empty in ("/talk", f"/seller/{shop.ulid}/talk"):
        assert "No conversations yet" in (mine if empty == "/talk" else seller).get(empty, **ENGLISH).content.decode()
    assert mine.post("/talk/begin", {"product": sku.product.ulid}).status_code == 302
    assert foreign.post("/talk/begin", {"order": order.ulid}).status_code == 404
    talk = Conversation.objects.get()
    assert (talk.seller_ulid, talk.product_ulid) == (shop.ulid, sku.product.ulid)
    place, own = f"/talk/{talk.ulid}", f"/seller/{shop.ulid}/talk/{talk.ulid}"
    upload = catalog.picture((300, 200))
    from django.core.files.uploadedfile import SimpleUploadedFile

    sent = {"text": "有货吗", "photos": SimpleUploadedFile("a.jpg", upload, "image/jpeg")}
    assert mine.post(place, sent).status_code == 302
    assert "1 to 500" in mine.post(place, {"text": " "}, **ENGLISH).content.decode()
    name = Message.objects.get().photos[0]
    assert selectors.unread_talks(seller_ulid=shop.ulid) == 1
    for browser, address in ((mine, place), (seller, own)):
        text = browser.get(address, **ENGLISH).content.decode()
        assert "有货吗" in text and "龙井" in text
        part = browser.get(address, HTTP_HX_REQUEST="true").content.decode()
        assert "有货吗" in part and "<html" not in part
        assert browser.get(f"/talk/{talk.ulid}/photo/{name}")["Content-Type"] == "image/jpeg"
    assert selectors.unread_talks(seller_ulid=shop.ulid) == 0
    seller.post(own, {"text": "有的"})
    assert selectors.unread_talks(member=buyer) == 1
    assert "badge-primary" in mine.get("/talk").content.decode()
    strange = (
        place, own, f"/seller/{other.ulid}/talk/{talk.ulid}", f"/seller/{shop.ulid}/talk",
        f"/talk/{talk.ulid}/photo/{name}", f"/orders/{order.ulid}/complaint",
    )  # fmt: skip
    for address in strange:
        assert foreign.get(address).status_code == 404, address
        assert MallClient().get(address).status_code == 302, address
    for address in (place, own, f"/talk/{talk.ulid}/step", f"/orders/{order.ulid}/complaint"):
        assert foreign.post(address, {"text": "x", "step": "settle"}).status_code == 404, address
    assert seller.get(place).status_code == 404 and mine.get(own).status_code == 404
    assert Message.objects.count() == 2
    page = f"/orders/{order.ulid}/complaint"
    wrong = mine.post(page, {"text": "不理人"}, **ENGLISH)
    assert wrong.status_code == 422 and "不理人" in wrong.content.decode()
    assert mine.post(page, {"subject": "service", "text": "不理人"}).status_code == 302
    complaint = Conversation.objects.get(kind="complaint")
    listed = clerk.get("/backoffice/service/?state=complaints", **ENGLISH).content.decode()
    assert complaint.ulid in listed and "Complaint rates" in listed
    detail, step = f"/backoffice/service/{complaint.ulid}", f"/backoffice/service/{complaint.ulid}/step"
    assert "不理人" in clerk.get(detail, **ENGLISH).content.decode()
    assert Conversation.objects.get(pk=complaint.pk).mall_unread == 0
    assert clerk.get(f"/backoffice/service/{talk.ulid}/photo/{name}")["Content-Type"] == "image/jpeg"
    clerk.post(step, {"step": "say", "text": "我们来看看"})
    seller.post(f"/seller/{shop.ulid}/talk/{complaint.ulid}", {"text": "抱歉"})
    mine.post(f"/talk/{complaint.ulid}/step", {"step": "escalate"})
    clerk.post(step, {"step": "decide", "note": "商家须补发", "upheld": "1"})
    for browser, address in ((mine, f"/talk/{complaint.ulid}"), (seller, f"/seller/{shop.ulid}/talk/{complaint.ulid}")):
        text = browser.get(address, **ENGLISH).content.decode()
        assert "商家须补发" in text and "我们来看看" in text and "upheld" in text
