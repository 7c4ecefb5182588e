"""The facts of a sale as an order keeps them: short JSON, written at payment, read whenever the order is settled. Pure."""

from typing import Any

from tenant_apps.modes.contract import AreaFacts, BuyerFacts, Grade, HolderFacts, SaleFacts, UplineFacts


def sale_to_json(sale: SaleFacts) -> dict[str, Any]:
    """A sale's facts as JSON; `pickup_line` is the order's first line and not kept."""
    buyer = sale.buyer
    return {
        "buyer": {"promoter": buyer.promoter, "rank": buyer.rank, "level": buyer.level, "store": buyer.store},
        "chain": [[one.member, one.promoter, one.open, one.rank, one.partner] for one in buyer.chain],
        "areas": [
            [area.grade.value, area.code, [[one.agent, one.weight] for one in area.holders], area.unsold_weight]
            for area in sale.areas
        ],
        "pickup_store": sale.pickup_store,
    }


def sale_from_json(stored: dict[str, Any], *, member: str, first_line: str) -> SaleFacts:
    """The facts that `sale_to_json` kept; an order that is not paid yet has a buyer and nothing else."""
    if not stored:
        return SaleFacts(buyer=BuyerFacts(member=member))
    return SaleFacts(
        buyer=BuyerFacts(member=member, chain=tuple(UplineFacts(*one) for one in stored["chain"]), **stored["buyer"]),
        areas=tuple(
            AreaFacts(
                grade=Grade(grade),
                code=code,
                holders=tuple(HolderFacts(*one) for one in holders),
                unsold_weight=unsold,
            )
            for grade, code, holders, unsold in stored["areas"]
        ),
        pickup_store=stored["pickup_store"],
        pickup_line=first_line if stored["pickup_store"] else "",
    )
