"""Writes of areas and contracts."""

from tenant_apps.modes.regional.services.agencies import (
    check_agency,
    lock_agency,
    request_agency,
    withdraw_agency,
)
from tenant_apps.modes.regional.services.applying import (
    AgentTwice,
    AreaClosed,
    LicenceInvalid,
    apply_for_area,
    supply_licence,
)
from tenant_apps.modes.regional.services.areas import (
    AreasOverlap,
    AreaTaken,
    NoCityGrade,
    SharesAboveWhole,
    UnknownArea,
    change_area,
    open_area,
)
from tenant_apps.modes.regional.services.contracts import (
    ContractNotAccepted,
    LicenceUnverified,
    ManyOwnersUnread,
    TooManyOwners,
    accept_contract,
    add_holder,
    approve_contract,
    end_contract,
    end_if_over,
    refuse_contract,
    text_digest,
    transfer_contract,
)

__all__ = [
    "AgentTwice",
    "AreaClosed",
    "AreaTaken",
    "AreasOverlap",
    "ContractNotAccepted",
    "LicenceInvalid",
    "LicenceUnverified",
    "ManyOwnersUnread",
    "NoCityGrade",
    "SharesAboveWhole",
    "TooManyOwners",
    "UnknownArea",
    "accept_contract",
    "add_holder",
    "apply_for_area",
    "approve_contract",
    "change_area",
    "check_agency",
    "end_contract",
    "end_if_over",
    "lock_agency",
    "open_area",
    "refuse_contract",
    "request_agency",
    "supply_licence",
    "text_digest",
    "transfer_contract",
    "withdraw_agency",
]
