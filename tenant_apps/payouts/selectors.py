"""Reads of withdrawals: terms, lists (masked), and the payee in full for the one who pays."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext

from saas.kernel.clock import CHINA
from saas.kernel.errors import NotFound
from saas.ledger import selectors as book
from saas.tenants.malls import selectors as malls
from saas.tenants.malls.activation import active_mall
from saas.tenants.malls.rules import MallState
from saas.tenants.vault import services as vault
from tenant_apps.members.models import Member
from tenant_apps.modes import selectors as modes
from tenant_apps.modes.contract import noop as _
from tenant_apps.modes.distribution.settings import DistributionSettings
from tenant_apps.payouts.models import Withdrawal
from tenant_apps.payouts.rules import GIVEN_BACK, PER_DAY, Payee, Terms, WithdrawalState
from tenant_apps.settlement.rules import debt_of, wallet_of

TABLE = "payouts_withdrawal"

STATE_WORDS = {
    WithdrawalState.REQUESTED: _("waiting for review"),
    WithdrawalState.APPROVED: _("approved, to be transferred"),
    WithdrawalState.REJECTED: _("rejected"),
    WithdrawalState.CANCELLED: _("cancelled"),
    WithdrawalState.PAID: _("paid out"),
}


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What a member could withdraw now, and on what terms."""

    available: int
    debt: int
    minimum: int
    fee_ppm: int
    left_today: int


def terms(*, now: dt.datetime) -> Terms:
    """Minimum and fee in force: of the distribution settings, their defaults where none were published."""
    pinned = modes.current_settings(mode="distribution", now=now)
    settings: DistributionSettings = pinned.values if pinned else DistributionSettings()
    return Terms(minimum=settings.withdraw_min_fen, fee_ppm=settings.withdraw_fee_ppm)


def offer(*, member: Member, now: dt.datetime) -> Offer:
    """What `member` could ask for now."""
    balances = book.balances([wallet_of(member.ulid), debt_of(member.ulid)])
    in_force = terms(now=now)
    return Offer(
        available=balances[wallet_of(member.ulid)].available,
        debt=-balances[debt_of(member.ulid)].posted,
        minimum=in_force.minimum,
        fee_ppm=in_force.fee_ppm,
        left_today=max(0, PER_DAY - asked_today(member=member, now=now)),
    )


def asked_today(*, member: Member, now: dt.datetime) -> int:
    """How many withdrawals the member asked for on this day in China and did not cancel."""
    start = now.astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = Withdrawal.objects.filter(
        member=member, requested_at__gte=start, requested_at__lt=start + dt.timedelta(days=1)
    )
    return rows.exclude(state=WithdrawalState.CANCELLED).count()


def withdrawals_of_member(member: Member) -> QuerySet[Withdrawal]:
    """A member's own requests, newest first."""
    return Withdrawal.objects.filter(member=member).order_by("-pk")


def to_review() -> QuerySet[Withdrawal]:
    """What staff have to decide or to pay, oldest first."""
    return (
        Withdrawal.objects.exclude(state__in=[*GIVEN_BACK, WithdrawalState.PAID])
        .select_related("member")
        .order_by("pk")
    )


def withdrawal(ulid: str) -> Withdrawal:
    """One request. Raises NotFound."""
    row = Withdrawal.objects.select_related("member__user").filter(ulid=ulid).first()
    if row is None:
        raise NotFound
    return row


def payee(row: Withdrawal) -> Payee:
    """The payee in full, opened from the vault: for the person who makes the transfer. Callers record who looked."""
    return Payee(
        real_name=vault.unseal(row.real_name_sealed, table=TABLE, field="real_name_sealed", row=row.ulid),
        bank_name=row.bank_name,
        account=vault.unseal(row.account_sealed, table=TABLE, field="account_sealed", row=row.ulid),
    )


def takes_two(amount: int, *, now: dt.datetime) -> bool:
    """Whether approving `amount` fen takes two persons: from the amount of the settlement terms on, in an open mall."""
    return malls.is_real(active_mall().ulid) and amount >= modes.settlement_terms(now=now).two_persons_from_fen


def state_word(row: Withdrawal) -> str:
    """The state in the reader's language."""
    return gettext(STATE_WORDS[WithdrawalState(row.state)])


def may_transfer_by_hand() -> bool:
    """Whether the active mall may record manual transfers: in rehearsal only (MODES 14 #13)."""
    return malls.mall_by_ulid(active_mall().ulid).state == MallState.REHEARSAL


def count_open() -> int:
    """Withdrawals that are asked for or approved and not paid."""
    return Withdrawal.objects.filter(state__in=[WithdrawalState.REQUESTED, WithdrawalState.APPROVED]).count()
