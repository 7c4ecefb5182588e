"""Words for sellers, stores, their papers and statements."""

from django.utils.translation import gettext_lazy as _

CONTRACT_STATES = {
    "applied": (_("Applied"), "warn"),
    "approved": (_("To be signed"), "info"),
    "active": (_("Runs"), "good"),
    "ended": (_("Ended"), ""),
    "refused": (_("Refused"), "bad"),
}

ASKED_STATES = {
    "deposit": (_("Deposit"), "info"),
    "join_fee": (_("Joining fee"), "info"),
}

SELLER_STATES = {
    "active": (_("Sells"), "good"),
    "paused": (_("Paused"), "warn"),
    "closing": (_("Is leaving"), "warn"),
    "closed": (_("Closed"), ""),
    "left": (_("Has left"), ""),
}

APPLICATION_STATES = {
    "submitted": (_("Waits for the mall"), "warn"),
    "returned": (_("Given back"), "info"),
    "approved": (_("Contract to be accepted"), "info"),
    "accepted": (_("Deposit to be paid"), "info"),
    "active": (_("Shop is open"), "good"),
    "refused": (_("Refused"), "bad"),
    "withdrawn": (_("Withdrawn"), ""),
}

FORM_STATES = {"company": (_("Company"), ""), "sole_trader": (_("Sole trader"), "")}

PAPER_STATES = {
    "licence": (_("Business licence"), ""),
    "category": (_("Licence for a category of goods"), ""),
    "identity": (_("Identity card of whoever signs"), ""),
    "other": (_("Something else"), ""),
}

DEDUCTION_STATES = {
    "announced": (_("Announced"), "info"),
    "disputed": (_("Disputed"), "bad"),
    "taken": (_("Taken"), ""),
    "dropped": (_("Not taken"), "good"),
}

SELLER_KIND_STATES = {"merchant": (_("Merchant"), ""), "store": (_("Store"), "info")}

SETTLEMENT_KIND_STATES = {
    "supplier": (_("Supply price"), ""),
    "commission": (_("Commission"), ""),
    "concession": (_("Concession"), ""),
}

STATEMENT_STATES = {
    "draft": (_("To be confirmed"), "warn"),
    "disputed": (_("Disputed"), "bad"),
    "confirmed": (_("To be paid out"), "info"),
    "paid": (_("Paid"), "good"),
}

LINE_KINDS = {
    "sale": _("Sale"),
    "refund": _("Refund"),
    "award": _("Store income"),
    "fee": _("Yearly service fee"),
    "deduction": _("Deduction"),
    "correction": _("Correction"),
}

LINE_STATES = {kind: (text, "") for kind, text in LINE_KINDS.items()}

APPLICATION_CHANGES = {
    "application.created": _("Begun"),
    "application.submitted": _("Sent to the mall"),
    "application.returned": _("Given back"),
    "application.approved": _("Approved"),
    "application.accepted": _("Contract accepted"),
    "application.active": _("The shop opened"),
    "application.refused": _("Refused"),
    "application.withdrawn": _("Withdrawn"),
}

SELLER_CHANGES = {
    "seller.categories_limited": _("Categories changed"),
    "seller.paper_added": _("Paper added"),
    "seller.profile": _("Shop settings changed"),
    "seller.logo": _("Logo changed"),
    "seller.payee_asked": _("The owner asked for another account"),
    "seller.payee_withdrawn": _("The owner asks for another account no longer"),
    "seller.payee_changed": _("Account changed"),
    "seller.payee_refused": _("Another account was refused"),
    "seller.own_terms": _("Own commission and coins changed"),
    "seller.product_answered": _("The mall answered about a product"),
    "seller.staff_invited": _("The owner invited somebody to work there"),
    "seller.staff_joined": _("An invitation to work there was accepted"),
    "seller.staff_declined": _("An invitation to work there was declined"),
    "seller.staff_roles": _("Roles of somebody of the shop changed"),
    "seller.staff_removed": _("Somebody was removed from the shop"),
    "seller.staff_left": _("Somebody left the shop"),
    "seller.paper_checked": _("Paper checked"),
    "seller.paper_removed": _("Paper removed"),
    "seller.papers_warned": _("Warned: a licence runs out"),
    "seller.closing": _("Leaves the mall"),
    "seller.left": _("Has left"),
    "seller.deduction_announced": _("Deduction from the deposit announced"),
    "seller.deduction_disputed": _("Deduction disputed by the seller"),
    "seller.deduction_taken": _("Deducted from the deposit"),
    "seller.deduction_dropped": _("Deduction not taken"),
    "seller.created": _("Entered"),
    "seller.changed": _("Terms changed"),
    "seller.active": _("Opened"),
    "seller.paused": _("Paused"),
    "seller.reported": _("A shopper reported the shop"),
    "seller.closed": _("Closed for good"),
    "seller.handover": _("Pickup and delivery changed"),
    "store.credit_limited": _("Limit of goods on credit changed"),
    "store.credit_moved": _("Goods on credit moved"),
    "store.credit_counted": _("Goods on credit counted"),
    "store.described": _("Hours and services changed"),
    "store.franchise_filed": _("Franchise checklist changed"),
    "seller.level": _("Level of the shop changed"),
    "seller.adjusted": _("Deduction or correction booked"),
    "seller.fee_charged": _("Yearly service fee charged"),
    "seller.deposit_asked": _("Asked to pay a deposit"),
    "seller.deposit_withdrawn": _("The deposit is asked no longer"),
    "seller.deposit_deducted": _("Deducted from the deposit"),
    "seller.join_fee_asked": _("Asked to pay the joining fee"),
    "seller.join_fee_withdrawn": _("The joining fee is asked no longer"),
    "seller.voucher_terms_signed": _("Has signed the voucher terms"),
    "seller.voucher_terms_ended": _("Takes vouchers no longer"),
}
