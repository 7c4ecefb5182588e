"""The legal guard-rails as a table (MODES 14): each rule, how it is enforced, where, and the test that shows it. Pure.

Not legal advice; counsel confirms before launch (docs/vendors/legal.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tenant_apps.modes.contract import noop as _
from tenant_apps.modes.rulings import is_on, levels

MANY_PEOPLE = 30  # the standard of prosecution: 30 people and 3 levels
MANY_LEVELS = 3


class Enforcement(StrEnum):
    """What happens when a rule would be broken."""

    BLOCK = "block"
    WARNING = "warning"
    ALARM = "alarm"
    DISCLOSURE = "disclosure"


@dataclass(frozen=True)
class LegalRule:
    """One rule of MODES 14. `test` is `file::name`; empty where what the rule is about is not built yet."""

    number: int
    title: str
    how: str
    enforcement: tuple[Enforcement, ...]
    test: str = ""

    @property
    def is_built(self) -> bool:
        return bool(self.test)


_LEGAL = "tests/tenant_apps/modes/test_legal.py"
_B, _W, _A, _D = Enforcement.BLOCK, Enforcement.WARNING, Enforcement.ALARM, Enforcement.DISCLOSURE
RULES: tuple[LegalRule, ...] = (
    LegalRule(
        1,
        _("At most three rewarded levels, two where the mall sells through WeChat"),
        _("Refused in settings and in the engine; a third level needs the platform's approval."),
        (_B,),
        f"{_LEGAL}::test_rule_1_at_most_three_levels_two_on_wechat",
    ),
    LegalRule(
        2,
        _("No reward for head-count or registration"),
        _("There is no such base, and ranks know no head-count."),
        (_B,),
        f"{_LEGAL}::test_rule_2_nothing_is_computed_from_heads",
    ),
    LegalRule(
        3,
        _("No reward to persons out of a fee for joining"),
        _("Fees pass through no earning mode for persons; a licensed store's half is one level."),
        (_B, _W),
        f"{_LEGAL}::test_rule_3_no_person_is_paid_out_of_a_fee",
    ),
    LegalRule(
        4,
        _("Becoming a promoter is possible without buying"),
        _("Free application; a caution where a purchase grants something."),
        (_W, _D),
        f"{_LEGAL}::test_rule_4_a_promoter_need_not_buy",
    ),
    LegalRule(
        5,
        _("Pay from the sales of people further down"),
        _(
            "A caution with the law's name from the second level on, and in an open mall a second person who approves; the flagged modes need the platform's approval."
        ),
        (_W,),
        f"{_LEGAL}::test_rule_5_team_pay_is_a_caution_with_the_law",
    ),
    LegalRule(
        6,
        _("Thirty people and three rewarded levels under one head"),
        _("A nightly look at the tree, an alarm to the compliance role."),
        (_A,),
        "tests/tenant_apps/modes/test_compliance.py::test_rule_6_thirty_people_over_three_levels_are_an_alarm",
    ),
    LegalRule(
        7,
        _("Awards never exceed what the order left"),
        _("Refused when settings are published, cut by the pot of the line."),
        (_B,),
        f"{_LEGAL}::test_rule_7_awards_never_exceed_the_funds",
    ),
    LegalRule(
        8,
        _("Points, coins and vouchers are neither cash nor for sale"),
        _(
            "Vouchers come out of completed purchases and nowhere else; no page, interface or product sells, cashes or passes one on, fees and deposits take none, and only money is paid out."
        ),
        (_B,),
        "tests/tenant_apps/orders/test_voucher_orders.py::test_rule_8_no_way_to_buy_cash_or_pass_on_a_voucher_or_gold",
    ),
    LegalRule(
        9,
        _("No claims of multiples, free orders, sure gains"),
        _(
            "Brand, page and goods texts with such a claim are not stored; the mandatory sentence stands beside every figure."
        ),
        (_B, _D),
        f"{_LEGAL}::test_rule_9_forbidden_claims_are_not_stored",
    ),
    LegalRule(
        10,
        _("The subsidy funds itself"),
        _(
            "Terms whose pool would not cover its own lots cannot be published; a reserve below all periods is warned of."
        ),
        (_B, _W),
        "tests/tenant_apps/settlement/test_subsidy_running.py::test_terms_that_cannot_hold_are_refused_by_name",
    ),
    LegalRule(
        11,
        _("Changes of rules are told seven days ahead"),
        _(
            "The subsidy's terms change and a pool is liquidated seven days after members can read it; lots keep their terms."
        ),
        (_D,),
        "tests/tenant_apps/settlement/test_subsidy_running.py::test_new_terms_wait_seven_days_and_lots_keep_theirs",
    ),
    LegalRule(12, _("Prepaid cards: caps, written terms, own store only"), _("Comes with cards."), (_B, _W)),
    LegalRule(
        13,
        _("Money is settled by licensed institutions"),
        _("A live mall cannot record a payout made by hand."),
        (_B,),
        "tests/tenant_apps/payouts/test_withdrawals.py::test_a_live_mall_refuses_a_manual_transfer_and_says_why",
    ),
    LegalRule(14, _("Lotteries: prize ceiling, odds and stock shown"), _("Comes with lotteries."), (_B,)),
    LegalRule(
        15,
        _("Seven days to return; awards are frozen until then"),
        _("The after-sales window cannot be set below seven days."),
        (_B,),
        f"{_LEGAL}::test_rule_15_the_window_is_seven_days_at_least",
    ),
    LegalRule(
        16,
        _("Agents and merchants are licensed and verified"),
        _("No contract runs without a checked business licence."),
        (_B,),
        "tests/tenant_apps/modes/regional/test_contract_life.py::test_rule_16_and_17_an_agent_needs_a_checked_licence",
    ),
    LegalRule(
        17,
        _("Area shares: licensed holder, contract, no promised return, at most 200 owners"),
        _("There is no field for a return; more than ten owners are a caution, more than 200 are refused."),
        (_B, _W),
        "tests/tenant_apps/modes/regional/test_contract_life.py::test_rule_17_there_is_no_place_for_a_promised_return",
    ),
    LegalRule(
        18,
        _("Platform rules, price composition, marks for own goods and advertising"),
        _("Legal texts and the seller's name stand on the pages."),
        (_D,),
    ),
    LegalRule(
        19,
        _("Records of trade, awards and rules are kept and never changed"),
        _("The book and the versions of settings are append-only in the database."),
        (_B,),
        f"{_LEGAL}::test_rule_19_versions_and_the_book_are_never_changed",
    ),
    LegalRule(
        20,
        _("Paid area agencies are commercial franchising"),
        _("A caution with the checklist; recruiting pages carry the disclosures and no earnings."),
        (_W, _D),
        "tests/tenant_apps/storefront/test_region_pages.py::test_rule_20_the_recruiting_page_discloses_and_says_nothing_of_earnings",
    ),
    LegalRule(
        21,
        _("Third-party sellers need the mall's EDI licence"),
        _("In a live mall no seller becomes active before the licence is filed."),
        (_B,),
        "tests/tenant_apps/sellers/test_seller_money.py::test_a_live_mall_needs_its_edi_licence_before_it_hosts_sellers",
    ),
)

# What stands beside every figure that somebody might take for a promise (MODES 14 #9).
NO_PROMISE = _(
    "Figures are upper limits, not promised earnings: what is earned depends on orders that are paid and completed, and refunds take their part back."
)
PROMOTION_DISCLOSURES = (
    _("Becoming a promoter is free and needs no purchase."),
    _("Nobody is paid for bringing people: only completed orders count, and never more than the levels shown."),
    NO_PROMISE,
)


def rewarded_levels(settings: Mapping[str, Any]) -> int:
    """How many levels above a buyer the settings in force (mode → settings) pay at most."""
    return max((levels(mode, values) for mode, values in settings.items() if is_on(values)), default=0)
