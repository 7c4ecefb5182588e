"""What a paid line comes to under pinned settings: its row and its awards, computed and not yet written; MODES 1."""

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from saas.kernel.ids import new_ulid
from tenant_apps.modes import line_awards
from tenant_apps.modes import rules as waterfall
from tenant_apps.modes import selectors as modes
from tenant_apps.modes.contract import Award as AwardFact
from tenant_apps.modes.contract import LineFacts, SaleFacts
from tenant_apps.modes.rules import Margin, PotTerms
from tenant_apps.modes.selectors import Pinned
from tenant_apps.settlement.models import Award, LineSettlement, OrderSettlement
from tenant_apps.settlement.rules import PaidLine, everybody_there, unclaimed


@dataclass(frozen=True)
class Earned:
    """Awards of a line before the pot's cut: those of the people who are there, and as if nobody were missing."""

    margin: Margin
    limit: int  # the pot, fen
    awards: Sequence[AwardFact]
    filled: Sequence[AwardFact]

    def unclaimed(self, given: Sequence[AwardFact]) -> list[tuple[str, str, int]]:
        """What of the pot nobody could claim, given what was awarded of it."""
        left = self.limit - waterfall.total(given)
        filled = waterfall.cap_total(self.filled, self.limit)
        return [dataclasses.astuple(one) for one in unclaimed(_amounts(given), _amounts(filled), left)]


def pot_terms(pinned: Mapping[str, Pinned]) -> PotTerms:
    """The pot's terms under which an order was sold."""
    return line_awards.pot_terms(pinned["settlement"].values, {key: one.values for key, one in pinned.items()})


def earned(line: LineFacts, sale: SaleFacts, pinned: Mapping[str, Pinned]) -> Earned:
    """What a line's margin, pot and awards come to."""
    terms = pot_terms(pinned)
    margin = waterfall.margin(line, terms)
    return Earned(
        margin,
        waterfall.pot(margin, terms),
        modes.awards_of_line(line, sale, pinned),
        modes.awards_of_line(line, everybody_there(sale), pinned),
    )


def settle_line(
    settlement: OrderSettlement,
    sale: SaleFacts,
    line: PaidLine,
    position: int,
    pinned: Mapping[str, Pinned],
    now: dt.datetime,
) -> tuple[LineSettlement, list[Award]]:
    """A line's row and its awards, none written yet."""
    facts = line.facts
    found = earned(facts, sale, pinned)
    awards = waterfall.cap_total(found.awards, found.limit)
    shares = waterfall.shares(facts, pot_terms(pinned), waterfall.total(awards))
    row = LineSettlement(
        settlement=settlement,
        line_ulid=facts.line,
        position=position,
        title=line.title[:200],
        kind=facts.kind,
        seller_id=facts.seller.id,
        fee_amount=found.margin.fee,
        payment_fee_amount=found.margin.payment_fee,
        freight_amount=facts.freight,
        cash_amount=facts.cash,
        voucher_amount=facts.voucher_amount,
        funds_amount=found.margin.funds,
        payable_amount=shares.payable,
        cost_amount=shares.cost,
        pool_amount=shares.pool,
        awarded_amount=shares.awards,
        house_amount=shares.house,
        unclaimed=found.unclaimed(awards),
    )
    here = modes.of_zone(pinned, facts.zone)
    return row, [award_row(row, award, here, place, now) for place, award in enumerate(awards)]


def award_row(
    row: LineSettlement, award: AwardFact, here: Mapping[str, Pinned], position: int, now: dt.datetime
) -> Award:
    """A frozen award of a line, not written yet. `here` are the settings of the line's zone, by mode."""
    return Award(
        ulid=new_ulid(),
        line=row,
        position=position,
        mode=award.mode,
        kind=award.kind,
        payee_kind=award.payee_kind,
        payee_ulid=award.payee,
        settings_version=here[award.mode].ulid,
        base=award.base,
        base_amount=award.base_amount,
        rate_ppm=award.rate_ppm,
        full_amount=award.full_amount,
        amount=award.amount,
        created_at=now,
    )


def _amounts(awards: Sequence[AwardFact]) -> list[tuple[str, str, int]]:
    return [(award.mode, award.kind, award.amount) for award in awards]
