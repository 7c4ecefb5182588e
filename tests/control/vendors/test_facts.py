"""Facts that cells send about malls: sales by day in China, and a mall that opened."""

import datetime as dt

from saas.messaging.bus.services import Event
from saas.tenants.vendors import handlers, selectors
from saas.tenants.vendors import services as vendors
from saas.tenants.vendors.models import MallDay
from saas.tenants.vendors.rules import PlaceState


def fact(topic, mall, **payload):
    return Event("01EVENT", topic, mall, 1, payload, dt.datetime(2026, 11, 22, tzinfo=dt.UTC))


def test_sales_are_added_up_by_the_day_in_china(sign_up):
    mall = sign_up().place.mall
    for amount, instant in (
        (12_900, "2026-11-22T15:59:00+00:00"),
        (1_000, "2026-11-22T16:01:00+00:00"),
        (7, "2026-11-22T03:00:00+00:00"),
    ):
        handlers.on_sale_completed(fact("sale.completed", mall, order="x", amount=amount, completed_at=instant))
    assert sorted(MallDay.objects.values_list("date", "orders", "sales_amount")) == [
        (dt.date(2026, 11, 22), 2, 12_907),
        (dt.date(2026, 11, 23), 1, 1_000),
    ]
    assert selectors.sales([mall], since=dt.date(2026, 11, 23)).sales_amount == 1_000


def test_a_published_mall_is_live(sign_up, now):
    place = sign_up().place
    vendors.change_place_state(mall=place.mall, wanted=PlaceState.REHEARSAL, actor="provisioning", now=now)
    handlers.on_mall_published(fact("mall.published", place.mall, at=now.isoformat()))
    place.refresh_from_db()
    assert place.state == "live"
