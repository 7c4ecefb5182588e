"""Writes of payouts, one module a use case."""

from tenant_apps.payouts.services.moving_in import forget_payees, mask_payees, reseal_payees
from tenant_apps.payouts.services.paying import ManualPayoutForbidden, record_manual_transfer
from tenant_apps.payouts.services.requesting import (
    AboveAvailable,
    BelowMinimum,
    DebtOutstanding,
    PayeeInvalid,
    TooManyToday,
    WithdrawalConflict,
    cancel_withdrawal,
    check_withdrawal,
    request_withdrawal,
)
from tenant_apps.payouts.services.reviewing import (
    OwnWithdrawal,
    approve_withdrawal,
    look_at_payee,
    reject_withdrawal,
)

approve = approve_withdrawal
reject = reject_withdrawal

__all__ = [
    "AboveAvailable",
    "BelowMinimum",
    "DebtOutstanding",
    "ManualPayoutForbidden",
    "OwnWithdrawal",
    "PayeeInvalid",
    "TooManyToday",
    "WithdrawalConflict",
    "approve",
    "approve_withdrawal",
    "cancel_withdrawal",
    "check_withdrawal",
    "forget_payees",
    "look_at_payee",
    "mask_payees",
    "record_manual_transfer",
    "reject",
    "reject_withdrawal",
    "request_withdrawal",
    "reseal_payees",
]
