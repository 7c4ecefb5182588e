"""After-sales cases: what is asked for, the table of stages, who has to act until when. Pure; money is rules.split_refund."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

MAX_PHOTOS = 6


@dataclass(frozen=True, kw_only=True)
class CaseDays:
    """How many days each one has; the mall's own are in the order's version of the settings of orders."""

    answer: int = 3  # the seller answers, or the case is agreed to
    appeal: int = 7  # the shopper calls the mall after a refusal, or the case is closed
    send_back: int = 7  # the shopper sends the goods back, or the case is closed
    check: int = 7  # the seller checks what came back, or it counts as received in order
    replaced: int = 10  # the shopper confirms the replacement, or it counts as received


class Service(StrEnum):
    """What the shopper asks for."""

    REFUND_ONLY = "refund_only"
    RETURN_REFUND = "return_refund"
    EXCHANGE = "exchange"


class Stage(StrEnum):
    """Whose turn it is in a case. Cases that staff open themselves have no stage: they are decided at once."""

    SELLER = "seller"
    DECLINED = "declined"
    MALL = "mall"
    RETURNING = "returning"
    RETURNED = "returned"
    REPLACED = "replaced"
    DONE = "done"
    CLOSED = "closed"


class Bearer(StrEnum):
    """Who bears the freight of a case, as the mall ruled."""

    SHOPPER = "shopper"
    SELLER = "seller"
    MALL = "mall"


STAGES: dict[Stage, frozenset[Stage]] = {
    Stage.SELLER: frozenset({Stage.DECLINED, Stage.RETURNING, Stage.DONE, Stage.CLOSED}),
    Stage.DECLINED: frozenset({Stage.MALL, Stage.CLOSED}),
    Stage.MALL: frozenset({Stage.RETURNING, Stage.RETURNED, Stage.DONE, Stage.CLOSED}),
    Stage.RETURNING: frozenset({Stage.RETURNED, Stage.CLOSED}),
    Stage.RETURNED: frozenset({Stage.DECLINED, Stage.REPLACED, Stage.MALL, Stage.DONE}),
    Stage.REPLACED: frozenset({Stage.DONE}),
    Stage.DONE: frozenset(),
    Stage.CLOSED: frozenset(),
}
OPEN_STAGES = frozenset(stage for stage, onward in STAGES.items() if onward)
FOR_SELLER = frozenset({Stage.SELLER, Stage.RETURNED})


def due(stage: Stage, now: dt.datetime, days: CaseDays) -> dt.datetime | None:
    """Until when the one whose turn it is has time; None: the mall decides when it can, or the case is over."""
    found = {
        Stage.SELLER: days.answer,
        Stage.DECLINED: days.appeal,
        Stage.RETURNING: days.send_back,
        Stage.RETURNED: days.check,
        Stage.REPLACED: days.replaced,
    }.get(stage)
    return None if found is None else now + dt.timedelta(days=found)


def may_withdraw(stage: Stage, *, sent_back: bool) -> bool:
    """Whether the shopper may take the case back: not when his goods are on their way to the seller, or with him."""
    return Stage.CLOSED in STAGES[stage] and not sent_back
