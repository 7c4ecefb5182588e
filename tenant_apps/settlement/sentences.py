"""What a person reads about an award and about an entry of the wallet: why, how much, frozen until when."""

import datetime as dt

from saas.ledger.selectors import StatementLine
from tenant_apps.modes import words
from tenant_apps.modes.contract import Award as AwardFact
from tenant_apps.modes.contract import BaseMode, Sentence, Told
from tenant_apps.modes.contract import noop as _
from tenant_apps.modes.registry import MODES
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
