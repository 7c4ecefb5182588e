"""Words for orders, parcels, after-sales and service."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

ORDER_STATES = {
    "pending_payment": (_("To be paid"), "warn"),
    "paid": (_("To ship"), "info"),
    "shipped": (_("Shipped"), "info"),
    "received": (_("Received"), "info"),
    "completed": (_("Completed"), "good"),
    "cancelled": (_("Cancelled"), ""),
    "refunded": (_("Refunded"), "bad"),
}

TRACKING_STATES = {
    "collected": (_("Collected"), ""),
    "moving": (_("On its way"), "info"),
    "delivering": (_("Being delivered"), "info"),
    "delivered": (_("Delivered"), "good"),
    "trouble": (_("Trouble on the way"), "bad"),
}

WATCH_STATES = {
    "asking": (pgettext_lazy("tracking", "the service is being asked"), "info"),
    "followed": (pgettext_lazy("tracking", "followed"), "good"),
    "refused": (pgettext_lazy("tracking", "not followed"), "bad"),
    "over": (pgettext_lazy("tracking", "followed to its end"), ""),
}

REFUND_STATES = {
    "requested": (_("To be decided"), "warn"),
    "approved": (_("Money on its way back"), "info"),
    "refused": (_("Refused"), ""),
    "withdrawn": (_("Withdrawn by the shopper"), ""),
    "refunded": (_("Refunded"), "good"),
    "exchanged": (_("Exchanged"), "good"),
}

TURN_STATES = {
    "open": (_("Chat"), ""),
    "seller": (_("The seller answers"), "warn"),
    "mall": (_("The mall decides"), "bad"),
    "closed": (_("Closed"), ""),
}

BUYER_INVOICE_STATES = {
    "requested": (_("To be issued"), "warn"),
    "issued": (_("Issued"), "good"),
    "red_due": (_("Red letter due"), "bad"),
    "reversed": (_("Reversed"), ""),
    "refused": (_("Refused"), ""),
    "withdrawn": (_("Request withdrawn"), ""),
}

STAGE_STATES = {
    "mall": (_("The mall decides"), "bad"),
    "seller": (_("The seller answers"), "warn"),
    "returned": (_("Goods come back to be checked"), "warn"),
    "declined": (_("Declined by the seller"), ""),
    "returning": (_("The shopper sends back"), "info"),
    "replaced": (_("Replacement on its way"), "info"),
    "done": (_("Done"), "good"),
    "closed": (_("Closed"), ""),
}

SERVICE_STATES = {
    "refund_only": (_("Refund only"), ""),
    "return_refund": (_("Return and refund"), ""),
    "exchange": (_("Exchange"), ""),
}

BEARER_STATES = {
    "shopper": (_("the shopper"), ""),
    "seller": (_("the seller"), ""),
    "mall": (_("the mall"), ""),
}

HISTORY_ACTIONS = {
    "placed": _("Placed"),
    "paid": _("Paid"),
    "parcel_sent": _("A parcel was sent"),
    "assigned": _("A store brings it"),
    "shipped": _("Shipped"),
    "received": _("Received"),
    "completed": _("Completed"),
    "cancelled": _("Cancelled"),
    "refunded": _("Refunded"),
    "address_changed": _("Delivery address changed"),
    "refund_requested": _("Refund asked for"),
    "refund_approved": _("Refund approved"),
    "refund_refused": _("Refund refused"),
    "refund_withdrawn": _("Refund withdrawn"),
    "refund_arrived": _("Refund arrived"),
    "case_opened": _("Request sent"),
    "invoice_asked": _("Invoice asked for"),
    "invoice_issued": _("Invoice issued"),
    "invoice_red_issued": _("Red letter issued"),
    "invoice_refused": _("Invoice refused"),
    "case_agreed": _("Agreed: the goods are to be sent back"),
    "case_declined": _("Declined by the seller"),
    "case_appealed": _("The mall was called"),
    "case_ruled": _("The mall has decided"),
    "goods_sent_back": _("Goods sent back"),
    "replacement_sent": _("Replacement sent"),
    "exchanged": _("Exchanged"),
    "payment_returned": _("A payment was sent back"),
    "payment_return_arrived": _("The payment sent back has arrived"),
}

STORE_OFFERS = {
    "offered": (_("Asked to bring it"), "warn"),
    "accepted": (_("Brings it"), "good"),
    "declined": (_("Does not bring it"), "bad"),
    "expired": (_("No answer in time"), ""),
    "withdrawn": (_("Asked no more: another address"), ""),
}
