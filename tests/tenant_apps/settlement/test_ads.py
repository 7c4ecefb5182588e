"""Ad points and releases through the real book (MODES 13a): given, burnt, limited by income, resumable, taken back."""

import datetime as dt

import pytest
from django.db import transaction
from django.db.utils import IntegrityError

from saas.identity.models import AuditRecord
from saas.kernel.errors import DomainError, InvalidInput
from saas.ledger import selectors as book
from saas.tenants.malls.models import Mall
from tenant_apps.modes.advertising import services as ads
from tenant_apps.modes.advertising.models import AdDay, AdIncome, AdTask, AdView
from tenant_apps.modes.advertising.rules import AD_POINTS
from tenant_apps.orders import services as orders
from tenant_apps.orders.models import Order, OrderLine
from tenant_apps.orders.rules import RefundWish
from tenant_apps.settlement import facts, services, tasks
from tenant_apps.settlement.rules import debt_of, wallet_of
from tenant_apps.settlement.services import ad_releases
from tests.factories import catalog, sales
from tests.factories import orders as make
from tests.factories.people import make_member

NOW = dt.datetime(2026, 11, 20, 4, 0, tzinfo=dt.UTC)
DAY = dt.date(2026, 11, 20)
NIGHT = dt.datetime(2026, 11, 20, 16, 0, tzinfo=dt.UTC)  # midnight in China
LATER = NOW + dt.timedelta(seconds=20)


@pytest.fixture
def viewer(grocery: Mall) -> object:
    sales.publish("advertising", now=NOW, pay_as="cash")
    return make_member(name="李看客", now=NOW)


def ad(title: str = "Kettle", *, seconds: int = 15) -> AdTask:
    draft = ads.AdDraft(title=title, text="Boils in a minute", advertiser="Kettle Ltd", seconds=seconds, first_day=DAY)
    return ads.save_task(draft=draft, actor=make.CLERK, now=NOW)


def finished_order(buyer: object, price: int = 20_000) -> Order:
    order = make.paid(buyer, (catalog.single(f"G{price}", price=price, supply=price // 2), 1), now=NOW)  # type: ignore[arg-type]
    services.release_order(order=facts.paid_order(order.ulid), now=NOW)
    return order


def watched(member: object, task: AdTask, at: dt.datetime = NOW) -> AdView:
    ads.start_ad(member_ulid=member.ulid, task_ulid=task.ulid, now=at)  # type: ignore[attr-defined]
    return ads.finish_ad(
        member_ulid=member.ulid,  # type: ignore[attr-defined]
        task_ulid=task.ulid,
        now=at + dt.timedelta(seconds=task.seconds),
    )


def income(amount: int, at: dt.datetime = NOW) -> AdIncome:
    return services.book_ad_income(
        amount=amount, advertiser="Kettle Ltd", reference="T1", note="november", actor=make.CLERK, now=at
    )


def points(member: object) -> int:
    return book.balance(wallet_of(member.ulid), AD_POINTS)  # type: ignore[attr-defined]


def wallet(member: object) -> int:
    return book.balance(wallet_of(member.ulid))  # type: ignore[attr-defined]


def refunded(order: Order, value: int, at: dt.datetime) -> None:
    line = OrderLine.objects.get(order=order)
    case = orders.request_refund(
        order_ulid=order.ulid, reason="test", actor=make.CLERK, now=at, wishes=[RefundWish(line.ulid, 0, value)]
    )
    orders.approve_refund(refund_ulid=case.ulid, actor=make.CLERK, now=at, restock=False)
    _, refund = facts.approved_refund(case.ulid)
    for _time in range(2):
        services.apply_refund(order=facts.paid_order(order.ulid), refund=refund, now=at)
    sales.return_money(refund, now=at)


def sound() -> None:
    for asset in ("CNY", AD_POINTS):
        assert sum(row.posted for row in book.trial_balance() if row.asset == asset) == 0
    assert book.check_ledger() == []
    assert book.uncleared() == []
    for row in AdDay.objects.all():
        assert row.released_amount == sum(AdView.objects.filter(day=row.day).values_list("released_amount", flat=True))


def test_points_come_with_completion_once_and_release_two_percent_a_day(viewer: object) -> None:
    """200 points, 2 %: 4.00, then 196 → 3.92 (x)."""
    order = finished_order(viewer)
    services.release_order(order=facts.paid_order(order.ulid), now=NOW)
    assert points(viewer) == 20_000
    house = book.balance("house")
    income(100_000)
    assert book.balance("house") - house == 100_000
    task = ad()
    watched(viewer, task)
    assert tasks.release_ads(now=NIGHT - dt.timedelta(seconds=1)) == 0
    assert [tasks.release_ads(now=NIGHT) for _ in range(3)] == [400, 0, 0]
    assert (wallet(viewer), points(viewer)) == (400, 19_600)
    tomorrow = NOW + dt.timedelta(days=1)
    income(100_000, tomorrow)
    watched(viewer, task, tomorrow)
    assert tasks.release_ads(now=NIGHT + dt.timedelta(days=1)) == 392
    assert (wallet(viewer), points(viewer), book.balance("house") - house) == (792, 19_208, 200_000 - 792)
    row = AdDay.objects.get(day=DAY)
    assert (row.booked_amount, row.budget_amount, row.wanted_amount, row.released_amount) == (100_000, 70_000, 400, 400)
    sound()


def test_the_budget_of_the_day_binds_pro_rata(viewer: object) -> None:
    other = make_member(now=NOW)
    finished_order(viewer)
    finished_order(other, 10_000)
    income(215)  # 70 % of it is 1.50
    for member in (viewer, other):
        watched(member, AdTask.objects.first() or ad())
    assert tasks.release_ads(now=NIGHT) == 150
    assert (wallet(viewer), wallet(other)) == (100, 50)
    assert (points(viewer), points(other)) == (19_900, 9_950)
    sound()


def test_without_income_nothing_is_released_and_points_stay(viewer: object) -> None:
    finished_order(viewer)
    watched(viewer, ad())
    assert tasks.release_ads(now=NIGHT) == 0
    assert (wallet(viewer), points(viewer)) == (0, 20_000)
    view = AdView.objects.get()
    assert (view.wanted_amount, view.due_amount, view.released_amount, view.released_at) == (400, 0, 0, NIGHT)
    assert AdDay.objects.get().closed_at == NIGHT


def test_a_correction_is_made_up_by_later_days(viewer: object) -> None:
    finished_order(viewer)
    task = ad()
    income(1_000)
    assert tasks.release_ads(now=NIGHT) == 0
    tomorrow, after = NOW + dt.timedelta(days=1), NOW + dt.timedelta(days=2)
    income(-1_000, tomorrow)
    watched(viewer, task, tomorrow)
    income(1_500, after)
    watched(viewer, task, after)
    assert tasks.release_ads(now=NIGHT + dt.timedelta(days=2)) == 350  # 70 % of 15.00 − 10.00
    assert [(row.booked_amount, row.deficit_amount, row.budget_amount) for row in AdDay.objects.order_by("day")] == [
        (1_000, 0, 700),
        (-1_000, 1_000, 0),
        (1_500, 0, 350),
    ]
    sound()


def test_a_refund_takes_the_points_back_and_the_rest_is_owed(viewer: object) -> None:
    order = finished_order(viewer)
    income(100_000)
    watched(viewer, ad())
    tasks.release_ads(now=NIGHT)
    refunded(order, 5_000, NIGHT)
    assert points(viewer) == 14_600
    refunded(order, 15_000, NIGHT)
    assert (points(viewer), book.balance(debt_of(viewer.ulid), AD_POINTS)) == (0, -400)  # type: ignore[attr-defined]
    finished_order(viewer, 10_000)
    assert (points(viewer), book.balance(debt_of(viewer.ulid), AD_POINTS)) == (9_600, 0)  # type: ignore[attr-defined]
    assert wallet(viewer) == 400
    sound()


def test_a_refund_before_completion_leaves_points_for_the_rest(viewer: object) -> None:
    order = make.paid(viewer, (catalog.single(price=20_000, supply=9_000), 1), now=NOW)  # type: ignore[arg-type]
    refunded(order, 5_000, NOW)
    assert points(viewer) == 0
    services.release_order(order=facts.paid_order(order.ulid), now=NOW)
    assert points(viewer) == 15_000


def test_points_that_a_refund_took_after_the_day_are_not_paid(viewer: object) -> None:
    order = finished_order(viewer)
    income(100_000)
    watched(viewer, ad())
    ad_releases._compute(day=DAY, now=NIGHT)
    refunded(order, 19_900, NIGHT)
    assert tasks.release_ads(now=NIGHT) == 100
    assert (wallet(viewer), points(viewer), AdView.objects.get().released_amount) == (100, 0, 100)
    sound()


def test_orders_keep_the_version_they_were_sold_under(viewer: object) -> None:
    order = make.paid(viewer, (catalog.single(price=10_000, supply=4_000), 1), now=NOW)  # type: ignore[arg-type]
    sales.publish("advertising", now=NOW + dt.timedelta(minutes=1), enabled=False)
    services.release_order(order=facts.paid_order(order.ulid), now=NIGHT)
    assert points(viewer) == 10_000
    late = make.paid(viewer, (catalog.single("B", price=10_000, supply=4_000), 1), now=NIGHT)  # type: ignore[arg-type]
    services.release_order(order=facts.paid_order(late.ulid), now=NIGHT)
    assert points(viewer) == 10_000


def test_a_mode_that_is_off_at_the_days_end_releases_nothing(viewer: object) -> None:
    finished_order(viewer)
    income(100_000)
    watched(viewer, ad())
    sales.publish("advertising", now=LATER, enabled=False)
    assert tasks.release_ads(now=NIGHT) == 0
    assert (wallet(viewer), points(viewer), AdDay.objects.get().budget_amount) == (0, 20_000, 0)


def test_an_ad_counts_when_looked_at_and_only_so_many_a_day(viewer: object) -> None:
    first, second = ad(), ad("Pan")
    member = viewer.ulid  # type: ignore[attr-defined]
    with pytest.raises(ads.AdTooShort):
        ads.finish_ad(member_ulid=member, task_ulid=first.ulid, now=NOW)
    ads.start_ad(member_ulid=member, task_ulid=first.ulid, now=NOW)
    with pytest.raises(ads.AdTooShort) as early:
        ads.finish_ad(member_ulid=member, task_ulid=first.ulid, now=NOW + dt.timedelta(seconds=5))
    assert "10" in early.value.text
    ads.start_ad(member_ulid=member, task_ulid=second.ulid, now=NOW)
    done = ads.finish_ad(member_ulid=member, task_ulid=first.ulid, now=LATER)
    assert ads.finish_ad(member_ulid=member, task_ulid=first.ulid, now=LATER) == done
    with pytest.raises(ads.AdsOfDayDone):
        ads.finish_ad(member_ulid=member, task_ulid=second.ulid, now=LATER)
    assert list(AdView.objects.exclude(slot=None).values_list("task__title", "slot")) == [("Kettle", 1)]
    ads.stop_task(ulid=second.ulid, is_stopped=True, actor=make.CLERK, now=NOW)
    with pytest.raises(ads.AdNotRunning):
        ads.start_ad(member_ulid=make_member(now=NOW).ulid, task_ulid=second.ulid, now=NOW)
    sales.publish("advertising", now=LATER, enabled=False)
    with pytest.raises(ads.AdsOff):
        ads.start_ad(member_ulid=make_member(now=NOW).ulid, task_ulid=first.ulid, now=LATER)


def test_tiers_and_two_ads_a_day_fall_one_after_the_other(viewer: object) -> None:
    """Thresholds 200: 1 %, 400: 1.2 % (x); the second ad finds what the first left."""
    sales.publish(
        "advertising",
        now=NOW + dt.timedelta(seconds=1),
        pay_as="cash",
        tasks_per_day=2,
        tier_from_points=[200, 400],
        tier_rate_ppm=[10_000, 12_000],
    )
    finished_order(viewer, 40_000)
    poor = make_member(now=NOW)
    finished_order(poor, 10_000)
    income(100_000)
    tasks_of_day = [ad(), ad("Pan")]
    for member in (viewer, poor):
        for one in tasks_of_day:
            watched(member, one, LATER)
    assert tasks.release_ads(now=NIGHT) == 480 + 395  # 400.00: 4.80, then 395.20: 3.95
    assert (wallet(viewer), wallet(poor)) == (875, 0)
    sound()


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("amount", {"amount": 0}),
        ("amount", {"amount": -1_001}),
        ("advertiser", {"advertiser": " "}),
        ("reference", {"reference": ""}),
    ],
)
def test_income_that_is_no_income_is_refused(viewer: object, field: str, change: dict[str, object]) -> None:
    income(1_000)
    values: dict[str, object] = {"amount": 5, "advertiser": "A", "reference": "R", "actor": make.CLERK, "now": NOW}
    with pytest.raises(InvalidInput) as refused:
        services.book_ad_income(**{**values, **change})  # type: ignore[arg-type]
    assert refused.value.field == field
    assert (AdIncome.objects.count(), book.balance("bank"), book.balance("house")) == (1, -1_000, 1_000)


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("title", {"title": ""}),
        ("text", {"text": "看广告稳赚不赔"}),
        ("advertiser", {"advertiser": "x" * 81}),
        ("link", {"link": "http://a.example"}),
        ("seconds", {"seconds": 4}),
        ("last_day", {"last_day": DAY - dt.timedelta(days=1)}),
    ],
)
def test_an_ad_that_may_not_be_shown_is_refused(viewer: object, field: str, change: dict[str, object]) -> None:
    values: dict[str, object] = {"title": "T", "text": "t", "advertiser": "A", "first_day": DAY}
    with pytest.raises(DomainError) as refused:
        ads.save_task(draft=ads.AdDraft(**{**values, **change}), actor=make.CLERK, now=NOW)  # type: ignore[arg-type]
    assert refused.value.field == field
    assert not AdTask.objects.exists()


def test_staff_leave_a_trace(viewer: object) -> None:
    task = ad()
    ads.save_task(
        draft=ads.AdDraft(title="Pot", text="t", advertiser="A", first_day=DAY),
        actor=make.CLERK,
        now=NOW,
        ulid=task.ulid,
    )
    ads.stop_task(ulid=task.ulid, is_stopped=True, actor=make.CLERK, now=NOW)
    income(7)
    actions = AuditRecord.objects.filter(actor=make.CLERK, action__startswith="ad.").order_by("pk")
    assert list(actions.values_list("action", flat=True)) == [
        "ad.created",
        "ad.changed",
        "ad.stopped",
        "ad.income_booked",
    ]


def test_the_table_itself_keeps_a_day_within_its_budget(viewer: object) -> None:
    finished_order(viewer)
    income(100)
    watched(viewer, ad())
    tasks.release_ads(now=NIGHT)
    with pytest.raises(IntegrityError), transaction.atomic():
        AdDay.objects.update(released_amount=71)


def test_a_run_that_is_cut_off_goes_on_where_it_was(viewer: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ad_releases, "BATCH", 1)
    others = [make_member(now=NOW) for _ in range(3)]
    task = ad()
    for member in others:
        finished_order(member)
        watched(member, task)
    income(1_000)
    ad_releases._compute(day=DAY, now=NIGHT)
    assert ad_releases._pay_batch(day=DAY, now=NIGHT) == 234
    assert not ads.close_day(day=DAY, now=NIGHT)
    income(99_999, NIGHT)  # of the next day: the shares are fixed
    ad_releases._compute(day=DAY, now=NIGHT)
    assert tasks.release_ads(now=NIGHT) == 466
    assert [wallet(member) for member in others] == [234, 233, 233]
    assert tasks.release_ads(now=NIGHT) == 0
    sound()


def test_a_mall_knows_nothing_of_another(viewer: object, grocery: Mall) -> None:
    finished_order(viewer)
    income(1_000)
    watched(viewer, ad())
    from saas.tenants.malls.activation import in_mall

    with in_mall(Mall.objects.get(schema_name="t_test_beauty")):
        assert (AdTask.objects.count(), AdIncome.objects.count(), tasks.release_ads(now=NIGHT)) == (0, 0, 0)
        assert book.balance(wallet_of(viewer.ulid), AD_POINTS) == 0  # type: ignore[attr-defined]
    assert tasks.release_ads(now=NIGHT) == 400
