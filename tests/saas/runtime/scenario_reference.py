"""SCENARIOS 1 and 4 computed again, from the paper's words alone and in the plainest way: knows none of the product's code."""

from fractions import Fraction
from math import ceil, floor
from typing import Any

MILLION = 1_000_000


def share(amount: int, ppm: int) -> Fraction:
    return Fraction(amount * ppm, MILLION)


def part(amount: int, ppm: int) -> int:
    return floor(share(amount, ppm))


def order(file: dict[str, Any]) -> dict[str, Any]:
    """The answer to a correct file of kind `order`, every key of which is given."""
    lines, clawbacks, paid_awards = [], [], {}
    for place, line in enumerate(file["order"]["lines"]):
        answer = one_line(file, line, is_first=place == 0)
        lines.append(answer)
        paid_awards[line["line"]] = (answer["paid"], answer["awards"], [0] * len(answer["awards"]))
    gone: dict[str, int] = {}
    for refund in file["refunds"]:
        name = refund["line"]
        gone[name] = gone.get(name, 0) + refund["amount"]
        paid, awards, taken = paid_awards[name]
        for index, award in enumerate(awards):
            if paid == 0:
                continue
            due = min(award["amount"], ceil(Fraction(award["amount"] * gone[name], paid))) - taken[index]
            taken[index] += due
            if due:
                clawbacks.append({"line": name, **{k: award[k] for k in ("payee", "mode", "kind")}, "amount": due})
    return {"lines": lines, "clawbacks": clawbacks}


def one_line(file: dict[str, Any], line: dict[str, Any], *, is_first: bool) -> dict[str, Any]:
    settings, seller = file["settings"], line["seller"]
    cash = line["gross"] - line["merchant_discount"] - line["platform_discount"] - line["coins"] - line["voucher"]
    receivable = cash + line["voucher"] + line["platform_discount"] + line["coins"]
    given = part(cash, seller["rate_ppm"]) if seller["kind"] == "concession" else 0
    given_of_voucher = part(line["voucher"], seller["rate_ppm"]) if seller["kind"] == "concession" else 0
    payable = fee = 0
    if seller["kind"] == "self":
        margin = cash + line["voucher"] - line["supply_cost"]
    elif seller["kind"] == "supplier":
        payable = seller["qty"] * seller["supply_price"]
        margin = cash + line["voucher"] - payable
    elif seller["kind"] == "commission":
        fee = min(receivable, max(part(receivable, seller["rate_ppm"]), seller["min_fee_fen"]))
        payable = receivable - fee
        margin = fee - line["platform_discount"] - line["coins"]
    else:
        fee = given + given_of_voucher
        payable = receivable - fee
        margin = given - line["platform_discount"] - line["coins"]
    charged = 0
    if seller["payment_fee_bearer"] == "seller":
        charged = min(payable, part(cash, settings["settlement"]["payment_fee_ppm"]))
        payable -= charged
    subsidy = settings.get("subsidy")
    to_pool = ceil(share(given, subsidy["pool_share_ppm"])) if subsidy else 0
    funds = max(0, margin)
    limit = max(0, funds - to_pool - part(funds, settings["settlement"]["platform_min_ppm"]))
    awards = cut(wanted(file, line, cash, given, is_first), limit)
    house = charged + margin - to_pool - sum(one["amount"] for one in awards) + (0 if subsidy else given_of_voucher)
    return {
        "line": line["line"],
        "paid": cash,
        "funds": funds,
        "pool_inflow": to_pool + given_of_voucher if subsidy else 0,
        "house": house,
        "seller": {"payable": payable + (0 if seller["kind"] == "self" else line["freight"]), "fee": fee}
        | ({"payment_fee": charged} if seller["payment_fee_bearer"] == "seller" else {}),
        "awards": awards,
    }


def cut(awards: list[dict[str, Any]], limit: int) -> list[dict[str, Any]]:
    kept = []
    for one in awards:
        amount = min(one["amount"], limit)
        limit -= amount
        if amount > 0:
            kept.append({**one, "amount": amount})
    return kept


def base_of(line: dict[str, Any], cash: int, given: int, name: str) -> int:
    amounts = {"paid": cash, "gross": line["gross"], "profit": max(0, cash - line["supply_cost"]), "concession": given}
    return amounts[name]


def wanted(file: dict[str, Any], line: dict[str, Any], cash: int, given: int, is_first: bool) -> list[dict[str, Any]]:
    """What the modes would pay, in their order, before the pot; nobody of the seller's among the payees."""
    settings, seller = file["settings"], line["seller"]
    is_pack = line["zone"] == "gift_pack"
    found = []
    if is_pack and "gift_pack" in settings:
        found += pack(file, settings["gift_pack"], cash, seller)
    if not is_pack and "distribution" in settings:
        terms = settings["distribution"]
        found += levels(
            file, base_of(line, cash, given, terms["base"]), terms["rate_ppm"], terms["self_buy"], seller["member"]
        )
    if "store_income" in settings:
        terms = settings["store_income"]
        store = file["members"][file["order"]["buyer"]]["store"]
        if not is_pack and store and store != seller["store"]:
            found.append(("store_income", "store", store, part(cash, terms["rate_ppm"])))
        pickup = file["order"]["pickup_store"]
        if is_first and pickup and pickup != seller["store"]:
            found.append(("store_income", "pickup", pickup, terms["pickup_fen"]))
    if not is_pack and "differential" in settings:
        terms = settings["differential"]
        base = base_of(line, cash, given, terms["base"])
        found += ranks(file, base, terms["rank_rate_ppm"], terms["max_depth"], terms["peer_ppm"], seller["member"])
    if not is_pack and "regional" in settings:
        terms = settings["regional"]
        default = "concession" if seller["kind"] == "concession" else "paid"
        base = base_of(line, cash, given, terms.get("base", default))
        found += areas(file, base, terms["rate_ppm"], terms["mode"], seller["member"])
    return [
        {"mode": mode, "kind": kind, "payee": payee, "amount": amount} for mode, kind, payee, amount in found if amount
    ]


def pack(file: dict[str, Any], terms: dict[str, Any], cash: int, seller: dict[str, Any]) -> list[tuple]:
    own = seller["member"]
    found = levels(file, cash, terms["level_ppm"], False, own)
    found += ranks(file, cash, terms["rank_rate_ppm"], 3, 0, own)
    found += areas(file, cash, terms["area_ppm"], "independent", own)
    named = [
        {"mode": "gift_pack", "kind": kind, "payee": payee, "amount": amount} for _mode, kind, payee, amount in found
    ]
    capped = cut(named, part(cash, terms["payout_cap_ppm"]))
    return [(one["mode"], one["kind"], one["payee"], one["amount"]) for one in capped]


def upline(file: dict[str, Any]) -> list[str]:
    names, name = [], file["members"][file["order"]["buyer"]]["referrer"]
    while name:
        names.append(name)
        name = file["members"][name]["referrer"]
    return names


def levels(file: dict[str, Any], base: int, rates: list[int], self_buy: bool, own: str | None) -> list[tuple]:
    buyer = file["order"]["buyer"]

    def earns(name: str) -> bool:
        return file["members"][name]["promoter"] and name != own

    names = upline(file)
    if self_buy and earns(buyer):
        names = [buyer, *names]
    return [
        ("distribution", f"level{number + 1}", names[number], part(base, rate))
        for number, rate in enumerate(rates)
        if number < len(names) and earns(names[number])
    ]


def ranks(
    file: dict[str, Any], base: int, rates: dict[str, int], depth: int, peer: int, own: str | None
) -> list[tuple]:
    found, highest, last, last_amount, had_peer = [], 0, 0, 0, False
    for name in upline(file)[:depth]:
        rank = 0 if name == own else file["members"][name]["rank"]
        if rank and rates[str(rank)] > highest:
            last, last_amount = rank, part(base, rates[str(rank)]) - part(base, highest)
            highest = rates[str(rank)]
            found.append(("differential", f"V{rank}", name, last_amount))
        elif rank and rank == last and peer and not had_peer:
            had_peer = True
            found.append(("differential", f"peer{rank}", name, part(last_amount, peer)))
    return found


def areas(file: dict[str, Any], base: int, rates: dict[str, int], mode: str, own: str | None) -> list[tuple]:
    found, highest = [], 0
    for grade in ("custom", "street", "district", "city", "province", "region"):
        rate = rates.get(grade, 0)
        holders = file["areas"].get(file["order"]["area"].get(grade), [])
        if not rate or not holders:
            continue
        pot = part(base, rate)
        if mode == "differential":
            pot = max(0, pot - part(base, highest))
            highest = max(highest, rate)
        whole = sum(one["invested"] for one in holders)
        exact = [Fraction(pot * one["invested"], whole) for one in holders]
        parts = [floor(one) for one in exact]
        by_rest = sorted(range(len(holders)), key=lambda i: (parts[i] - exact[i], i))
        for index in by_rest[: pot - sum(parts)]:
            parts[index] += 1
        found += [
            ("regional", grade, one["agent"], amount)
            for one, amount in zip(holders, parts, strict=True)
            if one["agent"] != own
        ]
    return found


def link21(file: dict[str, Any]) -> dict[str, Any]:
    """The answer to a correct file of kind `link21`."""
    terms = file["settings"]
    sponsor: dict[str, str | None] = {}
    anchor: dict[str, str | None] = {}
    directs: dict[str, int] = {}
    boss: set[str] = set()
    awards = []
    for join in file["joins"]:
        member = join["member"]
        is_new = member not in sponsor
        above = join.get("sponsor") if is_new else sponsor[member]
        pack = []
        if above:
            pack.append({"payee": above, "kind": "direct", "amount": terms["direct_fen"]})
            head = above if above in boss else anchor[above]
            steps, name = 1, above
            while name != head and name is not None:
                name, steps = sponsor[name], steps + 1
            if head in boss and steps <= terms["max_depth"]:
                pack.append({"payee": head, "kind": "see", "amount": terms["see_fen"]})
        awards.append([one for one in pack if one["amount"]])
        if is_new:
            sponsor[member], directs[member] = above, 0
            anchor[member] = None
            if above:
                anchor[member] = above if above in boss or anchor[above] is None else anchor[above]
                directs[above] += 1
                if directs[above] >= terms["need_directs"]:
                    boss.add(above)
    return {
        "awards": awards,
        "roles": {name: "boss" if name in boss else "agent" for name in sponsor},
        "anchors": anchor,
    }
