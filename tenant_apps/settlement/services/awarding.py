"""Payment: awards of every line, cut to the line's pot, frozen as one hold a payee out of the order's escrow."""

import datetime as dt
from collections.abc import Mapping

from saas.kernel.ids import new_ulid
from saas.kernel.transactions import retried_transaction
from saas.ledger import services as ledger
from tenant_apps.modes import rules as waterfall
from tenant_apps.modes import selectors as modes
from tenant_apps.modes.rules import PotTerms
from tenant_apps.modes.selectors import Pinned
from tenant_apps.settlement.models import Award, LineSettlement, OrderSettlement
from tenant_apps.settlement.rules import PaidLine, PaidOrder, by_payee, wallet_of


@retried_transaction
def award_order(*, order: PaidOrder, now: dt.datetime) -> OrderSettlement:
    """Compute and freeze the awards of a paid order under its pinned settings; MODES 1. Once: later calls only lock.

    Returns the locked row. Raises ledger.InsufficientBalance when the order's escrow has not been funded yet.
    """
    settlement, created = OrderSettlement.objects.select_for_update().get_or_create(
        order_ulid=order.ulid,
        defaults={
            "order_number": order.number,
            "buyer_ulid": order.facts.buyer.member,
            "freight_amount": order.freight,
            "awarded_at": now,
        },
    )
    if created:
        pinned = modes.settings_for_order(order.pins)
        for position, line in enumerate(order.lines):
            _settle_line(settlement, order, line, position, pinned, now)
        place_holds(settlement, order, now)
    return settlement


def pot_terms(pinned: Mapping[str, Pinned]) -> PotTerms:
    """The pot's terms under which an order was sold."""
    terms: PotTerms = pinned["settlement"].values.pot_terms()
    return terms


def _settle_line(
    settlement: OrderSettlement,
    order: PaidOrder,
    line: PaidLine,
    position: int,
    pinned: Mapping[str, Pinned],
    now: dt.datetime,
) -> None:
    facts, terms = line.facts, pot_terms(pinned)
    margin = waterfall.margin(facts, terms)
    here = modes.of_zone(pinned, facts.zone)
    full = modes.awards_of_line(facts, order.facts, pinned)
    awards = waterfall.cap_total(full, waterfall.pot(margin, terms))
    shares = waterfall.shares(facts, terms, waterfall.total(awards))
    row = LineSettlement.objects.create(
        settlement=settlement,
        line_ulid=facts.line,
        position=position,
        title=line.title[:200],
        seller_id=facts.seller.id,
        cash_amount=facts.cash,
        voucher_amount=facts.voucher_amount,
        funds_amount=margin.funds,
        payable_amount=shares.payable,
        cost_amount=shares.cost,
        pool_amount=shares.pool,
        awarded_amount=shares.awards,
        house_amount=shares.house,
    )
    Award.objects.bulk_create(
        Award(
            ulid=new_ulid(),
            line=row,
            position=place,
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
        for place, award in enumerate(awards)
    )


def place_holds(
    settlement: OrderSettlement, order: PaidOrder, now: dt.datetime, only: frozenset[str] = frozenset()
) -> None:
    """One hold a payee for what is left of his awards; `only` names the payees whose holds are made again."""
    awards = list(Award.objects.filter(line__settlement=settlement).order_by("line__position", "position"))
    for payee, amount in by_payee((award.payee_ulid, award.net_amount) for award in awards).items():
        if only and payee not in only:
            continue
        key = f"award:{order.ulid}:{payee}:{settlement.generation}"
        ledger.place_hold(
            key=key,
            kind="award",
            source=order.escrow,
            destination=wallet_of(payee),
            amount=amount,
            document=order.document,
            occurred_at=now,
        )
        Award.objects.filter(line__settlement=settlement, payee_ulid=payee).update(hold_key=key)


def void_holds(settlement: OrderSettlement, payees: frozenset[str], now: dt.datetime) -> None:
    """Give the payees' frozen money back to the escrow, to be held again smaller."""
    rows = Award.objects.filter(line__settlement=settlement, payee_ulid__in=payees).exclude(hold_key="")
    for key in sorted(set(rows.values_list("hold_key", flat=True))):
        ledger.void_hold(hold_key=key, key=f"{key}:void", occurred_at=now)
    rows.update(hold_key="")
