"""From the parts of an order scenario to the facts that the rules work on."""

from collections.abc import Mapping, Sequence

from saas.runtime.scenario.files import HolderPart, LinePart, MemberPart, OrderPart, SellerPart
from saas.runtime.scenario.refusals import ScenarioRefused
from tenant_apps.modes.contract import (
    AreaFacts,
    BuyerFacts,
    Grade,
    HolderFacts,
    LineFacts,
    SaleFacts,
    SellerFacts,
    SellerKind,
    UplineFacts,
)
from tenant_apps.sellers.rules import MAX_MIN_FEE

Members = Mapping[str, MemberPart]
Areas = Mapping[str, Sequence[HolderPart]]

HARD_MAX_HOLDERS = 200  # MODES 8, 14 #17
HIGHEST_TAKE_PPM = 300_000  # MODES 10


def sale(order: OrderPart, members: Members, areas: Areas) -> SaleFacts:
    """What holds for the whole order. Raises ScenarioRefused for an unknown member, a loop, a region held wrongly."""
    for name in members:
        _require_referrer(name, members)
    for code, holders in areas.items():
        _require_holders(code, holders)
    if order.buyer not in members:
        raise ScenarioRefused(f"order.buyer: there is no member {order.buyer}")
    return SaleFacts(
        buyer=_buyer(order.buyer, members),
        areas=_areas(order, areas),
        pickup_store=order.pickup_store or "",
        pickup_line=order.lines[0].line if order.pickup_store else "",
    )


def lines(order: OrderPart, members: Members, areas: Areas) -> dict[str, LineFacts]:
    """The order's lines by name. Raises ScenarioRefused."""
    agents = {holder.agent for holders in areas.values() for holder in holders}
    found: dict[str, LineFacts] = {}
    for number, part in enumerate(order.lines):
        where = f"order.lines.{number}"
        if part.line in found:
            raise ScenarioRefused(f"{where}.line: {part.line} is there twice")
        member = part.seller.member
        if member is not None and member not in members and member not in agents:
            raise ScenarioRefused(f"{where}.seller.member: there is no member {member}")
        taken = part.merchant_discount + part.platform_discount + part.coins + part.voucher
        if taken > part.gross:
            raise ScenarioRefused(f"{where}.gross: discounts, coins and voucher come to more ({taken})")
        found[part.line] = _line(part, _seller(part.seller, where))
    return found


def _require_referrer(name: str, members: Members) -> None:
    """A referrer is a member of the file, and the way up ends."""
    referrer = members[name].referrer
    if referrer is not None and referrer not in members:
        raise ScenarioRefused(f"members.{name}.referrer: there is no member {referrer}")
    seen, above = {name}, referrer
    while above is not None and above in members:
        if above in seen:
            raise ScenarioRefused(f"members.{name}.referrer: a loop")
        seen.add(above)
        above = members[above].referrer


def _require_holders(code: str, holders: Sequence[HolderPart]) -> None:
    if len(holders) > HARD_MAX_HOLDERS:
        raise ScenarioRefused(f"areas.{code}: at most {HARD_MAX_HOLDERS} agents hold one area")
    seen: set[str] = set()
    for number, holder in enumerate(holders):
        if holder.agent in seen:
            raise ScenarioRefused(f"areas.{code}.{number}.agent: {holder.agent} is in this area twice")
        seen.add(holder.agent)
    if len(holders) > 1 and not any(holder.invested for holder in holders):
        raise ScenarioRefused(f"areas.{code}: nobody invested anything, so the area cannot be shared")


def _buyer(name: str, members: Members) -> BuyerFacts:
    chain, above = [], members[name].referrer
    while above is not None:
        chain.append(UplineFacts(above, members[above].promoter, True, members[above].rank))
        above = members[above].referrer
    buyer = members[name]
    return BuyerFacts(
        member=name, promoter=buyer.promoter, rank=buyer.rank, store=buyer.store or "", chain=tuple(chain)
    )


def _areas(order: OrderPart, areas: Areas) -> tuple[AreaFacts, ...]:
    """The area of each grade that the order falls into, every one fully sold."""
    codes: dict[Grade, str | None] = {grade: getattr(order.area, grade.value) for grade in Grade}
    return tuple(
        AreaFacts(
            grade=grade,
            code=code,
            holders=tuple(HolderFacts(holder.agent, holder.invested) for holder in areas.get(code, ())),
        )
        for grade, code in codes.items()
        if code is not None
    )


def _seller(part: SellerPart, where: str) -> SellerFacts:
    takes_part = part.kind in (SellerKind.COMMISSION, SellerKind.CONCESSION)
    if takes_part and part.rate_ppm > HIGHEST_TAKE_PPM:
        raise ScenarioRefused(f"{where}.seller.rate_ppm: at most {HIGHEST_TAKE_PPM}")
    if part.min_fee_fen > (MAX_MIN_FEE if part.kind is SellerKind.COMMISSION else 0):
        raise ScenarioRefused(f"{where}.seller.min_fee_fen: at most {MAX_MIN_FEE}, and of a commission alone")
    bears = part.payment_fee_bearer == "seller"
    if bears and not takes_part:
        raise ScenarioRefused(
            f"{where}.seller.payment_fee_bearer: the mall bears it of own goods and of a supply price"
        )
    return SellerFacts(
        least_fee=part.min_fee_fen,
        bears_payment_fee=bears,
        kind=part.kind,
        rate_ppm=part.rate_ppm if takes_part else 0,  # of own goods a file tells no concession
        supply_price=part.supply_price,
        id=part.store or part.member or "",
        member=part.member or "",
        store=part.store or "",
    )


def _line(part: LinePart, seller: SellerFacts) -> LineFacts:
    return LineFacts(
        line=part.line,
        level_amount=part.gross,
        list_amount=part.gross,
        merchant_discount=part.merchant_discount,
        platform_discount=part.platform_discount,
        coin_amount=part.coins,
        voucher_amount=part.voucher,
        supply_cost=part.supply_cost,
        freight=part.freight,
        quantity=part.seller.qty,
        zone=part.zone,
        seller=seller,
    )
