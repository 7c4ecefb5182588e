"""Gift packs that grant an agency: the buyer chooses a free area, completion asks for it, a whole refund withdraws it (MODES 6, 8)."""

import datetime as dt
from types import SimpleNamespace

import pytest

from saas.kernel import clock
from tenant_apps.modes.contract import Grade
from tenant_apps.modes.gift_pack import services as packs
from tenant_apps.modes.gift_pack.models import GiftPack
from tenant_apps.modes.gift_pack.services import Content, PackDraft
from tenant_apps.modes.regional import services as regional
from tenant_apps.modes.regional.models import Area, Contract
from tenant_apps.orders import services
from tenant_apps.orders.models import Order
from tenant_apps.orders.rules import RefundWish, WantedLine
from tests.factories import catalog, regions
from tests.factories import orders as make
from tests.factories.people import make_member

NOW = clock.now()
THEN = NOW - dt.timedelta(days=9)
EARLIER = NOW - dt.timedelta(days=20)
CLERK = "user:clerk"
TEA = (Content("明前龙井", 49_950, 2),)


@pytest.fixture
def pack(grocery):
    sku = catalog.single("代理礼包", price=109_900, supply=30_000, stock=20)
    draft = PackDraft(sku_ulid=sku.ulid, price_amount=99_900, contents=TEA, rank=2)
    row = packs.save_pack(draft=draft, actor=CLERK, now=EARLIER)
    GiftPack.objects.filter(pk=row.pk).update(rank=0, agency_grade="district", agency_months=12)
    return SimpleNamespace(sku=sku, row=row, key=f"{sku.ulid}@gift_pack")


def grade(pack, wanted):
    GiftPack.objects.filter(pk=pack.row.pk).update(agency_grade=wanted)


def place(member, pack, code, *, qty=1, now=THEN):
    lines = [WantedLine(pack.key, qty, agency_code=code)]
    return services.place_order(
        member=member,
        lines=lines,
        address=make.HOME,
        expected_total=services.quote_checkout(lines=lines, now=now).total_amount,
        idempotency_key=f"key-{Order.objects.count():08}",
        now=now,
    )


def pay(order):
    services.mark_paid(order_ulid=order.ulid, payment=make.fund(order), amount=order.total_amount, now=THEN)


def complete(order):
    pay(order)
    services.ship_order(order_ulid=order.ulid, carrier="顺丰", number="SF12345678", actor=CLERK, now=THEN)
    services.receive_order(order_ulid=order.ulid, actor=CLERK, now=THEN)
    services.complete_order(order_ulid=order.ulid, actor="system", now=NOW)


def refund(order, *wishes):
    case = services.request_refund(
        order_ulid=order.ulid, reason="退", actor=CLERK, now=NOW, wishes=list(wishes) or None
    )
    services.approve_refund(refund_ulid=case.ulid, actor=CLERK, now=NOW)
    return case


def give_back(order, drain, *wishes):
    case = refund(order, *wishes)
    drain()
    services.mark_refunded(refund_ulid=case.ulid, now=NOW)


def contract():
    return Contract.objects.select_related("area", "member").get(source="gift_pack")


def test_the_area_is_the_buyers_choice_not_his_address(pack, drain):
    buyer = make_member()
    order = place(buyer, pack, "440305")  # his address is in 440106
    complete(order)
    assert not Contract.objects.exists()
    drain()
    made = contract()
    line = order.lines.get()
    assert (made.area.grade, made.area.code, made.area.name) == ("district", "440305", "广东省深圳市南山区")
    assert (made.member, made.state, made.invested_amount, made.months) == (buyer, "applied", 99_900, 12)
    assert made.source_document == f"order:{order.ulid}:{line.ulid}"
    drain()
    assert Contract.objects.count() == 1


@pytest.mark.parametrize(
    ("wanted", "code", "made"),
    [("province", "44", "province"), ("city", "4403", "city"), ("city", "110105", "district")],
)
def test_the_grade_is_the_packs_and_a_municipality_has_no_city(pack, drain, wanted, code, made):
    grade(pack, wanted)
    complete(place(make_member(), pack, code))
    drain()
    assert (contract().area.grade, contract().area.code) == (made, code)


@pytest.mark.parametrize(
    ("wanted", "code", "error"),
    [
        ("district", "", services.AgencyAreaMissing),
        ("district", "4403", regional.UnknownArea),  # a city
        ("district", "999999", regional.UnknownArea),
        ("province", "440305", regional.UnknownArea),
        ("city", "1101", regional.UnknownArea),  # a municipality is no city: choose one of its districts
    ],
)
def test_an_area_of_another_grade_is_refused_and_nothing_is_sold(pack, wanted, code, error):
    grade(pack, wanted)
    with pytest.raises(error):
        place(make_member(), pack, code)
    assert not Order.objects.exists()
    pack.sku.refresh_from_db()
    assert pack.sku.stock == 20


def test_an_exclusive_area_is_bought_once(pack, drain):
    regional.open_area(grade=Grade.DISTRICT, code="440305", actor=CLERK, now=EARLIER, is_exclusive=True)
    first = place(make_member(), pack, "440305")
    other = make_member()
    with pytest.raises(regional.AreaTaken) as taken:
        place(other, pack, "440305")
    assert taken.value.field == "agency"
    services.cancel_order(order_ulid=first.ulid, actor="system", reason="x", now=THEN)
    second = place(other, pack, "440305")
    complete(second)
    drain()
    with pytest.raises(regional.AreaTaken):  # its application waits for the staff
        place(make_member(), pack, "440305")
    assert place(make_member(), pack, "440303").lines.get().agency_code == "440303"


def test_an_area_that_takes_nobody_has_no_room_or_has_him_already(pack):
    buyer = make_member()
    regional.open_area(grade=Grade.DISTRICT, code="440304", actor=CLERK, now=EARLIER, takes_applications=False)
    with pytest.raises(regional.AreaClosed):
        place(buyer, pack, "440304")
    regional.open_area(grade=Grade.DISTRICT, code="440303", actor=CLERK, now=EARLIER, total_amount=150_000)
    place(make_member(), pack, "440303")
    with pytest.raises(regional.SharesAboveWhole):
        place(buyer, pack, "440303")
    regions.holder(buyer, Grade.DISTRICT, "440305", now=EARLIER)
    with pytest.raises(regional.AgentTwice):
        place(buyer, pack, "440305")


def test_a_whole_refund_withdraws_the_application(pack, drain):
    order = place(make_member(), pack, "440305")
    complete(order)
    drain()
    give_back(order, drain)
    drain()
    assert (contract().state, contract().reason, contract().decided_by) == ("refused", "gift_pack_refunded", "system")


def test_a_part_of_the_money_back_leaves_the_agency(pack, drain):
    order = place(make_member(), pack, "440305")
    complete(order)
    drain()
    give_back(order, drain, RefundWish(order.lines.get().ulid, 0, 10_000))
    drain()
    assert contract().state == "applied"


def test_a_whole_refund_ends_a_running_contract(pack, drain):
    buyer = make_member()
    order = place(buyer, pack, "440305")
    complete(order)
    drain()
    made = contract()
    regional.supply_licence(
        contract_ulid=made.ulid, member=buyer, licence_company="广州公司", licence_number=regions.licence(3), now=NOW
    )
    regional.approve_contract(
        contract_ulid=made.ulid,
        invested_amount=99_900,
        months=12,
        licence_checked=True,
        actor=CLERK,
        now=NOW,
        reason="ok",
    )
    text = "合同"
    regional.accept_contract(
        contract_ulid=made.ulid, member=buyer, text=text, accepted_digest=regional.text_digest(text), now=NOW
    )
    give_back(order, drain)
    drain()
    assert (contract().state, contract().reason) == ("ended", "gift_pack_refunded")


def test_a_refund_told_before_the_completion_leaves_nothing_to_grant(pack, drain):
    buyer = make_member()
    order = place(buyer, pack, "440305")
    complete(order)
    line = order.lines.get().ulid
    asked = {"member": buyer, "grade": Grade.DISTRICT, "code": "440305", "order": order.ulid, "line": line, "now": NOW}
    for _ in range(2):
        regional.withdraw_agency(**asked)
    assert contract().state == "refused"
    assert regional.request_agency(**asked, invested_amount=99_900, months=12) is None
    drain()
    assert Contract.objects.count() == 1
    assert Area.objects.count() == 1
