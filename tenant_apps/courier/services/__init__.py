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

__all__ = [
    "AccountRefused",
    "CourierNotReady",
    "CourierUnclear",
    "ErrandOpen",
    "NotForCourier",
    "ask_service",
    "call_own",
    "call_service",
    "cancel_errand",
    "connect_sandbox",
    "disconnect",
    "quote_service",
    "receive_callback",
    "step_by_hand",
    "store_account",
]
