"""More used than the plan promises softly: days of grace, then nothing is added; larger, smaller or a new month ends it."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import translation

from billing.handlers import on_usage_counted
from billing.models import SubscriptionEvent
from billing.rules import grace
from billing.rules.grace import Over
from billing.selectors import accounts
from billing.services import extras, subscriptions
from billing.services import grace as following
from saas.identity.models import User
from saas.messaging.bus.models import OutboxEvent
from saas.messaging.bus.services import Event
from saas.messaging.notices.models import Notice
from tests.control.billing.conftest import at

GB = 1 << 30


def told(mall, feature, used, day):
    payload = {"feature": feature, "used": used, "at": at(day.year, day.month, day.day, 12).isoformat()}
    if feature == accounts.ANSWERED:
        payload["date"] = day.isoformat()
    on_usage_counted(Event(f"{mall}{feature}{day}", "usage.counted", mall, 1, payload, at(2026, 12, 1)))


def sent(subscription):
    subscription.refresh_from_db()
    found = OutboxEvent.objects.filter(topic="entitlements.changed", mall=subscription.mall)
    return found.latest("pk").payload["values"] if found.exists() else subscription.entitlements


def kinds(subscription):
    found = SubscriptionEvent.objects.filter(subscription=subscription).order_by("pk")
    return [one.kind for one in found if one.kind in ("over_plan", "grace_ended", "within_plan")]


@pytest.mark.parametrize(
    ("known", "used", "today", "found"),
    [
        ({}, 100, 1, {}),
        ({}, 101, 1, {"orders_month_max": Over("orders_month_max", dt.date(2026, 12, 8))}),
        (
            {"orders_month_max": Over("orders_month_max", dt.date(2026, 12, 8))}, 150, 8,
            {"orders_month_max": Over("orders_month_max", dt.date(2026, 12, 8))},
        ),
        (
            {"orders_month_max": Over("orders_month_max", dt.date(2026, 12, 8))}, 150, 9,
            {"orders_month_max": Over("orders_month_max", dt.date(2026, 12, 8), True)},
        ),
        ({"orders_month_max": Over("orders_month_max", dt.date(2026, 12, 8), True)}, 100, 20, {}),
    ],
)  # fmt: skip
def test_days_of_grace(known, used, today, found):
    values = {"orders_month_max": 100, "storage_mb": 1, "traffic_month_gb": None}
    after = grace.standing(
        known, {"orders_month_max": used, "traffic_month_gb": 1 << 60}, values, dt.date(2026, 12, today)
    )
    assert after == found
    assert grace.read(grace.stored(after)) == after


def test_amounts_are_shown_in_units_of_1024():
    assert [grace.shown("storage_mb", size) for size in (0, 1 << 19, 3 << 19, 2_048 << 20, 5 << 29, 1 << 40)] == [
        "0 MB", "0.5 MB", "1.5 MB", "2 GB", "2.5 GB", "1 TB",
    ]  # fmt: skip
    assert grace.shown("orders_month_max", 12_345) == "12,345"


def test_traffic_over_the_plan_is_told_given_seven_days_and_ends_with_an_extra_or_the_month(subscription, sign_up, now):
    mall, limit = subscription.mall, subscription.entitlements["traffic_month_gb"]
    other = sign_up(mall_name="Other", subdomain="other", key="signup-2").place
    assert limit == 1_000
    told(mall, accounts.ANSWERED, 600 * GB, dt.date(2026, 12, 1))
    told(mall, accounts.ANSWERED, 400 * GB, dt.date(2026, 12, 2))
    told(other.mall, accounts.ANSWERED, 900 * GB, dt.date(2026, 12, 2))
    assert following.follow_all(now=at(2026, 12, 2)) == 0
    told(mall, accounts.ANSWERED, 400 * GB + 1, dt.date(2026, 12, 2))
    told(mall, accounts.ANSWERED, 1 * GB, dt.date(2026, 12, 3))
    for _ in range(2):
        following.follow_all(now=at(2026, 12, 3))
    assert sent(subscription)["grace_over"] == []
    assert subscription.over == {"traffic_month_gb": {"until": "2026-12-10", "ended": False}}
    assert kinds(subscription) == ["over_plan"]
    following.follow_all(now=at(2026, 12, 10))
    assert kinds(subscription) == ["over_plan"]
    following.follow_all(now=at(2026, 12, 11))
    assert sent(subscription)["grace_over"] == ["traffic_month_gb"]
    assert accounts.subscription_of_mall(other.mall).over == {}
    notices = list(Notice.objects.filter(kind__in=("plan_exceeded", "plan_grace_over")).order_by("pk"))
    assert [one.kind for one in notices] == ["plan_exceeded", "plan_grace_over"]
    assert "1 TB" not in notices[0].body and "1,001 GB" in notices[0].body.replace("1001", "1,001")
    extras.buy(ulid=subscription.ulid, code="traffic_100g", quantity=1, actor="user:v", now=at(2026, 12, 12))
    assert (sent(subscription)["grace_over"], sent(subscription)["traffic_month_gb"]) == ([], 1_100)
    assert subscription.over == {}
    told(mall, accounts.ANSWERED, 200 * GB, dt.date(2026, 12, 20))
    following.follow_all(now=at(2026, 12, 20))
    following.follow_all(now=at(2026, 12, 28))
    assert sent(subscription)["grace_over"] == ["traffic_month_gb"]
    following.follow_all(now=at(2027, 1, 1))
    assert (sent(subscription)["grace_over"], kinds(subscription)[-1]) == ([], "within_plan")


def test_files_have_fourteen_days_and_orders_seven_and_pages_say_so(subscription, owner, now):
    mall = subscription.mall
    told(mall, accounts.STORED, 21 * GB, dt.date(2026, 12, 1))
    following.follow_all(now=at(2026, 12, 1))
    browser, operator = Client(HTTP_ACCEPT_LANGUAGE="en"), Client(HTTP_ACCEPT_LANGUAGE="en")
    browser.force_login(owner)
    operator.force_login(User.objects.create_user(email="o@x.test", name="O", is_staff=True, is_superuser=True))
    page = browser.get(f"/account/malls/{mall}/subscription").content.decode()
    assert "21 GB / 20 GB" in page
    assert "Until 2026-12-15 nothing changes" in page
    assert "grace until 2026-12-15" in operator.get("/console/usage/").content.decode()
    assert "21 GB" in operator.get("/console/billing/usagerecord/").content.decode()
    following.follow_all(now=at(2026, 12, 16))
    page = browser.get(f"/account/malls/{mall}/subscription").content.decode()
    assert "The days of grace are over" in page
    assert "nothing can be added" in operator.get(f"/console/subscriptions/{mall}/").content.decode()
    subscriptions.set_override(
        vendor=subscription.vendor, feature="storage_mb", value=30 * 1024, reason="agreed", actor="user:o",
        now=at(2026, 12, 16),
    )  # fmt: skip
    assert (sent(subscription)["grace_over"], subscription.over) == ([], {})
    told(mall, accounts.STORED, 1 * GB, dt.date(2026, 12, 17))
    assert following.follow_all(now=at(2026, 12, 17)) == 0


def test_the_price_list_says_how_much_traffic(db, client):
    with translation.override("en"):
        page = client.get("/pricing", HTTP_ACCEPT_LANGUAGE="en")
    text = page.content.decode()
    assert "Traffic a month" in text
    assert "1,000 GB" in text
