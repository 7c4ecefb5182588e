"""A member asks for money: checked, held, recorded. The hold is what makes parallel requests safe."""

import datetime as dt

from django.db import connection
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from saas.kernel.ids import new_document_number, new_ulid
from saas.kernel.money import format_yuan
from saas.kernel.states import check_transition
from saas.kernel.transactions import retried_transaction
from saas.ledger import selectors as book
from saas.ledger import services as ledger
from saas.tenants.vault import services as vault
from tenant_apps.members.models import Member
from tenant_apps.members.rules import mask_name
from tenant_apps.payouts import selectors
from tenant_apps.payouts.models import Withdrawal
from tenant_apps.payouts.rules import (
    PER_DAY,
    TRANSITIONS,
    Payee,
    WithdrawalState,
    mask_account,
)
from tenant_apps.settlement import services as settlement
from tenant_apps.settlement.rules import debt_of, wallet_of


class BelowMinimum(DomainError):
    """Less than the smallest withdrawal."""

    code = "below_minimum"
    http_status = 422
    message = _("The smallest withdrawal is ¥{minimum}.")  # type: ignore[assignment]


class AboveAvailable(DomainError):
    """More than the wallet has free."""

    code = "above_available"
    http_status = 422
    message = _("You can withdraw at most ¥{available}.")  # type: ignore[assignment]


class DebtOutstanding(DomainError):
    """The member owes something after a refund; withdrawals wait until it is netted."""

    code = "debt_outstanding"
    message = _("There is ¥{debt} to be kept back after a refund. Withdrawals open again once it has been settled.")  # type: ignore[assignment]


class TooManyToday(DomainError):
    """The day's number of requests is used up."""

    code = "too_many_today"
    http_status = 429
    message = _("You can ask for {limit} withdrawals a day. Please come back tomorrow.")  # type: ignore[assignment]


class PayeeInvalid(InvalidInput):
    """Real name, bank or account cannot be right; `field` says which."""

    code = "payee_invalid"
    message = _("Please check the payee: real name, bank and account number are needed.")  # type: ignore[assignment]


class WithdrawalConflict(DomainError):
    """The key was used before, for another amount or payee."""

    code = "withdrawal_conflict"
    message = _("This request was sent before with other figures. Please look at your withdrawals.")  # type: ignore[assignment]


@retried_transaction
def request_withdrawal(
    *,
    member: Member,
    amount: int,
    payee: Payee,
    idempotency_key: str,
    expected_fee: int | None = None,
    now: dt.datetime,
) -> Withdrawal:
    """Ask for `amount` fen of one's wallet: held until staff decide. The same key again returns the first request.

    `expected_fee` is the fee the member was shown. Raises PayeeInvalid, BelowMinimum, AboveAvailable, DebtOutstanding,
    TooManyToday, WithdrawalConflict, InvalidInput (the fee has changed, or would take all).
    """
    payee = payee.cleaned()
    _lock(member)
    known = Withdrawal.objects.filter(member=member, idempotency_key=idempotency_key).first()
    if known is not None:
        if (known.amount, known.account_shown) != (amount, mask_account(payee.account)):
            raise WithdrawalConflict
        return known
    fee = check_withdrawal(member=member, amount=amount, payee=payee, now=now)
    if expected_fee is not None and expected_fee != fee:
        raise InvalidInput(str(_("The fee has changed: please look at it again.")), field="amount")
    fee_ppm = selectors.terms(now=now).fee_ppm
    row = _record(member, amount, fee, fee_ppm, payee, idempotency_key, now)
    ledger.place_hold(
        key=f"withdrawal:{row.ulid}",
        kind="withdrawal",
        source=wallet_of(member.ulid),
        destination="clearing.withdrawal",
        amount=amount,
        document=row.document,
        occurred_at=now,
    )
    audit.record(
        f"member:{member.ulid}", "withdrawal.requested", target=row.document, amount=amount, fee=fee, number=row.number
    )
    return row


def check_withdrawal(*, member: Member, amount: int, payee: Payee, now: dt.datetime) -> int:
    """The fee in fen of a withdrawal that could be asked for now; writes nothing, so a page may show it first.

    Raises PayeeInvalid, BelowMinimum, AboveAvailable, DebtOutstanding, TooManyToday, InvalidInput (all fee).
    """
    if fault := payee.cleaned().fault():
        raise PayeeInvalid(field=fault)
    terms = selectors.terms(now=now)
    if amount < terms.minimum:
        raise BelowMinimum(field="amount", minimum=format_yuan(terms.minimum))
    fee = terms.fee(amount)
    if fee >= amount:
        raise InvalidInput(str(_("The fee would take the whole amount.")), field="amount")
    require_no_debt(member)
    available = book.available(wallet_of(member.ulid))
    if amount > available:
        raise AboveAvailable(field="amount", available=format_yuan(max(0, available)))
    if selectors.asked_today(member=member, now=now) >= PER_DAY:
        raise TooManyToday(limit=PER_DAY)
    return fee


@retried_transaction
def cancel_withdrawal(*, member: Member, ulid: str, now: dt.datetime) -> Withdrawal:
    """Take back one's own request before it is decided; the money is free again. Raises NotFound, IllegalTransition."""
    row = locked(ulid, member=member)
    check_transition(TRANSITIONS, WithdrawalState(row.state), WithdrawalState.CANCELLED)
    row.state = WithdrawalState.CANCELLED
    row.save(update_fields=["state"])
    give_back(row, now)
    audit.record(f"member:{member.ulid}", "withdrawal.cancelled", target=row.document)
    return row


def locked(ulid: str, *, member: Member | None = None) -> Withdrawal:
    """The row, locked. Raises NotFound, also for another member's."""
    row = selectors.withdrawal(ulid)
    if member is not None and row.member_id != member.pk:
        raise NotFound
    return Withdrawal.objects.select_for_update(of=("self",)).select_related("member__user").get(pk=row.pk)


def give_back(row: Withdrawal, now: dt.datetime) -> None:
    """Void the hold; what the member owes meanwhile is netted at once."""
    ledger.void_hold(hold_key=f"withdrawal:{row.ulid}", key=f"withdrawal:{row.ulid}:void", occurred_at=now)
    settlement.net_debt(member_ulid=row.member.ulid, key=row.document, document=row.document, now=now)


def require_no_debt(member: Member) -> None:
    """Raise DebtOutstanding while the member owes something."""
    debt = -book.balance(debt_of(member.ulid))
    if debt:
        raise DebtOutstanding(debt=format_yuan(debt))


def _record(
    member: Member, amount: int, fee: int, fee_ppm: int, payee: Payee, idempotency_key: str, now: dt.datetime
) -> Withdrawal:
    ulid = new_ulid()
    return Withdrawal.objects.create(
        ulid=ulid,
        number=new_document_number("W", now),
        member=member,
        idempotency_key=idempotency_key,
        amount=amount,
        fee_amount=fee,
        fee_ppm=fee_ppm,
        real_name_sealed=vault.seal(payee.real_name, table=selectors.TABLE, field="real_name_sealed", row=ulid),
        real_name_shown=mask_name(payee.real_name),
        bank_name=payee.bank_name,
        account_sealed=vault.seal(payee.account, table=selectors.TABLE, field="account_sealed", row=ulid),
        account_shown=mask_account(payee.account),
        requested_at=now,
    )


def _lock(member: Member) -> None:
    """One request at a time for a member: the day's count and the key are looked up under it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('withdrawal' || current_schema() || %s, 0))", [member.ulid]
        )
