"""Writes about members, by use case: joining and the referral tree, promoting, addresses, the account itself."""

from tenant_apps.members.services.account import close_account, export_data, update_profile
from tenant_apps.members.services.addresses import add_address, change_address, checked_address, remove_address
from tenant_apps.members.services.levels import lock_member, note_coupons, set_level
from tenant_apps.members.services.promoting import apply_to_promote, decide_promoter
from tenant_apps.members.services.ranks import RankHeld, grant_rank, withdraw_ground, withdraw_rank
from tenant_apps.members.services.referral import (
    bind_candidate,
    bind_referrer,
    binding_rule,
    change_referrer,
    ensure_member,
    object_to_referrer,
)
from tenant_apps.members.services.turnover import add_turnover

__all__ = [
    "RankHeld",
    "add_address",
    "add_turnover",
    "apply_to_promote",
    "bind_candidate",
    "bind_referrer",
    "binding_rule",
    "change_address",
    "change_referrer",
    "checked_address",
    "close_account",
    "decide_promoter",
    "ensure_member",
    "export_data",
    "grant_rank",
    "lock_member",
    "note_coupons",
    "object_to_referrer",
    "remove_address",
    "set_level",
    "update_profile",
    "withdraw_ground",
    "withdraw_rank",
]
