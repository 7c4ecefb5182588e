"""Kind `order`: who earns what from one order, by the rules that settlement runs."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import Field

from saas.runtime.scenario import facts, plans
from saas.runtime.scenario.files import HolderPart, MemberPart, Name, OrderPart, Part, RefundPart
from saas.runtime.scenario.refusals import ScenarioRefused
from tenant_apps.modes import line_awards, rules
from tenant_apps.modes.contract import Award, LineFacts, SellerKind
from tenant_apps.modes.rules import PotTerms


class OrderScenario(Part):
    """The whole file."""

    kind: Literal["order"]
    members: dict[Name, MemberPart]
    areas: dict[Name, tuple[HolderPart, ...]] = Field(default_factory=dict)
    settings: plans.SettingsPart
    order: OrderPart
    refunds: tuple[RefundPart, ...] = ()


def run(scenario: OrderScenario) -> dict[str, Any]:
    """The answer. Raises ScenarioRefused."""
    settings, terms = plans.modes_of(scenario.settings), plans.pot_terms(scenario.settings)
    sale = facts.sale(scenario.order, scenario.members, scenario.areas)
    lines = facts.lines(scenario.order, scenario.members, scenario.areas)
    answers, awards = [], {}
    for line in lines.values():
        full = line_awards.awards_of_line(settings, line, sale)
        awards[line.line] = rules.cap_total(full, rules.pot(rules.margin(line, terms), terms))
        answers.append(_answer(line, terms, awards[line.line]))
    return {"lines": answers, "clawbacks": _claw_backs(scenario.refunds, lines, awards)}


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
        "seller": {"payable": of.payable + freight, "fee": of.fee, **_of_channel(line, of)},
        "awards": [{"mode": one.mode, "kind": one.kind, "payee": one.payee, "amount": one.amount} for one in awards],
    }


def _of_channel(line: LineFacts, of: rules.Margin) -> dict[str, int]:
    """What the payment channel charged, named only where the seller bears it."""
    return {"payment_fee": of.payment_fee} if line.seller.bears_payment_fee else {}


def _claw_backs(
    refunds: Sequence[RefundPart], lines: Mapping[str, LineFacts], awards: Mapping[str, Sequence[Award]]
) -> list[dict[str, Any]]:
    refunded: dict[str, int] = {}
    taken: dict[tuple[str, int], int] = {}
    found = []
    for number, refund in enumerate(refunds):
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
