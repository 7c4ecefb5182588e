"""Drafts over the mall's own paid orders: the production rules, beside what was really awarded."""

import datetime as dt
from collections.abc import Callable

from saas.kernel.clock import now
from tenant_apps.modes.distribution.settings import DistributionSettings
from tenant_apps.modes.models import SettingsVersion
from tenant_apps.modes.selectors import Drafted
from tenant_apps.settlement import selectors
from tenant_apps.settlement.models import Award
from tests.factories import catalog, orders, sales
from tests.factories.people import make_member


def draft(**values: object) -> Drafted:
    return Drafted("distribution", "", DistributionSettings.model_validate(values))


def test_what_a_draft_would_have_paid_beside_what_was_paid(grocery: object, drain: Callable[[], int]) -> None:
    instant = now()
    sales.publish(now=instant - dt.timedelta(days=100), rate_ppm=[50_000])
    promoter = make_member(name="Promoter", promoter=True)
    buyer = make_member(name="Buyer", referrer=promoter)
    tea = catalog.single("Tea", price=10_000, supply=9_000)
    orders.paid(buyer, (tea, 2), now=instant - dt.timedelta(days=3))
    orders.paid(make_member(), (tea, 1), now=instant - dt.timedelta(days=2))
    orders.paid(buyer, (tea, 1), now=instant - dt.timedelta(days=91))
    drain()
    before = (SettingsVersion.objects.count(), Award.objects.count())
    found = selectors.backtest(drafted=[draft(rate_ppm=[200_000])], now=instant)
    assert (found.orders, found.lines, found.is_whole) == (2, 2, True)
    assert (found.awards.real, found.awards.drafted, found.cut) == (1_000, 2_000, 2_000)
    assert (found.house.real, found.house.drafted) == (2_000, 1_000)
    assert [(mode, kind, sums.real, sums.drafted) for mode, kind, sums in found.shares] == [
        ("distribution", "member", 1_000, 2_000)
    ]
    assert [(payee, sums.difference) for _kind, payee, sums in found.payees] == [(promoter.ulid, 1_000)]
    assert found.names == {promoter.ulid: "Promoter"}
    assert [(title, sums.difference) for title, sums in found.products] == [("Tea", -1_000)]
    assert [(one.title, one.pot, one.wanted) for one in found.worst] == [("Tea", 2_000, 4_000)]
    assert (SettingsVersion.objects.count(), Award.objects.count()) == before


def test_the_settings_of_today_give_what_was_awarded(grocery: object, drain: Callable[[], int]) -> None:
    instant = now()
    sales.publish(now=instant - dt.timedelta(days=1))
    buyer = make_member(referrer=make_member(promoter=True))
    orders.paid(buyer, (catalog.single("Tea", price=9_999, supply=4_000), 3), now=instant)
    drain()
    found = selectors.backtest(drafted=[], now=instant + dt.timedelta(seconds=1))
    assert found.awards.real == found.awards.drafted == 1_499
    assert found.payees == []


def test_takes_the_newest_orders_where_there_are_too_many(grocery: object, drain: Callable[[], int]) -> None:
    instant = now()
    tea = catalog.single("Tea", price=1_000, supply=500)
    for day in (3, 2, 1):
        orders.paid(make_member(), (tea, day), now=instant - dt.timedelta(days=day))
    drain()
    found = selectors.backtest(drafted=[], now=instant, limit=2)
    assert (found.orders, found.paid, found.is_whole) == (2, 3_000, False)
