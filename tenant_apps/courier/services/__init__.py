"""Writes of couriers: accounts, calls, what services say, endings; other packages call them as `courier.call_service(…)`."""

from tenant_apps.courier.services.accounts import (
    AccountRefused,
    CourierNotReady,
    connect_sandbox,
    disconnect,
    store_account,
)
from tenant_apps.courier.services.asking import ask_service, receive_callback
from tenant_apps.courier.services.calling import (
    CourierUnclear,
    ErrandOpen,
    NotForCourier,
    call_own,
    call_service,
    quote_service,
)
from tenant_apps.courier.services.changing import cancel_errand, step_by_hand
from tenant_apps.courier.services.trackers import TrackerRefused, connect_tracking_sandbox, store_tracker
from tenant_apps.courier.services.watching import AskedRecently, NotFollowed, ask, follow_parcel, receive_push

__all__ = [
    "AccountRefused",
    "AskedRecently",
    "CourierNotReady",
    "CourierUnclear",
    "ErrandOpen",
    "NotFollowed",
    "NotForCourier",
    "TrackerRefused",
    "ask",
    "ask_service",
    "call_own",
    "call_service",
    "cancel_errand",
    "connect_sandbox",
    "connect_tracking_sandbox",
    "disconnect",
    "follow_parcel",
    "quote_service",
    "receive_callback",
    "receive_push",
    "step_by_hand",
    "store_account",
    "store_tracker",
]
