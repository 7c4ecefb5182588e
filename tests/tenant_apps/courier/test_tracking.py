"""Parcels followed over real HTTP at the sandbox: taken on once, pushes verified and stored once, unknown never failed."""

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode

import httpx
import pytest
from django.utils import translation

from saas.channels.contract import BadNotice
from saas.identity.models import AuditRecord
from saas.identity.roles import Role
from saas.kernel.clock import CHINA
from saas.kernel.errors import InvalidInput, NotFound
from tenant_apps.courier import handlers
from tenant_apps.courier import services as courier
from tenant_apps.courier.models import CourierAccount, CourierNotice, ParcelWatch
from tenant_apps.courier.rules import Provider
from tenant_apps.courier.services import trackers, watching
from tenant_apps.courier.tracking import QUIET_BETWEEN, next_ask
from tenant_apps.orders import parcels
from tenant_apps.orders import services as orders
from tenant_apps.orders.models import Parcel
from tests.factories import catalog
from tests.factories import orders as make
from tests.factories.browser import MallClient
from tests.factories.people import make_member, make_staff
from tests.tenant_apps.backoffice.conftest import signed_in as staff_in
from tests.tenant_apps.courier.conftest import NOW
from tests.tenant_apps.storefront.test_buying_pages import signed_in

EN = {"HTTP_ACCEPT_LANGUAGE": "en"}
HOUR = dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@dataclass
class Kuaidi:
    """The control side of the sandbox, over HTTP."""

    origin: str
    key: str

    def control(self, path: str, **content: Any) -> Any:
        address = f"{self.origin}/_sandbox/tracking/{path}"
        reply = httpx.post(address, json={"key": self.key, **content}, timeout=20, trust_env=False)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def step(self, number: str, step: str, at: dt.datetime, *, quiet: bool = True) -> None:
        text = at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")
        self.control("step", number=number, step=step, at=text, quiet=quiet)

    def push(self, number: str, **facts: Any) -> dict[str, str]:
        return self.control("push", number=number, facts=facts)

    def asked(self, path: str, number: str) -> int:
        return sum((one["path"], one["number"]) == (path, number) for one in self.control("asked"))


@pytest.fixture
def kuaidi(grocery, dada_server, settings) -> Kuaidi:
    """The mall has an account at the sandbox's tracking service."""
    settings.COURIER_SANDBOX_ORIGIN = dada_server
    settings.MALL_PORT = "1"  # pushes of its own find nobody: tests carry them
    row = courier.connect_tracking_sandbox(actor="user:owner", now=NOW)
    return Kuaidi(dada_server, trackers.accounts.secret_of(row))


def sent(number, *, carrier="圆通速递", buyer=None):
    order = make.paid(buyer or make_member(name="李明"), (catalog.single(), 1), now=NOW)
    return orders.send_parcel(order_ulid=order.ulid, carrier=carrier, number=number, actor=make.CLERK, now=NOW)


def told(form, *, token="", client=None):
    token = token or CourierAccount.objects.get(provider="kuaidi100", active=True).notify_token
    return (client or MallClient()).post(
        f"/notify-courier/kuaidi100/{token}", urlencode(form), content_type="application/x-www-form-urlencoded"
    )


def course(parcel):
    parcel.refresh_from_db()
    return parcel.tracking.get("state"), [one["text"] for one in parcel.tracking.get("events", [])]


def test_a_parcel_is_followed_from_its_sending_to_its_signature(
    kuaidi, drain, django_capture_on_commit_callbacks, request
):
    buyer = make_member(name="李明")
    parcel = sent("YT1234567890", buyer=buyer)
    with django_capture_on_commit_callbacks(execute=True):
        drain()
    watch = ParcelWatch.objects.get()
    assert (watch.parcel, watch.state, watch.company, kuaidi.asked("/poll", watch.number)) == (
        parcel, "followed", "yuantong", 1
    )  # fmt: skip
    assert courier.follow_parcel(parcel_ulid=parcel.ulid, actor="user:clerk", now=NOW) == watch  # as it is
    kuaidi.step(watch.number, "collect", NOW + HOUR)
    kuaidi.step(watch.number, "move", NOW + 2 * HOUR)
    genuine = early = kuaidi.push(watch.number)
    bad = {**genuine, "param": genuine["param"].replace("广州市", "北京市")}
    for form in (bad, {**genuine, "sign": ""}, {"param": genuine["param"]}, {"sign": "x"}, {**genuine, "param": "{"}):
        assert told(form).status_code == 401 and told(form).json()["result"] is False
    assert told(genuine, token="x" * 43).status_code == 404
    stranger = json.loads(genuine["param"])
    stranger["lastResult"]["nu"] = "YT0000000001"
    salt = trackers.gateway_of(watch.account)._salt()
    assert told(signed(stranger, salt)).status_code == 404 and not CourierNotice.objects.exists()
    first, again = told(genuine), told(genuine)
    assert (first.status_code, again.status_code, first.json()["result"]) == (200, 200, True)
    drain()
    notice = CourierNotice.objects.get()
    assert (notice.outcome, notice.watch, notice.errand) == ("applied", watch, None)
    assert dict(parse_qs(bytes(notice.body).decode()))["sign"] == [genuine["sign"]]
    assert course(parcel) == ("moving", ["【广州市】快递员已揽收", "【广州市】已离开广州转运中心，发往北京转运中心"])
    orders.record_tracking(parcel_ulid=parcel.ulid, state="moving", text="电话问过", actor=make.CLERK, now=NOW + HOUR)
    kuaidi.step(watch.number, "sign", NOW + 5 * HOUR)
    told(kuaidi.push(watch.number))
    told({**early, "param": early["param"]})  # the old one again: it came before
    late = json.loads(early["param"])
    late["message"] = "again"
    told(signed(late, salt))  # an older course under a right signature changes nothing
    drain()
    assert [one.outcome for one in CourierNotice.objects.order_by("pk")] == ["applied", "applied", "same"]
    state, texts = course(parcel)
    assert state == "delivered" and texts[-1].endswith("签收人：本人") and "电话问过" in texts and len(texts) == 4
    watch.refresh_from_db()
    assert (watch.state, watching.ask(watch_ulid=watch.ulid, now=NOW + 9 * HOUR)) == ("over", "over")
    page = signed_in(buyer).get(f"/orders/{parcel.order.ulid}", **EN).content.decode()
    assert "签收人：本人" in page and f"{(NOW + 5 * HOUR).astimezone(CHINA):%m-%d %H:%M}" in page
    token = watch.account.notify_token
    request.getfixturevalue("beauty")
    assert told(genuine, client=MallClient("beauty.localhost"), token=token).status_code == 404


def signed(body, salt):
    """As the service signs, with code of the test's own."""
    param = json.dumps(body, ensure_ascii=False)
    return {"param": param, "sign": hashlib.md5(f"{param}{salt}".encode()).hexdigest().upper()}


def test_unknown_is_never_failed_and_a_no_is_said(kuaidi, drain, django_capture_on_commit_callbacks):
    parcel = sent("YT2234567890")
    kuaidi.control("faults", name="error_after")  # it got there, the answer did not
    with django_capture_on_commit_callbacks(execute=True):
        drain()
    watch = ParcelWatch.objects.get()
    assert (watch.state, watch.reason) == ("asking", "no clear answer")
    with django_capture_on_commit_callbacks(execute=True):
        drain(until=NOW + dt.timedelta(minutes=3))
    watch.refresh_from_db()
    assert (watch.state, watch.reason) == ("followed", "")  # "already followed" is as good
    later = NOW + QUIET_BETWEEN + HOUR
    assert watching.ask(watch_ulid=watch.ulid, now=later) == "unknown"  # no result yet: that is no failure
    watch.refresh_from_db()
    assert (watch.state, watch.reason, course(parcel)) == ("followed", "查询无结果，请隔段时间再查", (None, []))
    with pytest.raises(courier.AskedRecently):
        courier.ask(watch_ulid=watch.ulid, now=later, by_hand=True)
    assert (
        watching.ask(watch_ulid=watch.ulid, now=later) == "quiet" and kuaidi.asked("/poll/query.do", watch.number) == 1
    )
    kuaidi.step(watch.number, "deliver", NOW + HOUR)  # no push came: it is asked for
    for fault in ("garbage", "error_before"):
        kuaidi.control("faults", name=fault)
        later += HOUR
        assert watching.ask(watch_ulid=watch.ulid, now=later) == "unknown" and course(parcel) == (None, [])
    assert watching.ask(watch_ulid=watch.ulid, now=later + HOUR) == "applied"
    assert course(parcel) == ("delivering", ["【北京市】快递员正在派件"])
    assert watching.ask(watch_ulid=watch.ulid, now=later + 2 * HOUR) == "same"
    kuaidi.control("abort", number=watch.number)
    told(kuaidi.push(watch.number))
    drain()
    watch.refresh_from_db()
    assert (watch.state, watch.reason, course(parcel)[0]) == ("over", "3天查询无记录", "delivering")
    again = courier.follow_parcel(parcel_ulid=parcel.ulid, actor="user:clerk", now=later)
    assert (again.state, again.rounds) == ("asking", 2)
    assert AuditRecord.objects.filter(action="parcel.followed", actor="user:clerk").count() == 1
    assert not watching.ask_again(watch_ulid=watch.ulid, round_number=1, attempt=3, now=later)  # of the first round
    watching.give_up(watch_ulid=watch.ulid, reason="x", now=later)
    again.refresh_from_db()
    assert (again.state, course(parcel)[0]) == ("over", "delivering")
    assert handlers.ASK_LIMIT == 40 and next_ask(1, "followed", NOW) == NOW + 12 * HOUR

    for number, carrier, state in (("DB1234567890", "德邦快递", "refused"), ("SF1234567890", "顺丰", "followed")):
        one = sent(number, carrier=carrier)
        with django_capture_on_commit_callbacks(execute=True):
            drain()
        row = ParcelWatch.objects.get(parcel=one)
        assert (row.state, row.reason) == (state, "拒绝订阅的快递公司" if state == "refused" else "")
    phones = {one["number"]: one["phone"] for one in kuaidi.control("asked")}
    assert phones["SF1234567890"] == one.order.recipient_phone[-4:] and phones["YT2234567890"] == ""
    by_hand = sent("ABC12345", carrier="本店骑手")
    drain()
    assert not ParcelWatch.objects.filter(parcel=by_hand).exists()
    with pytest.raises(courier.NotFollowed):
        courier.follow_parcel(parcel_ulid=by_hand.ulid, actor="user:clerk", now=NOW)
    with pytest.raises(NotFound):
        courier.receive_push(token="nobody", body=b"", now=NOW)
    assert [parcels.carrier_code(name) for name in ("ems", " 顺丰速运 ", "中通快运")] == ["ems", "shunfeng", ""]


def test_the_account_and_the_buttons_of_staff(kuaidi, drain, django_capture_on_commit_callbacks, settings):
    owner, clerk, goods = (staff_in(make_staff(role)) for role in (Role.OWNER, Role.ORDERS, Role.GOODS))
    here = "/backoffice/couriers/tracking"
    row = CourierAccount.objects.get(provider="kuaidi100", active=True)
    page = owner.get(here, **EN).content.decode()
    assert "connected" in page and row.app_key in page and kuaidi.key not in page and row.app_secret_sealed[:2] == "v1"
    assert kuaidi.key not in str(row.__dict__) and clerk.get(here).status_code == 403
    wrong = owner.post(here, {"step": "store", "customer": row.app_key, "key": "wrong"}, **EN)
    assert wrong.status_code == 422 and "验证签名失败" in wrong.content.decode()
    assert owner.post(here, {"step": "store", "customer": "x y", "key": ""}, **EN).status_code == 422
    assert CourierAccount.objects.filter(provider="kuaidi100").count() == 1
    assert owner.post(here, {"step": "store", "customer": row.app_key, "key": ""}, **EN).status_code == 302
    with pytest.raises(InvalidInput) as refused:
        courier.store_tracker(customer="", key="k", actor="user:owner", now=NOW)
    assert refused.value.field == "customer"
    settings.COURIER_SANDBOX_ORIGIN = "http://127.0.0.1:1"
    with pytest.raises(courier.TrackerRefused):
        courier.store_tracker(customer="a", key="b", actor="user:owner", now=NOW)
    settings.COURIER_SANDBOX_ORIGIN = kuaidi.origin

    parcel = sent("YT3234567890")
    order = f"/backoffice/orders/{parcel.order.ulid}"
    assert "Have it followed" in clerk.get(order, **EN).content.decode()
    press = f"{order}/parcels/{parcel.ulid}/follow"
    assert goods.post(press).status_code == 403
    assert clerk.post(press, {"step": "follow"}, **EN).status_code == 302
    seen = clerk.get(order, **EN).content.decode()
    assert "It is followed from now on." in seen and "Ask now" in seen
    assert clerk.post(press, {"step": "ask"}, **EN).status_code == 302
    assert "less than half an hour ago" in clerk.get(order, **EN).content.decode()
    assert clerk.post(f"{order}/parcels/{new_parcel().ulid}/follow").status_code == 404
    assert owner.post(here, {"step": "disconnect"}, **EN).status_code == 302
    assert "not connected" in owner.get(here, **EN).content.decode() and trackers.active_tracker() is None
    watch = ParcelWatch.objects.get()
    kuaidi.step(watch.number, "move", NOW + HOUR)  # what was followed is followed to its end
    assert told(kuaidi.push(watch.number), token=watch.account.notify_token).status_code == 200
    drain()
    assert course(parcel)[0] == "moving"
    assert owner.post(here, {"step": "sandbox"}, **EN).status_code == 302
    settings.ENVIRONMENT = "production"
    assert owner.post(here, {"step": "sandbox"}, **EN).status_code == 404
    with pytest.raises(BadNotice):
        trackers.gateway_of(CourierAccount.objects.get(pk=row.pk)).parse_push(b"\xff")
    assert Provider.KUAIDI100 == "kuaidi100"


def new_parcel():
    """A parcel of another order."""
    found = sent("YT9934567890")
    return Parcel.objects.get(pk=found.pk)
