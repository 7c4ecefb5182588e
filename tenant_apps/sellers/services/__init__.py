"""Writes of sellers, one module a use case."""

from tenant_apps.sellers.services.asking import ask_payment, deduct_deposit, withdraw_asked
from tenant_apps.sellers.services.binding import bind_at_joining, change_store
from tenant_apps.sellers.services.charging import charge_service_fee
from tenant_apps.sellers.services.closing import close_statement
from tenant_apps.sellers.services.deciding import (
    DisputedByStaff,
    ManualSettlementForbidden,
    adjust_payable,
    answer_statement,
    confirm_statement,
    dispute_statement,
    pay_statement,
)
from tenant_apps.sellers.services.editing import (
    EdiLicenceMissing,
    LicenceMissing,
    SellerInvalid,
    close_seller,
    create_seller,
    file_edi_licence,
    open_seller,
    pause_seller,
    set_level,
    update_seller,
)
from tenant_apps.sellers.services.goods import create_product, show_goods, update_product
from tenant_apps.sellers.services.handover import Handover, set_handover
from tenant_apps.sellers.services.recording import record_settled
from tenant_apps.sellers.services.voucher_terms import answer_voucher_terms, sign_voucher_terms

__all__ = [
    "DisputedByStaff",
    "EdiLicenceMissing",
    "Handover",
    "LicenceMissing",
    "ManualSettlementForbidden",
    "SellerInvalid",
    "adjust_payable",
    "answer_statement",
    "answer_voucher_terms",
    "ask_payment",
    "bind_at_joining",
    "change_store",
    "charge_service_fee",
    "close_seller",
    "close_statement",
    "confirm_statement",
    "create_product",
    "create_seller",
    "deduct_deposit",
    "dispute_statement",
    "file_edi_licence",
    "open_seller",
    "pause_seller",
    "pay_statement",
    "record_settled",
    "set_handover",
    "set_level",
    "show_goods",
    "sign_voucher_terms",
    "update_product",
    "update_seller",
    "withdraw_asked",
]
