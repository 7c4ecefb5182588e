"""After-sales cases: what is asked for, the table of stages, who has to act until when. Pure; money is rules.split_refund."""

import datetime as dt
from enum import StrEnum

MAX_PHOTOS = 6
ANSWER_DAYS = 3  # the seller answers, or the case is agreed to
APPEAL_DAYS = 7  # the shopper calls the mall after a refusal, or the case is closed
RETURN_DAYS = 7  # the shopper sends the goods back, or the case is closed
CHECK_DAYS = 7  # the seller checks what came back, or it counts as received in order
REPLACED_DAYS = 10  # the shopper confirms the replacement, or it counts as received


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
_DAYS = {
    Stage.SELLER: ANSWER_DAYS,
    Stage.DECLINED: APPEAL_DAYS,
    Stage.RETURNING: RETURN_DAYS,
    Stage.RETURNED: CHECK_DAYS,
    Stage.REPLACED: REPLACED_DAYS,
}


def due(stage: Stage, now: dt.datetime) -> dt.datetime | None:
    """Until when the one whose turn it is has time; None: the mall decides when it can, or the case is over."""
    days = _DAYS.get(stage)
    return None if days is None else now + dt.timedelta(days=days)


def may_withdraw(stage: Stage, *, sent_back: bool) -> bool:
    """Whether the shopper may take the case back: not when his goods are on their way to the seller, or with him."""
    return Stage.CLOSED in STAGES[stage] and not sent_back
