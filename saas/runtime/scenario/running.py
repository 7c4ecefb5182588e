"""From a file to its answer: facts, the rules that production runs, and the identity of every line."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from saas.runtime.scenario.files import MemberPart, OrderScenario, SettingsPart, unsupported
from tenant_apps.modes import line_awards, rules
from tenant_apps.modes.contract import (
    Award,
    BuyerFacts,
    Channel,
    LineFacts,
    Refusal,
    SaleFacts,
    SellerFacts,
    SellerKind,
    UplineFacts,
)
from tenant_apps.modes.distribution.settings import DistributionSettings
from tenant_apps.modes.registry import MODES
from tenant_apps.modes.rules import PotTerms

_ELSEWHERE = Channel(wechat=False, third_level_approved=True)


class ScenarioRefused(Exception):
    """The file cannot be run; the text names the key and the reason."""


def run(text: str) -> dict[str, Any]:
    """The answer to a scenario file. Raises ScenarioRefused."""
    try:
        content = json.loads(text, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        raise ScenarioRefused(f"file: no JSON ({error.msg}, line {error.lineno})") from None
    if why := unsupported(content):
        raise ScenarioRefused(why)
    try:
        scenario = OrderScenario.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"]) or "file"
        raise ScenarioRefused(f"{key}: {first['msg']}") from None
    return _order(scenario)


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ScenarioRefused(f"{key}: given twice")
        found[key] = value
    return found


def _order(scenario: OrderScenario) -> dict[str, Any]:
    settings = _settings(scenario.settings)
    buyer = _buyer(scenario)
    terms = PotTerms(
        platform_min_ppm=scenario.settings.settlement.platform_min_ppm,
        subsidy=scenario.settings.subsidy is not None,
        pool_share_ppm=scenario.settings.subsidy.pool_share_ppm if scenario.settings.subsidy else 0,
    )
    lines = _lines(scenario)
    answers, awards = [], {}
    for line in lines.values():
        full = line_awards.awards_of_line({"distribution": settings} if settings else {}, line, SaleFacts(buyer=buyer))
        awards[line.line] = rules.cap_total(full, rules.pot(rules.margin(line, terms), terms))
        answers.append(_answer(line, terms, awards[line.line]))
    return {"lines": answers, "clawbacks": _claw_backs(scenario, lines, awards)}


def _settings(part: SettingsPart) -> DistributionSettings | None:
    if part.distribution is None:
        return None
    try:
        settings = DistributionSettings(**part.distribution.model_dump())
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(["settings.distribution", *(str(one) for one in first["loc"])])
        raise ScenarioRefused(f"{key}: {first['msg']}") from None
    for problem in MODES["distribution"].validate(settings, _ELSEWHERE):
        if isinstance(problem, Refusal):
            raise ScenarioRefused(f"settings.distribution.{problem.field}: {problem.message.format(**problem.data)}")
    return settings


def _buyer(scenario: OrderScenario) -> BuyerFacts:
    members: Mapping[str, MemberPart] = scenario.members
    for name, member in members.items():
        if member.referrer is not None and member.referrer not in members:
            raise ScenarioRefused(f"members.{name}.referrer: there is no member {member.referrer}")
        _require_no_loop(name, members)
    buyer = scenario.order.buyer
    if buyer not in members:
        raise ScenarioRefused(f"order.buyer: there is no member {buyer}")
    chain, above = [], members[buyer].referrer
    while above is not None:
        chain.append(UplineFacts(above, members[above].promoter))
        above = members[above].referrer
    return BuyerFacts(member=buyer, promoter=members[buyer].promoter, chain=tuple(chain))


def _require_no_loop(name: str, members: Mapping[str, MemberPart]) -> None:
    seen, above = {name}, members[name].referrer
    while above is not None and above in members:
        if above in seen:
            raise ScenarioRefused(f"members.{name}.referrer: a loop")
        seen.add(above)
        above = members[above].referrer


def _lines(scenario: OrderScenario) -> dict[str, LineFacts]:
    found: dict[str, LineFacts] = {}
    for number, part in enumerate(scenario.order.lines):
        where = f"order.lines.{number}"
        if part.line in found:
            raise ScenarioRefused(f"{where}.line: {part.line} is there twice")
        seller = part.seller
        if seller.member is not None and seller.member not in scenario.members:
            raise ScenarioRefused(f"{where}.seller.member: there is no member {seller.member}")
        taken = part.merchant_discount + part.platform_discount + part.coins + part.voucher
        if taken > part.gross:
            raise ScenarioRefused(f"{where}.gross: discounts, coins and voucher come to more ({taken})")
        found[part.line] = LineFacts(
            line=part.line,
            level_amount=part.gross,
            list_amount=part.gross,
            merchant_discount=part.merchant_discount,
            platform_discount=part.platform_discount,
            coin_amount=part.coins,
            voucher_amount=part.voucher,
            supply_cost=part.supply_cost,
            freight=part.freight,
            quantity=seller.qty,
            zone=part.zone,
            seller=SellerFacts(
                kind=seller.kind,
                rate_ppm=seller.rate_ppm,
                supply_price=seller.supply_price,
                id=seller.member or seller.store or "",
                member=seller.member or "",
            ),
        )
    return found


def _answer(line: LineFacts, terms: PotTerms, awards: Sequence[Award]) -> dict[str, Any]:
    of = rules.margin(line, terms)
    shares = rules.shares(line, terms, rules.total(awards))
    freight = 0 if line.seller.kind is SellerKind.SELF else line.freight
    return {
        "line": line.line,
        "paid": line.cash,
        "funds": of.funds,
        "pool_inflow": of.pool_inflow,
        "house": shares.house,
        "seller": {"payable": of.payable + freight, "fee": of.fee},
        "awards": [{"mode": one.mode, "kind": one.kind, "payee": one.payee, "amount": one.amount} for one in awards],
    }


def _claw_backs(
    scenario: OrderScenario, lines: Mapping[str, LineFacts], awards: Mapping[str, Sequence[Award]]
) -> list[dict[str, Any]]:
    refunded: dict[str, int] = {}
    taken: dict[tuple[str, int], int] = {}
    found = []
    for number, refund in enumerate(scenario.refunds):
        if refund.line not in lines:
            raise ScenarioRefused(f"refunds.{number}.line: there is no line {refund.line}")
        paid = lines[refund.line].cash
        refunded[refund.line] = refunded.get(refund.line, 0) + refund.amount
        if refunded[refund.line] > paid:
            raise ScenarioRefused(f"refunds.{number}.amount: more than was paid ({paid})")
        for place, award in enumerate(awards[refund.line]):
            before = taken.get((refund.line, place), 0)
            back = rules.claw_back(award.amount, paid, refunded[refund.line], before)
            taken[refund.line, place] = before + back
            if back:
                found.append(
                    {
                        "line": refund.line,
                        "payee": award.payee,
                        "mode": award.mode,
                        "kind": award.kind,
                        "amount": back,
                    }
                )
    return found
