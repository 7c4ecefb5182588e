"""Awards of members, stores, accruals and reserves: frozen, released, taken back, owed; to the fen."""

import datetime as dt
from types import SimpleNamespace

import pytest

from saas.ledger import selectors as book
from saas.ledger import services as ledger
from tenant_apps.modes.contract import PayeeKind
from tenant_apps.settlement import services
from tenant_apps.settlement.models import Award, ClawBack, LineSettlement
from tenant_apps.settlement.rules import PaidOrder, Purse
from tenant_apps.settlement.services import reserves
from tests.factories import sales
from tests.factories.people import make_member
from tests.tenant_apps.settlement import listed_mode
from tests.tenant_apps.settlement.listed_mode import ListedLink, pinned

NOW = sales.NOW
LATER = NOW + dt.timedelta(days=20)
MEMBER, STORE, ACCRUAL = PayeeKind.MEMBER, PayeeKind.STORE, PayeeKind.ACCRUAL


@pytest.fixture
def people(grocery: object) -> SimpleNamespace:
    a = make_member(name="赵一", promoter=True)
    return SimpleNamespace(a=a, buyer=make_member(name="孙三", referrer=a))


def sold(people: SimpleNamespace, pins: dict[str, str], cash: int = 10_000, cost: int = 6_000) -> PaidOrder:
    return sales.paid_order(people.buyer, [people.a], [sales.line(cash, cost)], pins=pins)


def assigned_by_the_test(monkeypatch: pytest.MonkeyPatch, answer: dict[str, str]) -> None:
    listed_mode.JOINED.clear()
    monkeypatch.setattr(listed_mode, "ANSWER", answer)
    monkeypatch.setattr(reserves, "_JOINS", {"link21": listed_mode.join})


def refunded(order: PaidOrder, value: int) -> None:
    refund = sales.refund_of(order.lines[0], value)
    services.apply_refund(order=order, refund=refund, now=LATER)
    sales.return_money(refund)
    assert book.uncleared() == []
    sales.posted()


def balance(*accounts: str) -> list[int]:
    found = book.balances(accounts)
    return [found[account].posted for account in accounts]


def test_a_store_is_paid_into_its_own_wallet_and_a_shops_accrual_into_the_modes_account(people, monkeypatch):
    pins = pinned(monkeypatch, ("store", STORE, "S1", 500), ("tier", ACCRUAL, "S1", 300), ("one", MEMBER, "M1", 200))
    order = sold(people, pins)
    services.award_order(order=order, now=NOW)
    assert book.pending_in("store.wallet.S1") == 500
    assert book.pending_in("member.wallet.M1") == 200
    assert book.pending_in("accrual.listed") == 0  # it stays in the escrow until the order completes
    assert book.available(order.escrow) == 10_000 - 700
    services.release_order(order=order, now=LATER)
    assert balance("store.wallet.S1", "accrual.listed", "member.wallet.M1", "house", order.escrow) == [
        500, 300, 200, 3_000, 0,
    ]  # fmt: skip
    keys = dict(Award.objects.values_list("kind", "release_key"))
    assert keys["tier"] == f"settle:{order.ulid}"
    assert keys["store"] == f"award:{order.ulid}:store.wallet.S1:0:release"
    entries = {line.entry_key for line in book.statement("store.wallet.S1")}
    assert entries == {keys["store"]}


def test_a_refund_before_completion_makes_all_of_them_smaller(people, monkeypatch):
    pins = pinned(monkeypatch, ("store", STORE, "S1", 501), ("tier", ACCRUAL, "S1", 301), ("one", MEMBER, "M1", 200))
    order = sold(people, pins)
    services.award_order(order=order, now=NOW)
    refunded(order, 3_333)
    assert (book.pending_in("store.wallet.S1"), book.pending_in("member.wallet.M1")) == (501 - 167, 200 - 67)
    services.release_order(order=order, now=LATER)
    assert balance("store.wallet.S1", "accrual.listed", "member.wallet.M1") == [334, 301 - 101, 133]


def test_parts_take_back_exactly_the_award_before_and_after_completion(people, monkeypatch):
    pins = pinned(monkeypatch, ("store", STORE, "S1", 499), ("tier", ACCRUAL, "S1", 333))
    order = sold(people, pins, cost=0)
    for value in (1, 3_332):
        refunded(order, value)
    services.release_order(order=order, now=LATER)
    for value in (3_333, 3_333, 1):
        refunded(order, value)
    assert balance("store.wallet.S1", "debt.store.S1", "accrual.listed", "house") == [0, 0, 0, 0]
    for award in Award.objects.all():
        assert sum(ClawBack.objects.filter(award=award).values_list("amount", flat=True)) == award.amount
        assert award.state == "clawed_back"


def test_what_a_store_has_spent_is_its_debt_and_is_netted_when_it_earns_again(people, monkeypatch):
    pins = pinned(monkeypatch, ("store", STORE, "S1", 500))
    order = sold(people, pins, cost=0)
    services.release_order(order=order, now=LATER)
    spent = [ledger.Move("store.wallet.S1", "bank", 450)]
    ledger.post_entry(key="spent", kind="test", moves=spent, document="test", occurred_at=NOW)
    refunded(order, 10_000)
    assert balance("store.wallet.S1", "debt.store.S1") == [0, -450]
    services.release_order(order=sold(people, pins), now=LATER)
    assert balance("store.wallet.S1", "debt.store.S1") == [50, 0]


def test_a_used_up_accrual_is_borne_by_the_house_on_a_late_refund(people, monkeypatch):
    pins = pinned(monkeypatch, ("tier", ACCRUAL, "S1", 300))
    first, second = sold(people, pins), sold(people, pins)
    services.release_order(order=first, now=LATER)
    start, end = LATER - dt.timedelta(days=1), LATER + dt.timedelta(days=1)
    assert services.accrued(mode="listed", start=start, end=end) == {"S1": 300}
    manager = services.PeriodAward(purse=Purse("member.wallet.M1", "debt.member.M1"), amount=120)
    for _ in range(2):
        services.settle_period(
            mode="listed", period_key="2026-11", start=start, end=end, awards={"S1": manager}, now=end
        )
    assert balance("accrual.listed", "member.wallet.M1") == [0, 120]
    services.release_order(order=second, now=end)
    house = balance("house")[0]
    refunded(first, 10_000)
    assert balance("accrual.listed", "member.wallet.M1") == [300, 120]  # the next period's money is not touched
    assert balance("house")[0] == house - 10_000 + 0
    back = ClawBack.objects.get()
    assert (back.amount, back.house_amount, back.debt_amount) == (300, 300, 0)


def test_a_reserve_stays_in_the_escrow_and_finds_its_payees_at_completion(people, monkeypatch):
    pins = pinned(monkeypatch, ("direct", MEMBER, "", 10_000), ("see", MEMBER, "", 20_000), mode=ListedLink)
    assigned_by_the_test(monkeypatch, {"direct": people.a.ulid, "see": ""})
    order = sold(people, pins, cash=49_900, cost=15_000)
    services.award_order(order=order, now=NOW)
    assert book.available(order.escrow) == 49_900
    assert LineSettlement.objects.get().awarded_amount == 30_000
    services.release_order(order=order, now=LATER)
    services.release_order(order=order, now=LATER)
    assert [
        {
            "member_ulid": people.buyer.ulid,
            "sponsor_ulid": people.a.ulid,
            "order_ulid": order.ulid,
            "now": LATER,
            "pins": pins,
        }
    ] == listed_mode.JOINED
    assert balance(f"member.wallet.{people.a.ulid}", "house", order.escrow) == [10_000, 24_900, 0]
    assert list(Award.objects.order_by("position").values_list("payee_ulid", "state", "void_reason")) == [
        (people.a.ulid, "released", ""),
        ("", "void", "no_payee"),
    ]
    line = LineSettlement.objects.get()
    assert (line.awarded_amount, line.house_amount) == (10_000, 24_900)
    refunded(order, 49_900)
    assert balance(f"member.wallet.{people.a.ulid}", "house", "own_goods") == [0, -15_000, 15_000]


def test_a_cut_reserve_pays_direct_first(people, monkeypatch):
    pins = pinned(monkeypatch, ("direct", MEMBER, "", 10_000), ("see", MEMBER, "", 20_000), mode=ListedLink)
    services.award_order(order=sold(people, pins, cash=49_900, cost=34_900), now=NOW)
    assert list(Award.objects.order_by("position").values_list("kind", "amount", "full_amount")) == [
        ("direct", 10_000, 10_000),
        ("see", 5_000, 20_000),
    ]


def test_a_reserve_of_goods_that_all_went_back_asks_for_nobody(people, monkeypatch):
    pins = pinned(monkeypatch, ("direct", MEMBER, "", 1_000), mode=ListedLink)
    assigned_by_the_test(monkeypatch, {"direct": people.a.ulid})
    order = sold(people, pins, cost=0)
    refunded(order, 10_000)
    assert (Award.objects.get().state, Award.objects.get().void_reason) == ("void", "refunded")
    assert listed_mode.JOINED == []
    assert sales.posted() == {}


def test_vouchers_are_paid_by_their_reserve_and_go_back_into_it(people, monkeypatch):
    pins = pinned(monkeypatch, ("one", MEMBER, "M1", 500))
    reserve = [ledger.Move("house", "voucher.reserve", 2_000)]
    ledger.post_entry(key="reserve", kind="test", moves=reserve, document="test", occurred_at=NOW)
    line = sales.line(10_000, 0, voucher=2_000)
    order = sales.paid_order(people.buyer, [people.a], [line], pins=pins)
    services.release_order(order=order, now=LATER)
    assert balance("voucher.reserve", "house", order.escrow) == [0, -2_000 + 9_500, 0]
    refund = sales.refund_of(line, 10_000)
    services.apply_refund(order=order, refund=refund, now=LATER)
    sales.return_money(refund)
    assert balance("voucher.reserve", "house", "member.wallet.M1") == [2_000, -2_000, 0]
    assert book.uncleared() == []
