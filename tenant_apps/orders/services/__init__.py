"""Writes of orders, one module a part of an order's life; other packages call them as `orders.place_order(…)`."""

from tenant_apps.orders.services.addressing import AddressFixed, change_order_address
from tenant_apps.orders.services.cart import (
    add_to_cart,
    merge_cart,
    read_cookie,
    remove_from_cart,
    set_quantity,
    write_cookie,
)
from tenant_apps.orders.services.checkout import (
    CheckoutQuote,
    EmptyCart,
    FeeAlone,
    PriceChanged,
    QuantityOutOfRange,
    SellerPaused,
    SkuNotSellable,
    TotalChanged,
    quote_checkout,
)
from tenant_apps.orders.services.fees import begin_fee, membership_value
from tenant_apps.orders.services.fulfilment import (
    AftersalesOpen,
    RefundOpen,
    complete_if_due,
    complete_order,
    hand_over,
    receive_if_due,
    receive_order,
    ship_order,
)
from tenant_apps.orders.services.limits import AgencyAreaMissing, PackLimit
from tenant_apps.orders.services.paying import cancel_if_unpaid, cancel_order, mark_paid
from tenant_apps.orders.services.placing import AddressInvalid, KeyMissing, OrdersClosed, place_order, recipient_of
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

__all__ = [
    "AddressFixed",
    "AddressInvalid",
    "AftersalesClosed",
    "AftersalesOpen",
    "AgencyAreaMissing",
    "CheckoutQuote",
    "EmptyCart",
    "FeeAlone",
    "KeyMissing",
    "NothingToRefund",
    "OrdersClosed",
    "PackLimit",
    "PriceChanged",
    "QuantityOutOfRange",
    "RefundAbovePaid",
    "RefundOpen",
    "SellerPaused",
    "SkuNotSellable",
    "TotalChanged",
    "add_to_cart",
    "approve_refund",
    "begin_fee",
    "cancel_if_unpaid",
    "cancel_order",
    "change_order_address",
    "complete_if_due",
    "complete_order",
    "hand_over",
    "mark_paid",
    "mark_refunded",
    "membership_value",
    "merge_cart",
    "place_order",
    "quote_checkout",
    "read_cookie",
    "receive_if_due",
    "receive_order",
    "recipient_of",
    "refuse_refund",
    "remove_from_cart",
    "request_refund",
    "set_quantity",
    "ship_order",
    "withdraw_refund",
    "write_cookie",
]
