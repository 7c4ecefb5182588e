"""Decisions of a mall's payments. Pure. What channels say and are asked is in `saas.channels.facts`, named here as well."""

import re
from collections.abc import Mapping
from enum import StrEnum

from saas.channels.facts import (
    CHECKS_LIMIT,
    OPEN,
    PAYMENT_TRANSITIONS,
    REFUSED,
    ErrorClass,
    Method,
    PaymentFacts,
    PaymentState,
    Purpose,
    RefundFacts,
    RefundState,
    Terms,
    disagreement,
    is_safe_number,
    next_check,
    trimmed,
)

__all__ = [
    "CHECKS_LIMIT",
    "OPEN",
    "PAYMENT_TRANSITIONS",
    "REFUND_TRANSITIONS",
    "REFUSED",
    "ErrorClass",
    "Method",
    "PaymentFacts",
    "PaymentState",
    "Purpose",
    "RefundFacts",
    "RefundState",
    "Terms",
    "disagreement",
    "is_safe_number",
    "method_for",
    "next_check",
    "trimmed",
]

REFUND_TRANSITIONS: Mapping[StrEnum, frozenset[StrEnum]] = {
    RefundState.CREATED: frozenset({RefundState.PROCESSING, RefundState.SUCCEEDED, RefundState.ATTENTION}),
    RefundState.PROCESSING: frozenset({RefundState.SUCCEEDED, RefundState.ATTENTION}),
    RefundState.ATTENTION: frozenset({RefundState.CREATED, RefundState.PROCESSING, RefundState.SUCCEEDED}),
    RefundState.SUCCEEDED: frozenset(),
}


def method_for(user_agent: str) -> Method:
    """Inside WeChat only JSAPI works; other phones get H5; a desktop shows a QR code."""
    if "MicroMessenger" in user_agent:
        return Method.JSAPI
    return Method.H5 if re.search(r"Mobile|Android|iPhone", user_agent) else Method.NATIVE
