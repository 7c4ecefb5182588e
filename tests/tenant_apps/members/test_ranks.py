"""Ranks stand on grounds: turnover of completed orders, a gift pack, staff. Never on a number of people (MODES 5)."""

import datetime as dt

import pytest

from saas.identity.models import AuditRecord
from saas.kernel import clock
from saas.kernel.errors import InvalidInput, NotFound
from tenant_apps.members import selectors, services
from tenant_apps.members.models import Member, RankGrant
from tenant_apps.members.services.referral import ReasonMissing
from tenant_apps.modes.differential import selectors as differential
from tenant_apps.modes.differential import services as rank_services
from tenant_apps.orders import services as orders
from tenant_apps.orders.rules import RefundWish
from tests.factories import catalog, people
from tests.factories import orders as make
from tests.factories.sales import publish

NOW = clock.now()
TODAY = dt.date(2020, 1, 1)
CLERK = "user:clerk"


@pytest.fixture
def referrer(grocery):
    return people.make_member(name="乙")


@pytest.fixture
def buyer(referrer):
    return people.make_member(name="甲", referrer=referrer)


def rank_of(member):
    return Member.objects.get(pk=member.pk).rank


def turnover(member):
    found = selectors.turnover(member.pk, since=TODAY)
    return found.own_amount, found.direct_amount


def refund(order, *, drain):
    case = orders.request_refund(order_ulid=order.ulid, reason="坏了", actor=CLERK, now=NOW)
    orders.approve_refund(refund_ulid=case.ulid, actor=CLERK, now=NOW)
    orders.mark_refunded(refund_ulid=case.ulid, now=NOW)
    drain()


def test_a_completed_order_counts_for_the_buyer_and_who_referred_him_and_a_refund_takes_it_off(buyer, referrer, drain):
    sku = catalog.single(price=100_000, supply=10_000)
    order = make.completed(buyer, (sku, 2), now=NOW)
    assert (turnover(buyer), turnover(referrer)) == ((0, 0), (0, 0))
    drain()
    assert (turnover(buyer), turnover(referrer)) == ((200_000, 0), (0, 200_000))
    drain()
    assert turnover(buyer) == (200_000, 0)
    refund(order, drain=drain)
    assert (turnover(buyer), turnover(referrer)) == ((0, 0), (0, 0))


def test_what_was_refunded_before_completion_never_counts(buyer, referrer, drain):
    sku = catalog.single(price=1_000)
    order = make.received(buyer, (sku, 2), now=NOW - dt.timedelta(days=9))
    line = order.lines.get()
    case = orders.request_refund(
        order_ulid=order.ulid, reason="坏了", actor=CLERK, now=NOW, wishes=[RefundWish(line.ulid, 1)]
    )
    orders.approve_refund(refund_ulid=case.ulid, actor=CLERK, now=NOW)
    orders.mark_refunded(refund_ulid=case.ulid, now=NOW)
    orders.complete_order(order_ulid=order.ulid, actor="system", now=NOW)
    drain()
    assert turnover(buyer) == (1_000, 0)


def test_turnover_reaches_a_rank_by_own_purchases_and_by_those_of_direct_buyers(buyer, referrer, drain):
    publish("differential", now=NOW, max_depth=2)
    sku = catalog.single(price=100_000, supply=10_000, stock=20)
    make.completed(buyer, (sku, 1), now=NOW)
    drain()
    assert (rank_of(buyer), rank_of(referrer)) == (1, 0)
    make.completed(buyer, (sku, 9), now=NOW)
    drain()
    assert (rank_of(buyer), rank_of(referrer)) == (2, 2)
    assert [(one.rank, one.ground) for one in selectors.rank_grants(referrer.pk)] == [(2, "turnover")]


def test_the_window_rolls(buyer, drain):
    publish("differential", now=NOW, max_depth=2)
    at = {"referrer_ulid": "", "member_ulid": buyer.ulid, "reason": "completed", "now": NOW}
    today = dt.datetime.now(dt.UTC).astimezone(dt.timezone(dt.timedelta(hours=8))).date()
    services.add_turnover(**at, day=today - dt.timedelta(days=90), amount=100_000, key="old")
    assert rank_services.raise_ranks(member_ulids=[buyer.ulid], now=NOW) == []
    services.add_turnover(**at, day=today - dt.timedelta(days=89), amount=100_000, key="young")
    assert rank_services.raise_ranks(member_ulids=[buyer.ulid], now=NOW) == [buyer.ulid]
    assert rank_services.raise_ranks(member_ulids=[buyer.ulid], now=NOW) == []
    assert rank_of(buyer) == 1


def test_a_month_end_takes_back_what_turnover_does_not_support_and_nothing_else(buyer, referrer):
    publish("differential", now=NOW, max_depth=2, downgrade="month_end")
    for member, rank in ((buyer, 2), (referrer, 3)):
        services.grant_rank(member_ulid=member.ulid, rank=rank, ground="turnover", actor="system", now=NOW)
    services.grant_rank(member_ulid=referrer.ulid, rank=1, ground="staff", actor=CLERK, reason="开业", now=NOW)
    services.add_turnover(
        member_ulid=buyer.ulid,
        referrer_ulid="",
        day=people.NOW.date(),
        amount=60_000,
        key="k",
        reason="completed",
        now=NOW,
    )
    later = max(NOW, people.NOW)
    assert rank_services.lower_ranks(now=later) == 2
    assert (rank_of(buyer), rank_of(referrer)) == (1, 1)  # 600.00 is more than half of V1's 1 000.00, less of V2's
    assert rank_services.lower_ranks(now=later) == 0


def test_without_the_setting_no_rank_is_lost(buyer):
    publish("differential", now=NOW, max_depth=2)
    services.grant_rank(member_ulid=buyer.ulid, rank=3, ground="turnover", actor="system", now=NOW)
    assert rank_services.lower_ranks(now=NOW) == 0
    assert rank_of(buyer) == 3


def test_the_rank_is_the_highest_live_grant_and_every_change_is_written_down(buyer):
    first = services.grant_rank(member_ulid=buyer.ulid, rank=1, ground="staff", actor=CLERK, reason="开业", now=NOW)
    second = services.grant_rank(member_ulid=buyer.ulid, rank=3, ground="turnover", actor="system", now=NOW)
    assert rank_of(buyer) == 3
    services.withdraw_rank(grant_ulid=second.ulid, actor=CLERK, reason="误授", now=NOW)
    assert rank_of(buyer) == 1
    services.withdraw_rank(grant_ulid=first.ulid, actor=CLERK, reason="误授", now=NOW)
    assert rank_of(buyer) == 0
    trail = AuditRecord.objects.filter(target=f"member:{buyer.ulid}", action__startswith="rank.").order_by("pk")
    assert [one.action for one in trail] == ["rank.granted", "rank.granted", "rank.withdrawn", "rank.withdrawn"]


def test_refusals_change_nothing(buyer):
    grant = services.grant_rank(member_ulid=buyer.ulid, rank=2, ground="staff", actor=CLERK, reason="开业", now=NOW)
    with pytest.raises(InvalidInput):
        services.grant_rank(member_ulid=buyer.ulid, rank=4, ground="staff", actor=CLERK, reason="x", now=NOW)
    with pytest.raises(ReasonMissing):
        services.grant_rank(member_ulid=buyer.ulid, rank=1, ground="staff", actor=CLERK, reason=" ", now=NOW)
    with pytest.raises(services.RankHeld):
        services.grant_rank(member_ulid=buyer.ulid, rank=2, ground="staff", actor=CLERK, reason="x", now=NOW)
    with pytest.raises(ReasonMissing):
        services.withdraw_rank(grant_ulid=grant.ulid, actor=CLERK, reason="", now=NOW)
    with pytest.raises(NotFound):
        services.withdraw_rank(grant_ulid="01NOTHING", actor=CLERK, reason="x", now=NOW)
    assert (rank_of(buyer), RankGrant.objects.filter(member=buyer).count()) == (2, 1)


def test_progress_says_what_is_missing(buyer, drain):
    assert differential.progress(buyer, now=NOW) is None
    publish("differential", now=NOW, max_depth=2)
    services.add_turnover(
        member_ulid=buyer.ulid,
        referrer_ulid="",
        day=dt.datetime.now(dt.UTC).astimezone(dt.timezone(dt.timedelta(hours=8))).date(),
        amount=25_000,
        key="k",
        reason="completed",
        now=NOW,
    )
    found = differential.progress(buyer, now=NOW)
    step = found.next_step
    assert (step.rank, step.rate_ppm, [(p.word, p.missing_amount, p.percent) for p in step.paths]) == (
        1,
        50_000,
        [("own", 75_000, 25)],
    )


def test_a_pack_refunded_before_its_completion_is_heard_of_grants_nothing(buyer):
    gone = {"member_ulid": buyer.ulid, "ground": "gift_pack:01ORDER", "actor": "system", "now": NOW}
    assert services.withdraw_ground(**gone, reason="gift_pack_refunded") == 0
    services.grant_rank(**gone, rank=2)
    assert rank_of(buyer) == 0
