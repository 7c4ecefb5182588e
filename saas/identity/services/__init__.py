"""Writes about people who sign in, by use case."""

from saas.identity.services.codes import check_code, send_code
from saas.identity.services.staff import (
    accept_hand_over,
    accept_invitation,
    invite_staff,
    mint_hand_over,
    revoke_invitation,
    set_staff_roles,
)
from saas.identity.services.users import (
    change_phone,
    create_operator,
    ensure_user,
    enter_by_code,
    erase_user,
    record_agreements,
)

__all__ = [
    "accept_hand_over",
    "accept_invitation",
    "change_phone",
    "check_code",
    "create_operator",
    "ensure_user",
    "enter_by_code",
    "erase_user",
    "invite_staff",
    "mint_hand_over",
    "record_agreements",
    "revoke_invitation",
    "send_code",
    "set_staff_roles",
]
