"""A desk: ready answers, hours over midnight too, the automatic answer outside them; kept by staff and sellers; own data."""

import datetime as dt
import json

import pytest
from django.utils import translation

from saas.identity.models import AuditRecord
from saas.identity.roles import Role
from saas.kernel import clock
from tenant_apps.care import own_data, selectors, services
from tenant_apps.care.desks import Hours, desk_fault
from tenant_apps.care.models import Conversation, Desk, Message
from tenant_apps.care.talking import Party
from tests.factories import orders as make
from tests.factories import sales
from tests.factories import sellers as shops
from tests.factories.browser import MallClient
from tests.factories.people import make_member, make_staff
from tests.tenant_apps.backoffice.conftest import signed_in

MONDAY = dt.datetime(2026, 11, 23, tzinfo=clock.CHINA)
ENGLISH = {"HTTP_ACCEPT_LANGUAGE": "en"}
WEEK = (0, 1, 2, 3, 4)


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def at(hour, *, day=0):
    return MONDAY + dt.timedelta(days=day, hours=hour)


def test_hours_and_impossible_desks():
    usual, night = Hours(WEEK), Hours((4,), 22 * 60, 2 * 60)
    assert [usual.are_open(at(hour)) for hour in (8.99, 9, 17.99, 18)] == [False, True, True, False]
    assert not usual.are_open(at(12, day=5)) and not Hours().are_open(at(12))
    # Friday from 22:00 to 02:00 of Saturday
    found = [night.are_open(at(hour, day=day)) for day, hour in ((4, 1), (4, 21), (4, 23), (5, 1), (5, 2), (5, 23))]
    assert found == [False, False, True, True, False, False]
    for answers, hours, away, field in (
        (["x"] * 12, usual, "away", ""), (["x"] * 13, usual, "", "answers"), (["x" * 201], usual, "", "answers"),
        ([], Hours((7,)), "", "days"), ([], Hours(WEEK, 540, 540), "", "start"), ([], Hours(WEEK, 1, 1441), "", "end"),
        ([], usual, "x" * 201, "away"), ([], Hours(), "away", "away"),
    ):  # fmt: skip
        assert desk_fault(answers, hours, away) == field


def test_outside_the_hours_a_shopper_is_answered_at_once_and_not_at_every_word(grocery):
    buyer, owner = make_member(), make_member()
    shop = shops.opened(name="甲", owner=owner.ulid, now=at(0))
    services.save_desk(
        seller_ulid=shop.ulid,
        answers=[" 在的 ", ""],
        hours=Hours(WEEK),
        away="明早九点回复您",
        actor="member:X",
        now=at(0),
    )
    assert Desk.objects.get().answers == ["在的"]
    assert AuditRecord.objects.get(action="service_desk.changed").target == f"desk:{shop.ulid}"
    talk = services.open_chat(member=buyer, seller_ulid=shop.ulid, now=at(12))

    def ask(hour, party=Party.SHOPPER):
        services.say(talk_ulid=talk.ulid, party=party, actor=f"member:{buyer.ulid}", text="在吗", now=at(hour))
        talk.refresh_from_db()
        return Message.objects.filter(talk=talk, party=Party.CLOCK).count()

    assert [ask(12), ask(17.9)] == [0, 0]
    assert [ask(20), ask(20.5), ask(27.9)] == [1, 1, 1]  # once in eight hours
    said = Message.objects.get(talk=talk, party=Party.CLOCK)
    assert (said.text, talk.shopper_unread, talk.seller_unread, talk.last_text) == ("明早九点回复您", 1, 5, "在吗")
    assert ask(20 + 8.1) == 2
    assert ask(44, Party.SELLER) == 2  # the seller himself is not answered
    mall = services.open_chat(member=buyer, now=at(20))  # the mall has written none
    services.say(talk_ulid=mall.ulid, party=Party.SHOPPER, actor=f"member:{buyer.ulid}", text="?", now=at(20))
    assert Message.objects.filter(talk=mall).count() == 1
    sales.publish("orders", now=at(0), blocked_words=["微信"])
    for answers, away, field in ((["加微信"], "", "answers"), ([], "微 信", "away")):
        with pytest.raises(services.WordBlocked) as refused:
            services.save_desk(
                seller_ulid="", answers=answers, hours=Hours(WEEK), away=away, actor="user:x", now=at(1, day=1)
            )
        assert refused.value.field == field
    assert Desk.objects.count() == 1


def test_staff_and_sellers_keep_theirs_and_a_shopper_takes_his_data_along(grocery):
    staff = signed_in(make_staff(Role.ORDERS))
    buyer, owner, stranger = make_member(), make_member(), make_member()
    shop = shops.opened(name="甲", owner=owner.ulid)
    order = make.paid(buyer, (shops.goods(shop), 1), now=clock.now())
    form = {"answers": "一\n二", "days": ["0", "6"], "start": "08:30", "end": "00:00", "away": "稍后回复"}
    assert "Hello, how can I help you?" in staff.get("/backoffice/service/desk", **ENGLISH).text
    refused = staff.post("/backoffice/service/desk", form | {"start": "x"}, **ENGLISH)
    assert refused.status_code == 422 and "Times are written like 09:00." in refused.text and not Desk.objects.exists()
    assert staff.post("/backoffice/service/desk", form).status_code == 302
    row = Desk.objects.get()
    assert (row.answers, row.days, row.start_minute, row.end_minute) == (["一", "二"], [0, 6], 510, 1440)
    page = staff.get("/backoffice/service/desk", **ENGLISH).text
    assert page.count(" checked") == 2 and 'value="00:00"' in page
    me, other = MallClient("grocery.localhost"), MallClient("grocery.localhost")
    me.force_login(owner.user)
    other.force_login(stranger.user)
    assert other.get(f"/seller/{shop.ulid}/answers").status_code == 404
    refused = me.post(f"/seller/{shop.ulid}/answers", form | {"days": []}, **ENGLISH)
    assert refused.status_code == 422 and "needs the days" in refused.text and Desk.objects.count() == 1
    assert me.post(f"/seller/{shop.ulid}/answers", form).status_code == 302
    assert Desk.objects.filter(seller_ulid=shop.ulid).exists()
    talk = services.open_chat(member=buyer, order_ulid=order.ulid, now=clock.now())
    services.say(
        talk_ulid=talk.ulid, party=Party.SHOPPER, actor=f"member:{buyer.ulid}", text="发货了吗", now=clock.now()
    )
    assert ">一</button>" in me.get(f"/seller/{shop.ulid}/talk/{talk.ulid}").text
    assert ">二</button>" in staff.get(f"/backoffice/service/{talk.ulid}").text
    services.complain(order_ulid=order.ulid, member=buyer, subject="service", text="不理人", now=clock.now())
    line = order.lines.get()
    services.switch_favourite(member=buyer, product_ulid=line.product_ulid)
    shopper = MallClient("grocery.localhost")
    shopper.force_login(buyer.user)
    data = json.loads(shopper.post("/me/export").content)
    assert [one["kind"] for one in data["conversations"]] == ["complaint", "chat"]
    assert data["conversations"][1]["messages"][0]["text"] == "发货了吗"
    assert data["conversations"][0] | {"messages": 0, "opened_at": 0} == {
        "kind": "complaint", "subject": "service", "order": order.number, "state": "seller", "decision": "",
        "opened_at": 0, "messages": 0,
    }  # fmt: skip
    assert data["favourites"]["products"] == [line.product_ulid]
    assert (data["reviews"], data["invoices"]) == ([], [])
    assert own_data.own_data(stranger)["conversations"] == [] and Conversation.objects.count() == 2
    assert selectors.desk("").answers == ["一", "二"]
