"""What two persons do to a subsidy pool: add money, take surplus out, liquidate (MODES 2.3, 2.4). Prepared, then decided."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.errors import DomainError, InvalidInput
from saas.kernel.ids import new_ulid
from saas.kernel.money import format_yuan
from saas.kernel.transactions import retried_transaction
from saas.ledger import selectors as book
from saas.ledger import services as ledger
from saas.ledger.services import Move
from tenant_apps.modes.subsidy import selectors as subsidy
from tenant_apps.modes.subsidy.models import Pool, PoolAction
from tenant_apps.modes.subsidy.services import lots, periods
from tenant_apps.modes.subsidy.states import ActionKind, ActionState
from tenant_apps.settlement.services import subsidy_periods

HOUSE = "house"
NOTICE_DAYS = 7  # a liquidation is announced to members so long (MODES 14 #11)


class NothingHeld(DomainError):
    """A pool is liquidated only after enough postponed periods in a row."""

    code = "pool_not_held"
    http_status = 422
    message = _("A pool may be liquidated only after {most} postponed periods in a row; there were {held}.")  # type: ignore[assignment]


class TooMuch(DomainError):
    """More than the surplus of the pool, or than the mall's own account holds."""

    code = "amount_too_much"
    http_status = 422
    message = _("At most ¥{most} can be moved.")  # type: ignore[assignment]


class ActionOpen(DomainError):
    """The same is prepared already and waits for its second person."""

    code = "action_open"
    message = _("The same is prepared already and waits for a second person.")  # type: ignore[assignment]


class ActionDecided(DomainError):
    """Somebody has decided it already."""

    code = "action_decided"
    message = _("This has been decided already.")  # type: ignore[assignment]


class SamePerson(DomainError):
    """Whoever prepared it cannot approve it."""

    code = "same_person"
    http_status = 403
    message = _("Another person than the one who prepared it has to approve it.")  # type: ignore[assignment]


class TooEarly(DomainError):
    """Members are told seven days ahead."""

    code = "too_early"
    http_status = 422
    message = _("Members have been told of it; it can be carried out from {day} on.")  # type: ignore[assignment]


def prepare_action(*, key: str, kind: ActionKind, amount: int, reason: str, actor: str, now: dt.datetime) -> PoolAction:
    """Prepare what another person has to approve; `amount` in fen, ignored for a liquidation.

    Raises NotFound, InvalidInput (no reason, no amount), NothingHeld, TooMuch, ActionOpen.
    """
    if not reason.strip():
        raise InvalidInput(str(_("Please say why.")), field="reason")
    liquidation = kind is ActionKind.LIQUIDATION
    if not liquidation and amount <= 0:
        raise InvalidInput(str(_("Please enter an amount.")), field="amount")
    subsidy.pool(key)
    with transaction.atomic():
        pool = lots.lock_pool(key, now=now)
        _require_possible(pool, kind, amount, now)
        if PoolAction.objects.filter(pool=pool, kind=kind, state=ActionState.PREPARED).exists():
            raise ActionOpen
        row = PoolAction.objects.create(
            ulid=new_ulid(),
            pool=pool,
            kind=kind,
            amount=0 if liquidation else amount,
            reason=reason.strip(),
            prepared_by=actor,
            prepared_at=now,
            not_before=now + dt.timedelta(days=NOTICE_DAYS) if liquidation else now,
        )
        audit.record(
            actor, "subsidy.prepared", target=f"pool:{key}", kind=kind.value, amount=row.amount, reason=row.reason
        )
    return row


@retried_transaction
def decide_action(*, ulid: str, approve: bool, reason: str, actor: str, now: dt.datetime) -> PoolAction:
    """Carry out what somebody else prepared, or refuse it; whoever prepared it may only give it up.

    Raises NotFound, InvalidInput (no reason), ActionDecided, SamePerson, TooEarly, NothingHeld, TooMuch.
    """
    if not reason.strip():
        raise InvalidInput(str(_("Please say why.")), field="reason")
    found = subsidy.action(ulid)
    pool = lots.lock_pool(found.pool.key, now=now)
    row = PoolAction.objects.select_for_update().get(pk=found.pk)
    if row.state != ActionState.PREPARED:
        raise ActionDecided
    if approve:
        if row.prepared_by == actor:
            raise SamePerson
        if now < row.not_before:
            raise TooEarly(day=f"{row.not_before:%Y-%m-%d}")
        kind = ActionKind(row.kind)
        _require_possible(pool, kind, row.amount, now)
        row.amount = _carry_out(pool, row, actor=actor, now=now)
    row.state = ActionState.DONE if approve else ActionState.REFUSED
    row.decided_by, row.decided_at, row.decision = actor, now, reason.strip()
    row.save(update_fields=["amount", "state", "decided_by", "decided_at", "decision"])
    audit.record(
        actor,
        "subsidy.decided",
        target=f"pool:{pool.key}",
        kind=row.kind,
        amount=row.amount,
        approved=approve,
        reason=row.decision,
    )
    return row


def _require_possible(pool: Pool, kind: ActionKind, amount: int, now: dt.datetime) -> None:
    if kind is ActionKind.LIQUIDATION:
        most = subsidy.terms_in_force(now=now).values.hold_max
        if pool.consecutive_holds < most:
            raise NothingHeld(most=most, held=pool.consecutive_holds)
        return
    if kind is ActionKind.TRANSFER:
        limit = max(0, book.available(HOUSE))
    else:
        engine = [subsidy.as_rule(one) for one in subsidy.live_cohorts(pool)]
        limit = max(0, subsidy.fund_of(pool) - subsidy.full_reserve(engine))
    if amount > limit:
        raise TooMuch(most=format_yuan(limit), field="amount")


def _carry_out(pool: Pool, row: PoolAction, *, actor: str, now: dt.datetime) -> int:
    """Fen that moved."""
    if row.kind == ActionKind.LIQUIDATION:
        ran = periods.liquidate(
            pool=pool, fund=subsidy.fund_of(pool), terms=subsidy.terms_in_force(now=now), actor=actor, now=now
        )
        subsidy_periods.post(pool, ran, kind="subsidy.liquidation", now=now)
        return sum(amount for _cohort, amount in ran.paid)
    into = row.kind == ActionKind.TRANSFER
    source, destination = (HOUSE, pool.account) if into else (pool.account, HOUSE)
    ledger.post_entry(
        key=f"subsidy:action:{row.ulid}",
        kind="subsidy.transfer" if into else "subsidy.withdrawal",
        moves=[Move(source, destination, row.amount)],
        document=f"pool-action:{row.ulid}",
        occurred_at=now,
    )
    return row.amount
