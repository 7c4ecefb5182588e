"""Writes about people who sign in, by use case."""

from saas.identity.services.codes import check_code, send_code
from saas.identity.services.second_person import (
    ActionDecided,
    ActionExpired,
    AlreadyPrepared,
    SamePerson,
    SecondPersonNeeded,
    approve_action,
    prepare_action,
    refuse_action,
    require_second,
    withdraw_action,
)
from saas.identity.services.staff import (
    accept_hand_over,
    accept_invitation,
    invite_staff,
    mint_hand_over,
    revoke_invitation,
    set_staff_roles,
)
from saas.identity.services.support import accept_support_pass, end_support, mint_support_pass
from saas.identity.services.users import (
    change_phone,
    create_operator,
    ensure_user,
    enter_by_code,
    erase_user,
    record_agreements,
)

__all__ = [
    "ActionDecided",
    "ActionExpired",
    "AlreadyPrepared",
    "SamePerson",
    "SecondPersonNeeded",
    "accept_hand_over",
    "accept_invitation",
    "accept_support_pass",
    "approve_action",
    "change_phone",
    "check_code",
    "create_operator",
    "end_support",
    "ensure_user",
    "enter_by_code",
    "erase_user",
    "invite_staff",
    "mint_hand_over",
    "mint_support_pass",
    "prepare_action",
    "record_agreements",
    "refuse_action",
    "require_second",
    "revoke_invitation",
    "send_code",
    "set_staff_roles",
    "withdraw_action",
]
