"""Writes of sellers, one module a use case."""

from tenant_apps.sellers.services.admitting import (
    accept_contract,
    approve_application,
    contract_terms,
    finish_application,
    limit_categories,
    open_admitted,
    refuse_application,
    return_application,
)
from tenant_apps.sellers.services.applying import (
    ApplicationInvalid,
    ApplicationSent,
    ContractChanged,
    add_paper,
    begin_application,
    remove_paper,
    submit_application,
    withdraw_application,
    write_application,
)
from tenant_apps.sellers.services.asking import ask_payment, withdraw_asked
from tenant_apps.sellers.services.binding import bind_at_joining, change_store
from tenant_apps.sellers.services.charging import charge_goods, charge_service_fee
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
from tenant_apps.sellers.services.deducting import (
    DisputeLate,
    announce_deduction,
    decide_deduction,
    dispute_deduction,
    take_due_deductions,
)
from tenant_apps.sellers.services.editing import (
    EdiLicenceMissing,
    LicenceMissing,
    SellerInvalid,
    close_seller,
    create_seller,
    file_edi_licence,
    leave_mall,
    mark_left,
    open_seller,
    pause_seller,
    set_level,
    update_seller,
)
from tenant_apps.sellers.services.filing import add_seller_paper, check_paper, watch_papers
from tenant_apps.sellers.services.goods import create_product, show_goods, update_product
from tenant_apps.sellers.services.handover import Handover, set_handover
from tenant_apps.sellers.services.papers import read_paper
from tenant_apps.sellers.services.recording import record_settled
from tenant_apps.sellers.services.scoring import set_score
from tenant_apps.sellers.services.staffing import (
    AlreadyStaff,
    accept_invitation,
    decline_invitation,
    invite_staff,
    leave_staff,
    remove_staff,
    set_staff_roles,
)
from tenant_apps.sellers.services.voucher_terms import answer_voucher_terms, sign_voucher_terms

__all__ = [
    "AlreadyStaff",
    "ApplicationInvalid",
    "ApplicationSent",
    "ContractChanged",
    "DisputeLate",
    "DisputedByStaff",
    "EdiLicenceMissing",
    "Handover",
    "LicenceMissing",
    "ManualSettlementForbidden",
    "SellerInvalid",
    "accept_contract",
    "accept_invitation",
    "add_paper",
    "add_seller_paper",
    "adjust_payable",
    "announce_deduction",
    "answer_statement",
    "answer_voucher_terms",
    "approve_application",
    "ask_payment",
    "begin_application",
    "bind_at_joining",
    "change_store",
    "charge_goods",
    "charge_service_fee",
    "check_paper",
    "close_seller",
    "close_statement",
    "confirm_statement",
    "contract_terms",
    "create_product",
    "create_seller",
    "decide_deduction",
    "decline_invitation",
    "dispute_deduction",
    "dispute_statement",
    "file_edi_licence",
    "finish_application",
    "invite_staff",
    "leave_mall",
    "leave_staff",
    "limit_categories",
    "mark_left",
    "open_admitted",
    "open_seller",
    "pause_seller",
    "pay_statement",
    "read_paper",
    "record_settled",
    "refuse_application",
    "remove_paper",
    "remove_staff",
    "return_application",
    "set_handover",
    "set_level",
    "set_score",
    "set_staff_roles",
    "show_goods",
    "sign_voucher_terms",
    "submit_application",
    "take_due_deductions",
    "update_product",
    "update_seller",
    "watch_papers",
    "withdraw_application",
    "withdraw_asked",
    "write_application",
]
