"""An order lives under the settings it was sold under: refunds, releases, and modes switched off meanwhile."""

import datetime as dt

import pytest

from saas.ledger import selectors as book
from tenant_apps.members.models import Member
from tenant_apps.settlement import services
from tenant_apps.settlement.models import Award, ClawBack, LineSettlement
from tenant_apps.settlement.rules import PaidOrder, wallet_of
from tests.factories import sales
from tests.factories.people import make_member

NOW = sales.NOW
DAY = dt.timedelta(days=1)


@pytest.fixture
def people(grocery: object) -> list[Member]:
    a = make_member(name="赵一", promoter=True)
    b = make_member(name="钱小二", referrer=a, promoter=True)
    return [make_member(name="孙三", referrer=b), b, a]


def sold(people: list[Member]) -> PaidOrder:
    """Under version 1: 5 % and 2 %, a tenth of the funds kept before awards."""
    pins = {
        "distribution": sales.publish(rate_ppm=[50_000, 20_000]).ulid,
        "settlement": sales.publish("settlement", platform_min_ppm=100_000).ulid,
    }
    return sales.paid_order(people[0], people[1:], [sales.line(10_000, 4_000)], pins=pins)


def later_versions() -> None:
    """Versions 2 and 3: other rates, other bases, nothing kept."""
    for number, rates in ((1, [100_000, 50_000]), (2, [300_000, 10_000])):
        sales.publish(now=NOW + number * DAY, rate_ppm=rates, base="gross")
        sales.publish("settlement", now=NOW + number * DAY, platform_min_ppm=0)


def figures(order: PaidOrder) -> dict[str, object]:
    line = LineSettlement.objects.get(settlement__order_ulid=order.ulid)
    awards = Award.objects.filter(line=line).order_by("position")
    return {
        "awards": list(awards.values_list("kind", "rate_ppm", "base_amount", "amount", "clawed_amount")),
        "backs": list(ClawBack.objects.filter(award__line=line).order_by("pk").values_list("amount", flat=True)),
        "line": (line.cost_amount, line.awarded_amount, line.house_amount),
    }


@pytest.mark.parametrize("released", [False, True])
def test_sold_under_version_1_and_refunded_under_version_3_it_has_version_1s_figures(
    people: list[Member], released: bool
) -> None:
    order = sold(people)
    services.award_order(order=order, now=NOW)
    later_versions()
    if released:
        services.release_order(order=order, now=NOW + 5 * DAY)
    refund = sales.refund_of(order.lines[0], 3_333)
    services.apply_refund(order=order, refund=refund, now=NOW + 6 * DAY)
    sales.return_money(refund)
    assert figures(order) == {
        "awards": [("level1", 50_000, 10_000, 500, 167), ("level2", 20_000, 10_000, 200, 67)],
        "backs": [167, 67],
        "line": (4_000, 466, 6_667 - 4_000 - 466),
    }
    services.release_order(order=order, now=NOW + 7 * DAY)
    assert book.balance(wallet_of(people[1].ulid)) == 333
    assert book.balance("house") == 6_667 - 4_000 - 466
    sales.posted()


def test_awarded_late_it_still_has_version_1s_figures(people: list[Member]) -> None:
    order = sold(people)
    later_versions()
    services.award_order(order=order, now=NOW + 5 * DAY)
    assert [one.amount for one in Award.objects.order_by("position")] == [500, 200]
    versions = set(Award.objects.values_list("settings_version", flat=True))
    assert versions == {order.pins["distribution"]}


def test_switching_a_mode_off_changes_no_order_that_was_sold_before(people: list[Member]) -> None:
    before, unpaid = sold(people), sold(people)
    services.award_order(order=before, now=NOW)
    kept = figures(before)
    sales.publish(now=NOW + DAY, enabled=False)
    services.award_order(order=before, now=NOW + 2 * DAY)
    assert figures(before) == kept
    services.award_order(order=unpaid, now=NOW + 2 * DAY)  # its payment came before, its event late
    assert figures(unpaid) == kept
    services.release_order(order=before, now=NOW + 3 * DAY)
    assert figures(before) == kept
    assert book.balance(wallet_of(people[1].ulid)) == 500
