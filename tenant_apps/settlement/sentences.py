"""What a person reads about an award and about an entry of the wallet: why, how much, frozen until when."""

import datetime as dt

from saas.kernel.money import pct
from saas.ledger.selectors import StatementLine
from tenant_apps.modes import rules as waterfall
from tenant_apps.modes import words
from tenant_apps.modes.contract import Award as AwardFact
from tenant_apps.modes.contract import BaseMode, LineFacts, SellerKind, Sentence, Told
from tenant_apps.modes.contract import noop as _
from tenant_apps.modes.registry import MODES
from tenant_apps.modes.rules import PotTerms, Returned
from tenant_apps.modes.sentences import render
from tenant_apps.settlement.models import Award
from tenant_apps.settlement.rules import AwardState

STATE_WORDS = {
    AwardState.FROZEN: _("frozen"),
    AwardState.RELEASED: _("in the wallet"),
    AwardState.VOID: _("cancelled"),
    AwardState.CLAWED_BACK: _("taken back"),
}

VOID_WORDS = {
    "refunded": _("cancelled: refunded before it was released"),
    "area": _("cancelled: the delivery address was changed to another area before shipping"),
    "no_payee": _("nobody could claim it: it stays with the mall"),
}

BASE_WORDS = {
    BaseMode.PAID: _("what was paid in money"),
    BaseMode.GROSS: _("the price before discounts"),
    BaseMode.PROFIT: _("the profit"),
    BaseMode.CONCESSION: _("the seller's concession"),
}

TERM_WORDS = {
    "payable": _("Seller"),
    "cost": _("Cost of the goods"),
    "pool": _("Pool"),
    "awards": _("Awards"),
    "house": _("The mall's own share"),
    "mall": _("The mall"),
}

FEE_WORDS = {
    "rate": _("The mall's take: {rate_ppm} of {base_amount}, rounded down: {fee_amount}."),
    "least": _("The mall's take: {fee_amount}, the smallest of a line; {rate_ppm} of {base_amount} would be less."),
    "concession": _("The seller's concession: {rate_ppm} of what was paid, rounded down: {fee_amount}."),
    "channel": _(
        "What the payment channel charged for {cash_amount} in money, {channel_ppm} rounded down: {channel_amount}. The seller bears it, the mall pays the channel."
    ),
}

# Where the money rules of each mode are specified.
SECTIONS = {
    "subsidy": "2",
    "distribution": "4",
    "differential": "5",
    "gift_pack": "6",
    "link21": "7",
    "regional": "8",
    "partner_membership": "9a",
    "store_income": "9b",
    "manager_award": "9c",
    "shop_growth": "12",
    "merchant_referral": "12",
    "advertising": "13a",
    "coins": "11a, 11b",
}

ENTRY_WORDS = {
    "settlement": _("Award released: the order is completed"),
    "period_award": _("Award of a period"),
    "period_taken_back": _("Taken back: refunds lowered the month"),
    "award": _("Award released: the order is completed"),
    "debt_netted": _("Kept back for an amount you owed after a refund"),
    "refund": _("Taken back: a purchase was refunded"),
    "ad_release": _("Released of your ad points: you watched ads"),
    "ad_points": _("Ad points for a completed purchase"),
    "ad_points_back": _("Ad points taken back: a purchase was refunded"),
    "ad_income": _("Advertising income"),
    "withdrawal": _("Withdrawal"),
    "reversal": _("Correction"),
}


def fees(facts: LineFacts, terms: PotTerms, returned: Returned) -> list[str]:
    """What was taken off the seller's part of a line and why, on what refunds have left of it; nothing of own goods."""
    of, seller = waterfall.margin(facts, terms, returned), facts.seller
    data = {
        "rate_ppm": seller.rate_ppm,
        "base_amount": of.payable + of.fee + of.payment_fee,
        "fee_amount": of.fee,
        "cash_amount": facts.cash - returned.cash,
        "channel_ppm": terms.payment_fee_ppm,
        "channel_amount": of.payment_fee,
    }
    said = []
    if seller.kind is SellerKind.CONCESSION and of.fee:
        said.append("concession")
    elif of.fee:
        said.append("rate" if of.fee == pct(data["base_amount"], seller.rate_ppm) else "least")
    if of.payment_fee:
        said.append("channel")
    return [render(Sentence(FEE_WORDS[one], data)) for one in said]


def kind_word(kind: str) -> str:
    """What a kind of award is called: `level2`, `V1`, `peer1`, `district` …"""
    return render(Sentence(words.kind_word(kind)))


def why(award: Award, *, buyer: str, order_number: str, is_own_purchase: bool) -> str:
    """The mode's own sentence, and how the pot cut the award if it did."""
    fact = AwardFact(
        mode=award.mode,
        kind=award.kind,
        payee=award.payee_ulid,
        base=BaseMode(award.base),
        base_amount=award.base_amount,
        rate_ppm=award.rate_ppm,
        amount=award.amount,
        full_amount=award.full_amount,
    )
    told = Told(order=order_number, product=award.line.title, buyer=buyer, is_own_purchase=is_own_purchase)
    text = render(MODES[award.mode].explain(fact, told))
    if award.amount < award.full_amount:
        cut = Sentence(_("Cut to {amount_amount}: the sale left no more to hand out."), {"amount_amount": award.amount})
        text = f"{text} {render(cut)}"
    return text


def basis(award: Award, *, number: int) -> str:
    """What staff and auditors read beside the sentence: base, rate, cut, rule and the version of its settings."""
    data = {
        "rule_word": MODES[award.mode].label if award.mode in MODES else award.mode,
        "kind_word": words.kind_word(award.kind),
        "base_word": BASE_WORDS[BaseMode(award.base)],
        "base_amount": award.base_amount,
        "rate_ppm": award.rate_ppm,
        "full_amount": award.full_amount,
        "cut_amount": award.full_amount - award.amount,
        "number": number,
        "section": SECTIONS.get(award.mode, "1"),
    }
    fixed = _(
        "{rule_word}, {kind_word}: a fixed {full_amount}, by version {number} of its settings (section {section} of the rules)."
    )
    whole = _(
        "{rule_word}, {kind_word}: {rate_ppm} of {base_amount} ({base_word}), rounded down: {full_amount}, by version {number} of its settings (section {section} of the rules)."
    )
    part = _(
        "{rule_word}, {kind_word}: {rate_ppm} of {base_amount} ({base_word}); this payee's part of it is {full_amount}, by version {number} of its settings (section {section} of the rules)."
    )
    of_rate = whole if pct(award.base_amount, award.rate_ppm) == award.full_amount else part
    text = render(Sentence(of_rate if award.rate_ppm else fixed, data))
    if award.amount < award.full_amount:
        text += " " + render(Sentence(_("The pot of the line cut {cut_amount} off it (section 1)."), data))
    return text


def standing(award: Award, *, release_due_at: dt.datetime | None, aftersales_days: int) -> str:
    """Where the money is now, and until when it is frozen."""
    parts: list[Sentence] = []
    state = AwardState(award.state)
    if state is AwardState.FROZEN and release_due_at is not None:
        parts.append(
            Sentence(
                _("Frozen until {until_at} at the latest, while goods may be returned."), {"until_at": release_due_at}
            )
        )
    elif state is AwardState.FROZEN:
        parts.append(
            Sentence(
                _("Frozen until {days} days after the goods are received, while they may be returned."),
                {"days": aftersales_days},
            )
        )
    elif state is AwardState.RELEASED and award.released_at is not None:
        parts.append(Sentence(_("In the wallet since {since_at}."), {"since_at": award.released_at}))
    elif state is AwardState.VOID:
        parts.append(Sentence(_("Cancelled: the purchase was refunded before the award was released.")))
    elif state is AwardState.CLAWED_BACK:
        parts.append(Sentence(_("Taken back: the purchase was refunded.")))
    if award.clawed_amount and award.net_amount:
        data = {"back_amount": award.clawed_amount, "left_amount": award.net_amount}
        parts.append(Sentence(_("{back_amount} was taken back for a part refunded; {left_amount} is left."), data))
    return " ".join(render(part) for part in parts)


def of_entry(line: StatementLine) -> str:
    """An entry of a wallet in words."""
    return render(Sentence(ENTRY_WORDS.get(line.kind, _("Booking"))))
