"""The ledger says what `mall scenario` says: random orders of every kind of line, run through the real services.

The files are made here from random numbers; settlement gets the same facts as an order would carry them. Compared are
the awards, each line's shares, every claw-back, and what every account of the book has in the end.
"""

import json
import random

import pytest
from django.db import transaction

from saas.kernel.ids import new_ulid
from saas.ledger import selectors as book
from saas.ledger import services as ledger
from saas.runtime import scenario
from saas.runtime.scenario import facts, orders, plans
from tenant_apps.modes.contract import LineFacts
from tenant_apps.modes.models import SettingsVersion
from tenant_apps.modes.registry import MODES
from tenant_apps.modes.rules import returned_parts
from tenant_apps.settlement import services
from tenant_apps.settlement.models import Award, ClawBack, LineSettlement
from tenant_apps.settlement.rules import ApprovedRefund, PaidLine, PaidOrder, RefundPart, purse_of
from tests.cases import cases
from tests.factories import sales

NOW = sales.NOW
ORDERS = cases(50)
NAMES = ("A", "B", "C", "D", "E")


def random_file(chance: random.Random) -> dict[str, object]:
    """A scenario file: people, areas, any of the modes, lines of any seller and zone, refunds within what was paid."""
    lines = [_line(chance, number) for number in range(chance.randint(1, 3))]
    return {
        "kind": "order",
        "members": _members(chance),
        "areas": {
            "440115": [{"agent": "d1", "invested": 3_000_000}, {"agent": "d2", "invested": 7_000_001}],
            "4401": [{"agent": "c1", "invested": 1}],
        },
        "settings": _settings(chance),
        "order": {
            "buyer": NAMES[-1],
            "area": {"district": "440115", "city": "4401", "province": "44"} if chance.random() < 0.8 else {},
            "pickup_store": chance.choice([None, "S1", "S2"]),
            "lines": lines,
        },
        "refunds": _refunds(chance, lines),
    }


def _members(chance: random.Random) -> dict[str, object]:
    found: dict[str, object] = {}
    for number, name in enumerate(NAMES):
        found[name] = {
            "rank": chance.randint(0, 3),
            "promoter": chance.random() < 0.8,
            "referrer": chance.choice([None, NAMES[number - 1], NAMES[number - 1]]) if number else None,
            "store": chance.choice([None, "S1", "S2"]),
        }
    return found


def _rates(chance: random.Random) -> dict[str, int]:
    return dict(zip(("1", "2", "3"), sorted(chance.randint(0, 200_000) for _ in range(3)), strict=True))


def _settings(chance: random.Random) -> dict[str, object]:
    base = chance.choice(["paid", "gross", "profit", "concession"])
    areas = {"district": chance.randint(0, 30_000), "city": chance.randint(0, 20_000)}
    plan: dict[str, dict[str, object]] = {
        "distribution": {
            "rate_ppm": [chance.randint(0, 150_000) for _ in range(chance.randint(1, 3))],
            "base": base,
            "self_buy": chance.random() < 0.5,
        },
        "differential": {"rank_rate_ppm": _rates(chance), "peer_ppm": chance.choice([0, 100_000]), "base": base},
        "regional": {"rate_ppm": areas, "mode": chance.choice(["independent", "differential"])},
        "store_income": {"rate_ppm": chance.choice([0, 30_000, 200_000]), "pickup_fen": chance.randint(0, 500)},
        "gift_pack": {"level_ppm": [100_000, 50_000], "rank_rate_ppm": _rates(chance), "payout_cap_ppm": 400_000},
        "settlement": {"platform_min_ppm": chance.choice([0, 100_000])},
    }
    return {key: part for key, part in plan.items() if key == "settlement" or chance.random() < 0.7}


def _line(chance: random.Random, number: int) -> dict[str, object]:
    taken = {name: chance.choice([0, chance.randint(0, 900)]) for name in ("merchant_discount", "coins", "voucher")}
    taken["platform_discount"] = chance.choice([0, chance.randint(0, 900)])
    kind = chance.choice(["self", "self", "supplier", "commission", "concession"])
    quantity = chance.randint(1, 4)
    return {
        "line": str(number),
        "zone": chance.choice(["self_operated", "self_operated", "gift_pack"]),
        "gross": sum(taken.values()) + chance.randint(1, 60_000),
        **taken,
        "supply_cost": chance.randint(0, 30_000),
        "seller": {
            "kind": kind,
            "rate_ppm": chance.randint(0, 300_000),
            "supply_price": chance.randint(0, 8_000),
            "qty": quantity,
            **({} if kind == "self" else {"store": chance.choice(["S1", "S3"]), "member": chance.choice(["A", "D"])}),
        },
    }


def _refunds(chance: random.Random, lines: list[dict[str, object]]) -> list[dict[str, object]]:
    """Amounts of cash, whatever the value they stand for."""
    found = []
    for line in lines:
        left = int(line["gross"]) - sum(  # type: ignore[call-overload]
            int(line[name])  # type: ignore[call-overload]
            for name in ("merchant_discount", "platform_discount", "coins", "voucher")
        )
        while left and chance.random() < 0.5:
            amount = left if chance.random() < 0.4 else chance.randint(1, left)
            found.append({"line": line["line"], "amount": amount})
            left -= amount
    chance.shuffle(found)
    return found


def sold(file: dict[str, object]) -> PaidOrder:
    """The file's order as it would be on record: facts at payment, settings pinned, money in escrow."""
    read = orders.OrderScenario.model_validate(file)
    lines = facts.lines(read.order, read.members, read.areas)
    pins = {key: _version(key, one.model_dump(mode="json")) for key, one in plans.modes_of(read.settings).items()}
    pins["settlement"] = _version("settlement", {"platform_min_ppm": read.settings.settlement.platform_min_ppm})
    order = PaidOrder(
        ulid=new_ulid(),
        number=new_ulid(),
        facts=facts.sale(read.order, read.members, read.areas),
        lines=[PaidLine(facts=line, title=line.line) for line in lines.values()],
        pins=pins,
    )
    sales.fund(order)
    return order


def _version(mode: str, values: dict[str, object]) -> str:
    row = SettingsVersion.objects.create(
        ulid=new_ulid(),
        mode=mode,
        number=1 + SettingsVersion.objects.filter(mode=mode).count(),
        values=values,
        effective_from=NOW,
        author="system",
        reason="test",
        created_at=NOW,
    )
    return row.ulid


def refund(line: LineFacts, amount: int) -> ApprovedRefund:
    """`amount` of the line's cash goes back and nothing else: what the file's refunds mean."""
    part = RefundPart(line=line.line, goods_value=amount, cash=amount)
    return ApprovedRefund(ulid=new_ulid(), parts=[part], reason="test")


def book_of(order: PaidOrder) -> dict[str, int]:
    """Posted on every account that the order's awards and lines name, and on the mall's own."""
    rows = LineSettlement.objects.filter(settlement__order_ulid=order.ulid)
    awards = Award.objects.filter(line__in=rows)
    codes = {purse_of(one.payee_kind, one.payee_ulid, one.mode).account for one in awards}
    codes |= {f"seller.payable.{row.seller_id}" for row in rows if row.seller_id}
    codes |= {"house", "own_goods", "pool", order.escrow}
    return {code: balance.posted for code, balance in book.balances(codes).items()}


@pytest.mark.parametrize("part", range(5))
def test_the_ledger_says_what_the_scenario_says(grocery: object, part: int) -> None:
    seen: set[str] = set()
    for number in range(part, ORDERS, 5):
        chance = random.Random(number)
        file = random_file(chance)
        answer = scenario.run(json.dumps(file))
        with transaction.atomic():
            _fund_reserve(file)
            before = {"house": book.balance("house"), "own_goods": book.balance("own_goods")}
            order = sold(file)
            _compare_awards(order, answer)
            seen |= set(Award.objects.values_list("mode", flat=True))
            _refund_some(order, file, chance, before, answer)
            transaction.set_rollback(True)
    assert ORDERS < 100 or seen == set(MODES) & {
        "distribution",
        "differential",
        "regional",
        "store_income",
        "gift_pack",
    }


def _fund_reserve(file: dict[str, object]) -> None:
    vouchers = sum(line["voucher"] for line in file["order"]["lines"])  # type: ignore[index]
    if vouchers:
        move = ledger.Move("bank", "voucher.reserve", vouchers)
        ledger.post_entry(key=new_ulid(), kind="test", moves=[move], document="test", occurred_at=NOW)


def _compare_awards(order: PaidOrder, answer: dict) -> None:
    services.award_order(order=order, now=NOW)
    for row, said in zip(LineSettlement.objects.order_by("position"), answer["lines"], strict=True):
        assert (row.line_ulid, row.cash_amount, row.funds_amount, row.payable_amount, row.house_amount) == (
            said["line"], said["paid"], said["funds"], said["seller"]["payable"], said["house"],
        )  # fmt: skip
        found = row.awards.order_by("position").values("mode", "kind", "payee_ulid", "amount")
        named = [{("payee" if name == "payee_ulid" else name): value for name, value in one.items()} for one in found]
        assert named == said["awards"]


def _refund_some(order: PaidOrder, file: dict, chance: random.Random, before: dict[str, int], answer: dict) -> None:
    """Half of the orders are refunded before completion, half after: the claw-backs are the file's either way."""
    early = chance.random() < 0.5
    if not early:
        services.release_order(order=order, now=NOW)
        _compare_book(order, answer, before)
    for one in file["refunds"]:
        line = next(line.facts for line in order.lines if line.facts.line == one["line"])
        if line.coin_amount or line.voucher_amount or line.platform_discount:
            continue  # parts of these lines go back in a mixture (MODES 1.2); the file speaks of cash alone
        back = refund(line, one["amount"])
        services.apply_refund(order=order, refund=back, now=NOW)
        sales.return_money(back)
    plain = {
        line.facts.line
        for line in order.lines
        if not (line.facts.coin_amount or line.facts.voucher_amount or line.facts.platform_discount)
    }
    backs = ClawBack.objects.order_by("pk").select_related("award__line")
    assert [
        {
            "line": back.award.line.line_ulid, "payee": back.award.payee_ulid, "mode": back.award.mode,
            "kind": back.award.kind, "amount": back.amount,
        }
        for back in backs
    ] == [back for back in answer["clawbacks"] if back["line"] in plain]  # fmt: skip
    services.release_order(order=order, now=NOW)
    kept: dict[str, int] = {}
    for award in Award.objects.all():
        account = purse_of(award.payee_kind, award.payee_ulid, award.mode).account
        kept[account] = kept.get(account, 0) + award.net_amount
    found = book_of(order)
    assert {account: found[account] for account in kept} == kept
    assert found[order.escrow] == 0
    assert book.uncleared() == []
    sales.posted()


def _compare_book(order: PaidOrder, answer: dict, before: dict[str, int]) -> None:
    """Every account has exactly what the file's answer gives it."""
    wanted: dict[str, int] = dict.fromkeys(book_of(order), 0)
    wanted |= before
    for line, said in zip(order.lines, answer["lines"], strict=True):
        wanted["house"] += said["house"]
        if line.facts.seller.kind == "self":
            wanted["own_goods"] += line.facts.supply_cost
        if line.facts.seller.id:
            wanted[f"seller.payable.{line.facts.seller.id}"] += said["seller"]["payable"]
    kinds = dict(Award.objects.values_list("payee_ulid", "payee_kind"))
    for said in (award for line in answer["lines"] for award in line["awards"]):
        wanted[purse_of(kinds[said["payee"]], said["payee"], said["mode"]).account] += said["amount"]
    assert book_of(order) == wanted


def test_parts_of_a_mixed_line_take_back_exactly_the_award(grocery: object) -> None:
    for number in range(cases(5)):
        chance = random.Random(10_000 + number)
        file = random_file(chance)
        with transaction.atomic():
            _fund_reserve(file)
            order = sold(file)
            released = chance.random() < 0.5
            if released:
                services.release_order(order=order, now=NOW)
            for line in order.lines:
                _return_in_parts(order, line.facts, chance)
            assert all(award.net_amount == 0 for award in Award.objects.all())
            balances = book_of(order)
            assert all(amount == 0 for code, amount in balances.items() if "wallet" in code or "escrow" in code)
            assert book.uncleared() == []
            sales.posted()
            transaction.set_rollback(True)


def _return_in_parts(order: PaidOrder, line: LineFacts, chance: random.Random) -> None:
    before, value = (0, 0, 0, 0), 0
    while value < line.goods_value:
        value = line.goods_value if chance.random() < 0.4 else chance.randint(value + 1, line.goods_value)
        after = returned_parts(line, value)
        cash, voucher, coin, discount = (new - old for new, old in zip(after, before, strict=True))
        part = RefundPart(
            line=line.line, goods_value=cash + voucher + coin + discount, cash=cash, voucher=voucher, coin=coin,
            platform_discount=discount, quantity=line.quantity if value == line.goods_value else 0,
        )  # fmt: skip
        refund = ApprovedRefund(ulid=new_ulid(), parts=[part], reason="test")
        services.apply_refund(order=order, refund=refund, now=NOW)
        if refund.cash:
            sales.return_money(refund)
        before = after
