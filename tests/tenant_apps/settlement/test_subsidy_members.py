"""What happens to members of a pool: told of new terms by SMS, and an account that is closed."""

import datetime as dt

from saas.ledger import selectors as book
from saas.messaging.notices.models import Notice
from tenant_apps.members import services as members
from tenant_apps.modes.subsidy import selectors as subsidy
from tenant_apps.modes.subsidy.models import Cohort, Lot, Voucher
from tenant_apps.settlement import services, tasks
from tenant_apps.settlement.selectors.subsidy import check_pools, identity
from tenant_apps.settlement.services import subsidy_vouchers
from tests.factories import sales
from tests.factories import subsidy as shop
from tests.factories.people import make_member

NOW = sales.NOW
WEEK = dt.timedelta(days=7)


def sold(buyer, version, *, owner="", goods=100_000):
    one = shop.sold(buyer, goods=goods, owner=owner, pins={"subsidy": version.ulid})
    services.award_order(order=one.order, now=NOW)
    services.release_order(order=one.order, now=NOW)
    return one


def test_members_with_lots_are_told_of_new_terms_once(grocery):
    shop.approve()
    version = shop.publish()
    buyers = [make_member() for _ in range(3)]
    for buyer in buyers:
        sold(buyer, version)
    make_member()  # has no lots: is not told
    assert tasks.tell_of_new_terms(now=NOW) == 0
    later = dt.timedelta(days=9)
    shop.publish_later(now=NOW, effective_from=NOW + later, growth_cap_ppm=100_000)
    assert subsidy_vouchers.tell_of_terms(now=NOW, limit=2) == 2
    assert [subsidy_vouchers.tell_of_terms(now=NOW, limit=2) for _ in range(3)] == [1, 0, 0]
    told = Notice.objects.filter(kind="subsidy_terms")
    assert sorted(told.values_list("to_phone", flat=True)) == sorted(buyer.user.phone for buyer in buyers)
    assert f"{NOW + later:%Y-%m-}" in told[0].body
    shop.publish_later(now=NOW, effective_from=NOW + later + WEEK, growth_cap_ppm=120_000)
    assert tasks.tell_of_new_terms(now=NOW) == 3
    assert tasks.tell_of_new_terms(now=NOW + later + 2 * WEEK) == 0


def test_a_closed_account_leaves_its_pool_and_what_it_spent_stays_spent(grocery, drain):
    shop.approve()
    version = shop.publish()
    gone, stays, owner = make_member(), make_member(), make_member()
    sold(gone, version, owner=owner.ulid)
    sold(stays, version)
    sold(owner, version, owner=gone.ulid)  # a shop that belongs to who leaves
    services.run_period(key="", actor="system", now=NOW + WEEK)
    services.draw_vouchers(member_ulid=gone.ulid, now=NOW + WEEK)  # 1.00 as buyer, 1.00 for his shop
    services.run_period(key="", actor="system", now=NOW + 2 * WEEK)
    voucher = Voucher.objects.get()
    spent = sold(gone, version, goods=50)
    from tenant_apps.modes.subsidy.services import vouchers

    vouchers.reserve(member_ulid=gone.ulid, order_ulid=spent.order.ulid, amount=30, now=NOW)
    fund, weight = book.balance("pool"), Cohort.objects.filter(side="buyer", status="active").get().weight
    members.close_account(member=gone, now=NOW + 2 * WEEK)
    drain()
    # 1.00 that he had not drawn, and 1.70 of 2.00 that he had not spent
    assert book.balance("pool") == fund + 100 + 170
    assert Cohort.objects.filter(side="buyer", status="active").get().weight == weight - 20_000
    assert book.balance(f"member.wallet.{gone.ulid}", "GOLD") == 0
    lots = Lot.objects.filter(holder_ulid=gone.ulid, is_closed=False)
    assert (lots.count(), Lot.objects.filter(side="merchant", holder_ulid="", is_closed=False).count()) == (0, 3)
    voucher.refresh_from_db()
    assert (voucher.left_amount, voucher.expired_amount) == (0, 170)
    assert (identity().holds, book.check_ledger()) == (True, [])
    found = check_pools()
    assert found == [], found
    fund = book.balance("pool")
    from tenant_apps.settlement.services import subsidy_closing

    assert subsidy_closing.close_lots(member_ulid=gone.ulid, now=NOW + 3 * WEEK) == 0
    assert book.balance("pool") == fund
    assert services.run_period(key="", actor="system", now=NOW + 3 * WEEK).state == "served"
    assert (check_pools(), subsidy.pool().periods) == ([], 3)
