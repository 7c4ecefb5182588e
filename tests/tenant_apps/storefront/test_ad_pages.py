"""Ads on the pages: points, what may be watched, what was released and why; nothing to see while the mode is off."""

import datetime as dt
import re

import pytest
from django.utils import translation

from saas.kernel import clock
from saas.kernel.clock import china_date
from saas.tenants.malls.models import Mall
from tenant_apps.modes.advertising import services as ads
from tenant_apps.modes.advertising.models import AdIncome, AdTask, AdView
from tenant_apps.settlement import facts, services, tasks
from tests.factories import catalog, sales
from tests.factories import orders as make
from tests.factories.browser import MallClient
from tests.factories.people import make_member, make_staff

NOW = clock.now()
YESTERDAY = NOW - dt.timedelta(days=1)


@pytest.fixture
def member(grocery: Mall) -> object:
    return make_member(name="李看客", now=YESTERDAY)


def browser(user: object) -> MallClient:
    shop = MallClient("grocery.localhost")
    shop.force_login(user)  # type: ignore[arg-type]
    return shop


def ad(title: str = "Kettle") -> AdTask:
    draft = ads.AdDraft(
        title=title, text="Boils at once", advertiser="Kettle Ltd", seconds=15, first_day=china_date(YESTERDAY)
    )
    return ads.save_task(draft=draft, actor=make.CLERK, now=YESTERDAY)


def bought(member: object, at: dt.datetime) -> None:
    order = make.paid(member, (catalog.single(price=20_000, supply=9_000), 1), now=at)  # type: ignore[arg-type]
    services.release_order(order=facts.paid_order(order.ulid), now=at)


def test_a_mall_without_the_mode_says_so(member):
    page = browser(member.user).get("/ads", HTTP_ACCEPT_LANGUAGE="en").text
    assert "shows no ads at the moment" in page
    assert 'href="/ads"' not in browser(member.user).get("/me").text


def test_a_member_watches_an_ad_to_its_end(member):
    sales.publish("advertising", now=YESTERDAY, pay_as="cash")
    bought(member, YESTERDAY)
    row = ad()
    shop = browser(member.user)
    assert 'href="/ads"' in shop.get("/me").text
    page = shop.get("/ads", HTTP_ACCEPT_LANGUAGE="zh-hans").text
    assert "200.00" in page and "Kettle" in page and "还可计入 1 条" in page and "2%" in page
    assert shop.get(f"/ads/{row.ulid}")["Location"] == "/ads"
    assert shop.post(f"/ads/{row.ulid}/start")["Location"] == f"/ads/{row.ulid}"
    page = shop.get(f"/ads/{row.ulid}", HTTP_ACCEPT_LANGUAGE="zh-hans").text
    assert "广告" in page and "Boils at once" in page and "我已看完" in page
    assert shop.post(f"/ads/{row.ulid}/finish")["Location"] == f"/ads/{row.ulid}"
    assert AdView.objects.get().finished_at is None
    assert re.search(r"请再观看 1\d 秒", shop.get("/ads", HTTP_ACCEPT_LANGUAGE="zh-hans").text)
    AdView.objects.update(started_at=NOW - dt.timedelta(seconds=60))
    assert shop.post(f"/ads/{row.ulid}/finish")["Location"] == "/ads"
    assert AdView.objects.get().slot == 1
    assert "零点后结算" in shop.get("/ads", HTTP_ACCEPT_LANGUAGE="zh-hans").text
    assert shop.post(f"/ads/{ad('Pan').ulid}/start")["Location"] == "/ads"
    assert AdView.objects.count() == 1


def test_what_was_released_is_told_with_its_reason(member):
    sales.publish("advertising", now=YESTERDAY, pay_as="cash")
    bought(member, YESTERDAY)
    row = ad()
    ads.start_ad(member_ulid=member.ulid, task_ulid=row.ulid, now=YESTERDAY)
    ads.finish_ad(member_ulid=member.ulid, task_ulid=row.ulid, now=YESTERDAY + dt.timedelta(seconds=15))
    services.book_ad_income(amount=215, advertiser="K", reference="1", actor=make.CLERK, now=YESTERDAY)
    assert tasks.release_ads(now=NOW) == 150
    day = f"{china_date(YESTERDAY):%Y-%m-%d}"
    with translation.override("zh-hans"):
        page = browser(member.user).get("/ads", HTTP_ACCEPT_LANGUAGE="zh-hans").text
    assert f"您于 {day} 看完“Kettle”，当时有广告积分 200.00：其 2% 为 ¥4.00。" in page
    assert "当天广告收入可供全体会员释放 ¥1.50，您分得 ¥1.50。" in page
    assert "198.50" in page
    assert "看广告释放广告积分" in browser(member.user).get("/wallet/statement", HTTP_ACCEPT_LANGUAGE="zh-hans").text


def test_an_ad_that_is_not_there_is_not_watched(member):
    sales.publish("advertising", now=YESTERDAY, pay_as="cash")
    shop = browser(member.user)
    assert shop.post("/ads/01JNOBODY/start")["Location"] == "/ads"
    assert shop.get("/ads/01JNOBODY").status_code == 404
    assert not AdView.objects.exists()


def test_staff_write_ads_and_book_income(member):
    sales.publish("advertising", now=YESTERDAY, pay_as="cash")
    desk = browser(make_staff())
    assert "No ad yet" in desk.get("/backoffice/ads/", HTTP_ACCEPT_LANGUAGE="en").text
    sent = {
        "title": "Pot",
        "text": "稳赚不赔",
        "advertiser": "P",
        "link": "",
        "seconds": "15",
        "first_day": "2026-11-22",
    }
    refused = desk.post("/backoffice/ads/", sent, HTTP_ACCEPT_LANGUAGE="en")
    assert refused.status_code == 422 and "rule 9" in refused.text
    assert not AdTask.objects.exists()
    assert desk.post("/backoffice/ads/", {**sent, "text": "A pot"}).status_code == 302
    row = AdTask.objects.get()
    page = desk.get(f"/backoffice/ads/?ad={row.ulid}", HTTP_ACCEPT_LANGUAGE="en").text
    assert "Change an ad" in page and "A pot" in page
    assert desk.post(f"/backoffice/ads/?ad={row.ulid}", {**sent, "text": "A better pot"}).status_code == 302
    row.refresh_from_db()
    assert row.text == "A better pot"
    desk.post(f"/backoffice/ads/{row.ulid}/stop", {"step": "stop"})
    row.refresh_from_db()
    assert row.stopped_at is not None
    money = {"amount": "0", "advertiser": "P", "reference": "T1", "note": ""}
    refused = desk.post("/backoffice/ads/money", money, HTTP_ACCEPT_LANGUAGE="en")
    assert refused.status_code == 422 and "other than 0" in refused.text
    assert not AdIncome.objects.exists()
    assert desk.post("/backoffice/ads/money", {**money, "amount": "1000"}).status_code == 302
    assert desk.post("/backoffice/ads/money", {**money, "amount": "-99.50", "reference": "T1b"}).status_code == 302
    assert list(AdIncome.objects.order_by("pk").values_list("amount", flat=True)) == [100_000, -9_950]
    page = desk.get("/backoffice/ads/money", HTTP_ACCEPT_LANGUAGE="en").text
    assert "900.50" in page and "630.35" in page and "No day has been settled yet" in page
    income = AdIncome.objects.first()
    assert "1000" in desk.get(f"/backoffice/money/document?document=ad_income:{income.ulid}").text.replace(",", "")
