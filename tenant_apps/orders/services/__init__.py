"""Writes of orders, one module a part of an order's life; other packages call them as `orders.place_order(…)`."""

from tenant_apps.orders.services.addressing import AddressFixed, change_order_address, may_change_address
from tenant_apps.orders.services.assigning import NotAssignable, assign_store, pieces_to_send, waits_for_store
from tenant_apps.orders.services.bulk_shipping import MAX_ROWS as MAX_SHIP_ROWS
from tenant_apps.orders.services.bulk_shipping import ShipPlan, ShipRow, plan_shipping, ship_rows
from tenant_apps.orders.services.cart import (
    add_to_cart,
    merge_cart,
    read_cookie,
    remove_from_cart,
    set_quantity,
    write_cookie,
)
from tenant_apps.orders.services.cases import (
    NothingToReturn,
    accept_return,
    advance_if_due,
    agree,
    appeal,
    confirm_replacement,
    decline,
    open_case,
    rule,
    send_back,
    send_replacement,
)
from tenant_apps.orders.services.checkout import (
    BelowLeast,
    CheckoutQuote,
    EmptyCart,
    FeeAlone,
    PriceChanged,
    QuantityOutOfRange,
    SellerPaused,
    SkuNotSellable,
    TotalChanged,
    ZoneForPartners,
    quote_checkout,
)
from tenant_apps.orders.services.coin_payment import CoinsNotTaken
from tenant_apps.orders.services.coupon_payment import Choice as CouponChoice
from tenant_apps.orders.services.coupon_payment import CouponNotUsable
from tenant_apps.orders.services.coupon_payment import choices as coupon_choices
from tenant_apps.orders.services.coupon_payment import hints as reduction_hints
from tenant_apps.orders.services.evidence import read_photo
from tenant_apps.orders.services.fees import begin_fee, membership_value
from tenant_apps.orders.services.first_orders import give_for_first_order
from tenant_apps.orders.services.flash_payment import FlashLimit, FlashOver
from tenant_apps.orders.services.freight_templates import TemplateInvalid, delete_template, save_template
from tenant_apps.orders.services.fulfilment import (
    AftersalesOpen,
    ReceivedByCode,
    RefundOpen,
    complete_if_due,
    complete_order,
    hand_over,
    receive_if_due,
    receive_order,
)
from tenant_apps.orders.services.leaving import Leaving, finish_leaving, what_is_open
from tenant_apps.orders.services.limits import AgencyAreaMissing, PackLimit, TermsNotAccepted, ZoneLimit
from tenant_apps.orders.services.parcels import (
    NotToSend,
    record_course,
    record_tracking,
    send_parcel,
    sendable,
    ship_order,
)
from tenant_apps.orders.services.paying import cancel_if_unpaid, cancel_order, mark_paid, mark_purchase_paid
from tenant_apps.orders.services.pickup import AlreadyHandedOver, PickupCodeUnknown, redeem_pickup
from tenant_apps.orders.services.placing import (
    AddressInvalid,
    KeyMissing,
    OrdersClosed,
    Purchase,
    place_order,
    place_purchase,
    recipient_of,
)
from tenant_apps.orders.services.quoted import QuotePart
from tenant_apps.orders.services.refunds import (
    AftersalesClosed,
    NothingToRefund,
    RefundAbovePaid,
    approve_refund,
    mark_refunded,
    refuse_refund,
    request_refund,
    withdraw_refund,
)
from tenant_apps.orders.services.sending import NotDelivered, Unreachable, as_rule, serves
from tenant_apps.orders.services.tills import MAX_AMOUNT as MAX_TILL_AMOUNT
from tenant_apps.orders.services.tills import TillAmountInvalid
from tenant_apps.orders.services.tills import check_amount as check_till_amount
from tenant_apps.orders.services.tills import wanted as till_line
from tenant_apps.orders.services.transition import locked
from tenant_apps.orders.services.transition import write as note_history
from tenant_apps.orders.services.used import ValueGone, record_use

__all__ = [
    "MAX_SHIP_ROWS",
    "MAX_TILL_AMOUNT",
    "AddressFixed",
    "AddressInvalid",
    "AftersalesClosed",
    "AftersalesOpen",
    "AgencyAreaMissing",
    "AlreadyHandedOver",
    "BelowLeast",
    "CheckoutQuote",
    "CoinsNotTaken",
    "CouponChoice",
    "CouponNotUsable",
    "EmptyCart",
    "FeeAlone",
    "FlashLimit",
    "FlashOver",
    "KeyMissing",
    "Leaving",
    "NotAssignable",
    "NotDelivered",
    "NotToSend",
    "NothingToRefund",
    "NothingToReturn",
    "OrdersClosed",
    "PackLimit",
    "PickupCodeUnknown",
    "PriceChanged",
    "Purchase",
    "QuantityOutOfRange",
    "QuotePart",
    "ReceivedByCode",
    "RefundAbovePaid",
    "RefundOpen",
    "SellerPaused",
    "ShipPlan",
    "ShipRow",
    "SkuNotSellable",
    "TemplateInvalid",
    "TermsNotAccepted",
    "TillAmountInvalid",
    "TotalChanged",
    "Unreachable",
    "ValueGone",
    "ZoneForPartners",
    "ZoneLimit",
    "accept_return",
    "add_to_cart",
    "advance_if_due",
    "agree",
    "appeal",
    "approve_refund",
    "as_rule",
    "assign_store",
    "begin_fee",
    "cancel_if_unpaid",
    "cancel_order",
    "change_order_address",
    "check_till_amount",
    "complete_if_due",
    "complete_order",
    "confirm_replacement",
    "coupon_choices",
    "decline",
    "delete_template",
    "finish_leaving",
    "give_for_first_order",
    "hand_over",
    "locked",
    "mark_paid",
    "mark_purchase_paid",
    "mark_refunded",
    "may_change_address",
    "membership_value",
    "merge_cart",
    "note_history",
    "open_case",
    "pieces_to_send",
    "place_order",
    "place_purchase",
    "plan_shipping",
    "quote_checkout",
    "read_cookie",
    "read_photo",
    "receive_if_due",
    "receive_order",
    "recipient_of",
    "record_course",
    "record_tracking",
    "record_use",
    "redeem_pickup",
    "reduction_hints",
    "refuse_refund",
    "remove_from_cart",
    "request_refund",
    "rule",
    "save_template",
    "send_back",
    "send_parcel",
    "send_replacement",
    "sendable",
    "serves",
    "set_quantity",
    "ship_order",
    "ship_rows",
    "till_line",
    "waits_for_store",
    "what_is_open",
    "withdraw_refund",
    "write_cookie",
]
