"""An order that has not left is sent elsewhere: agents of the old area lose their share, those of the new one get it (MODES 8)."""

import dataclasses
import datetime as dt
import threading
from types import SimpleNamespace

import pytest
from django.db import connection, transaction

from saas.identity.models import AuditRecord
from saas.kernel import clock
from saas.kernel.errors import InvalidInput, NotFound
from saas.ledger import selectors as book
from saas.messaging.bus.models import OutboxEvent
from saas.tenants.malls.activation import in_mall
from saas.tenants.malls.models import Mall
from tenant_apps.members.divisions import UnknownDivision, UnknownStreet
from tenant_apps.modes.contract import Grade
from tenant_apps.modes.regional import services as regional
from tenant_apps.modes.regional.models import Contract
from tenant_apps.orders import area_orders, services
from tenant_apps.orders.models import Order, OrderHistory, OrderLine
from tenant_apps.orders.rules import RefundWish
from tenant_apps.settlement import area_figures, facts
from tenant_apps.settlement import services as settlement
from tenant_apps.settlement.models import Award, ClawBack, LineSettlement, OrderSettlement
from tests.factories import catalog, regions, sales, sellers
from tests.factories import orders as make
from tests.factories.people import make_member

NOW = clock.now()
EARLIER = NOW - dt.timedelta(days=2)
PANYU = dataclasses.replace(make.HOME, district_code="440113", district="番禺区", detail="市桥路2号")
SHENZHEN = dataclasses.replace(
    make.HOME, city_code="440300", city="深圳市", district_code="440305", district="南山区", detail="科苑路3号"
)
BEIJING = dataclasses.replace(
    make.HOME,
    province_code="110000",
    province="北京市",
    city_code="110100",
    city="北京市",
    district_code="110105",
    district="朝阳区",
    detail="建国路4号",
)


@pytest.fixture
def mall(grocery):
    sales.publish(now=EARLIER)
    sales.publish("regional", now=EARLIER)
    people = SimpleNamespace(
        tianhe=make_member(name="天河"),
        panyu=make_member(name="番禺"),
        panyu2=make_member(name="番禺二"),
        guangzhou=make_member(name="广州"),
        guangdong=make_member(name="广东"),
        referrer=make_member(name="推荐", promoter=True),
    )
    people.buyer = make_member(name="买家", referrer=people.referrer)
    regions.holder(people.tianhe, Grade.DISTRICT, "440106", now=EARLIER)
    regions.holder(people.panyu, Grade.DISTRICT, "440113", invested=30_000, now=EARLIER)
    regions.holder(people.panyu2, Grade.DISTRICT, "440113", invested=70_000, now=EARLIER)
    regions.holder(people.guangzhou, Grade.CITY, "4401", now=EARLIER)
    regions.holder(people.guangdong, Grade.PROVINCE, "44", now=EARLIER)
    people.sku = catalog.single("茶", price=10_000, supply=2_000, stock=50)
    return people


def change(order, address, *, by=None, now=NOW):
    who = {"member": by, "actor": f"member:{by.ulid}"} if by else {"actor": make.CLERK, "reason": "来电"}
    return services.change_order_address(order_ulid=order.ulid, address=address, now=now, **who)


def frozen():
    """Payee → (kind, what is left), of awards that are not void."""
    rows = Award.objects.exclude(state="void").order_by("pk")
    return {one.payee_ulid: (one.kind, one.net_amount) for one in rows}


def held(*members):
    return [book.pending_in(f"member.wallet.{one.ulid}") for one in members]


def sound():
    assert book.check_ledger() == []
    carried = {hold.key: hold.amount for hold in book.pending_holds() if hold.kind == "award"}
    sums: dict[str, int] = {}
    for award in Award.objects.filter(state="frozen").exclude(hold_key=""):
        sums[award.hold_key] = sums.get(award.hold_key, 0) + award.net_amount
    assert carried == sums
    for award in Award.objects.exclude(void_reason="area"):
        assert sum(ClawBack.objects.filter(award=award).values_list("amount", flat=True)) == award.clawed_amount


def test_the_old_agent_loses_his_share_and_the_new_ones_share_it_to_the_fen(mall, drain):
    order = make.paid(mall.buyer, (mall.sku, 1), now=NOW)
    drain()
    assert frozen() == {
        mall.referrer.ulid: ("level1", 500),
        mall.tianhe.ulid: ("district", 300),
        mall.guangzhou.ulid: ("city", 200),
        mall.guangdong.ulid: ("province", 100),
    }
    kept = Award.objects.get(kind="city")
    change(order, PANYU, by=mall.buyer)
    drain()
    assert frozen() == {
        mall.referrer.ulid: ("level1", 500),
        mall.guangzhou.ulid: ("city", 200),
        mall.guangdong.ulid: ("province", 100),
        mall.panyu.ulid: ("district", 90),
        mall.panyu2.ulid: ("district", 210),
    }
    assert Award.objects.get(kind="city").pk == kept.pk
    gone = Award.objects.get(state="void")
    assert (gone.payee_ulid, gone.void_reason, gone.amount, gone.net_amount) == (mall.tianhe.ulid, "area", 300, 0)
    assert held(mall.tianhe, mall.panyu, mall.panyu2, mall.guangzhou) == [0, 90, 210, 200]
    row = LineSettlement.objects.get()
    assert (row.awarded_amount, row.house_amount) == (1_100, 10_000 - 2_000 - 1_100)
    order.refresh_from_db()
    assert (order.district, order.address_detail, order.area_revision) == ("番禺区", "市桥路2号", 1)
    assert order.freight_amount == order.total_amount - 10_000  # what was paid for sending it stays
    sound()


def test_its_money_goes_to_the_new_area_when_it_completes(mall, drain):
    order = make.paid(mall.buyer, (mall.sku, 1), now=NOW)
    drain()
    change(order, PANYU)
    services.ship_order(order_ulid=order.ulid, carrier="顺丰", number="SF123456", actor=make.CLERK, now=NOW)
    services.receive_order(order_ulid=order.ulid, actor=make.CLERK, now=NOW)
    services.complete_order(order_ulid=order.ulid, actor="system", now=NOW + dt.timedelta(days=8))
    settlement.release_order(order=facts.paid_order(order.ulid), now=NOW)  # completion is told before the change
    drain()
    balances = [book.balance(f"member.wallet.{one.ulid}") for one in (mall.tianhe, mall.panyu, mall.panyu2)]
    assert balances == [0, 90, 210]
    assert book.balance(f"order.escrow.{order.ulid}") == 0
    assert area_figures.area_figures(prefix="4401")["district", "440113"].amount == 300
    assert ("district", "440106") not in area_figures.area_figures(prefix="4401")
    since = NOW - dt.timedelta(days=1)
    assert area_orders.area_orders(grade="district", code="440106", since=since)[1] == 0
    assert area_orders.area_orders(grade="district", code="440113", since=since)[1] == 1
    sound()


def test_moving_out_and_back_leaves_every_fen_where_it_was(mall, drain):
    order = make.paid(mall.buyer, (mall.sku, 1), now=NOW)
    drain()
    before, house = frozen(), LineSettlement.objects.get().house_amount
    for address in (PANYU, SHENZHEN, BEIJING, make.HOME):
        change(order, address)
        drain()
        sound()
    assert frozen() == before
    assert LineSettlement.objects.get().house_amount == house
    assert OrderSettlement.objects.get().area_revision == 4
    change(order, make.HOME)  # the same again: nothing happens
    assert not OutboxEvent.objects.filter(topic="order.area_changed", done_at=None).exists()
    assert OrderHistory.objects.filter(action="address_changed").count() == 4


def test_an_area_without_agents_leaves_the_share_to_the_mall(mall, drain):
    order = make.paid(mall.buyer, (mall.sku, 1), now=NOW)
    drain()
    change(order, BEIJING)
    drain()
    assert frozen() == {mall.referrer.ulid: ("level1", 500)}
    assert LineSettlement.objects.get().house_amount == 7_500
    sound()


def test_agents_are_those_who_held_the_area_at_payment(mall, drain):
    order = make.paid(mall.buyer, (mall.sku, 1), now=NOW)
    drain()
    late = make_member(name="后来")
    regions.holder(late, Grade.DISTRICT, "440305", now=NOW + dt.timedelta(hours=1))
    change(order, SHENZHEN, now=NOW + dt.timedelta(hours=2))
    drain()
    assert late.ulid not in frozen()
    ended = Contract.objects.get(member=mall.panyu)
    regional.end_contract(contract_ulid=ended.ulid, reason="x", actor=make.CLERK, now=NOW + dt.timedelta(hours=3))
    change(order, PANYU, now=NOW + dt.timedelta(hours=4))
    drain()
    assert frozen()[mall.panyu.ulid] == ("district", 90)


def test_a_refund_before_the_change_takes_its_part_of_the_new_awards(mall, drain):
    order = make.paid(mall.buyer, (mall.sku, 1), now=NOW)
    drain()
    line = OrderLine.objects.get(order=order)
    case = services.request_refund(
        order_ulid=order.ulid, reason="退", actor=make.CLERK, now=NOW, wishes=[RefundWish(line.ulid, 0, 3_333)]
    )
    with pytest.raises(services.RefundOpen):
        change(order, PANYU)
    services.approve_refund(refund_ulid=case.ulid, actor=make.CLERK, now=NOW, restock=False)
    with pytest.raises(services.RefundOpen):
        change(order, PANYU)
    drain()
    services.mark_refunded(refund_ulid=case.ulid, now=NOW)
    drain()
    assert frozen()[mall.tianhe.ulid] == ("district", 200)  # 300 − ceil(300 × 33.33 %)
    change(order, PANYU)
    drain()
    assert frozen()[mall.panyu.ulid] == ("district", 90 - 30)
    assert frozen()[mall.panyu2.ulid] == ("district", 210 - 70)
    sound()
    case = services.request_refund(order_ulid=order.ulid, reason="全退", actor=make.CLERK, now=NOW)
    services.approve_refund(refund_ulid=case.ulid, actor=make.CLERK, now=NOW)
    drain()
    services.mark_refunded(refund_ulid=case.ulid, now=NOW)
    drain()
    assert frozen() == {}
    assert book.balance(f"order.escrow.{order.ulid}") == 0
    sound()


def test_until_it_is_shipped_and_no_longer(mall):
    pending = make.placed(mall.buyer, (mall.sku, 1), now=NOW)
    change(pending, PANYU, by=mall.buyer)
    assert Order.objects.get(pk=pending.pk).area_revision == 0
    shipped = make.shipped(mall.buyer, (mall.sku, 1), now=NOW)
    with pytest.raises(services.AddressFixed):
        change(shipped, PANYU, by=mall.buyer)
    with pytest.raises(services.AddressFixed):
        change(shipped, PANYU)
    assert Order.objects.get(pk=shipped.pk).district_code == "440106"


def test_refusals_name_the_field_and_change_nothing(mall):
    order = make.paid(mall.buyer, (mall.sku, 1), now=NOW)
    stranger = make_member(name="外人")
    with pytest.raises(NotFound):
        change(order, PANYU, by=stranger)
    with pytest.raises(UnknownDivision):
        change(order, dataclasses.replace(PANYU, district_code="440305"), by=mall.buyer)
    with pytest.raises(UnknownStreet) as street:
        change(order, dataclasses.replace(PANYU, street_code="440106001"), by=mall.buyer)
    assert street.value.field == "street_code"
    with pytest.raises(services.AddressInvalid) as fault:
        change(order, dataclasses.replace(PANYU, name=" "), by=mall.buyer)
    assert fault.value.field == "name"
    with pytest.raises(InvalidInput) as reason:
        services.change_order_address(order_ulid=order.ulid, address=PANYU, actor=make.CLERK, now=NOW)
    assert reason.value.field == "reason"
    assert Order.objects.get(pk=order.pk).district_code == "440106"
    assert not OrderHistory.objects.filter(action="address_changed").exists()
    assert not AuditRecord.objects.filter(action="order.address_changed").exists()


def test_it_is_in_the_audit_trail_without_names(mall):
    order = make.paid(mall.buyer, (mall.sku, 1), now=NOW)
    change(order, PANYU)
    row = AuditRecord.objects.get(action="order.address_changed")
    assert (row.actor, row.target) == (make.CLERK, f"order:{order.ulid}")
    assert row.reason == "来电"
    assert row.data == {
        "before": {"district_code": "440106", "street_code": ""},
        "after": {"district_code": "440113", "street_code": ""},
        "moved_area": True,
    }


def test_a_street_has_its_own_agents(grocery, drain):
    sales.publish(
        "regional",
        now=EARLIER,
        rate_ppm={"street": 5_000, "district": 30_000, "city": 0, "province": 0, "custom": 0, "region": 0},
    )
    street, district = make_member(name="石牌"), make_member(name="天河")
    regions.holder(street, Grade.STREET, "440106006", now=EARLIER, name="石牌街道")
    regions.holder(district, Grade.DISTRICT, "440106", now=EARLIER)
    sku = catalog.single("茶", price=10_000, supply=2_000, stock=50)
    buyer = make_member()
    near = dataclasses.replace(make.HOME, street_code="440106006", street="石牌街道")
    order = make.placed(buyer, (sku, 1), now=NOW, address=near)
    services.mark_paid(order_ulid=order.ulid, payment=make.fund(order), amount=order.total_amount, now=NOW)
    drain()
    assert order.one_line_address == "广东省广州市天河区石牌街道体育西路1号"
    assert frozen() == {street.ulid: ("street", 50), district.ulid: ("district", 300)}
    change(order, make.HOME)  # the same district, its street left open
    drain()
    assert frozen() == {district.ulid: ("district", 300)}
    sound()


def test_an_order_picked_up_at_a_store_belongs_to_the_stores_area(mall, drain):
    store = sellers.store(area_code="440113", now=EARLIER)
    order = make.placed(mall.buyer, (mall.sku, 1), now=NOW)
    Order.objects.filter(pk=order.pk).update(pickup_store=store.ulid)
    services.mark_paid(order_ulid=order.ulid, payment=make.fund(order), amount=order.total_amount, now=NOW)
    drain()
    assert frozen()[mall.panyu.ulid] == ("district", 90)
    assert mall.tianhe.ulid not in frozen()
    change(order, BEIJING)  # the store's area stays, whoever is written to
    drain()
    assert frozen()[mall.panyu.ulid] == ("district", 90)
    assert Order.objects.get(pk=order.pk).area_revision == 0


# --- several at once, with real commits ------------------------------------------------------------------------------


def test_shipping_refund_and_changes_at_once_end_in_one_area(committed):
    from django_tenants.utils import schema_context

    with schema_context("public"):
        found = Mall.objects.get(schema_name="t_test_grocery")
    with in_mall(found):
        now = clock.now()
        with transaction.atomic():
            sales.publish("regional", now=EARLIER)
            tianhe, panyu = make_member(name="天河"), make_member(name="番禺")
            regions.holder(tianhe, Grade.DISTRICT, "440106", now=EARLIER)
            regions.holder(panyu, Grade.DISTRICT, "440113", now=EARLIER)
            sku = catalog.single("茶", price=10_000, supply=2_000, stock=50)
            order = make.paid(make_member(), (sku, 1), now=now)
        start, answers = threading.Barrier(6), []

        def run(work):
            try:
                with in_mall(found):
                    start.wait()
                    work()
                    answers.append("done")
            except services.AddressFixed:
                answers.append("fixed")
            finally:
                connection.close()

        def ship():
            services.ship_order(order_ulid=order.ulid, carrier="顺丰", number="SF123456", actor=make.CLERK, now=now)

        def award():
            settlement.award_order(order=facts.paid_order(order.ulid), now=now)

        works = [
            ship,
            award,
            award,
            award,
            lambda: change(order, PANYU, now=now),
            lambda: change(order, PANYU, now=now),
        ]
        threads = [threading.Thread(target=run, args=(work,)) for work in works]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(answers) == 6
        assert set(answers) <= {"done", "fixed"}
        for _ in range(2):
            award()
        order.refresh_from_db()
        winner = panyu if order.district_code == "440113" else tianhe
        assert frozen() == {winner.ulid: ("district", 300)}
        assert OrderHistory.objects.filter(order=order, action="address_changed").count() == order.area_revision
        sound()
    connection.set_schema_to_public()
