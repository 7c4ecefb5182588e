"""Words for accounts, awards, payments and the pool."""

from django.utils.translation import gettext_lazy as _

FAMILIES = {
    "channel": _("Money at the payment channels"),
    "bank": _("Bank"),
    "clearing": _("Clearing accounts"),
    "order.escrow": _("Paid orders not completed"),
    "seller.payable": _("Owed to sellers"),
    "seller.credit": _("Sellers' credit for service fees"),
    "member.wallet": _("Members' wallets"),
    "store.wallet": _("Stores' wallets"),
    "agent.wallet": _("Agents' wallets"),
    "debt": _("Owed by members"),
    "pool": _("Pools"),
    "cohort": _("Subsidy cohorts"),
    "voucher.reserve": _("Voucher reserve"),
    "accrual": _("Accruals"),
    "deposit": _("Deposits"),
    "prepaid": _("Owed on stored-value cards"),
    "fee": _("Fees"),
    "tax": _("Tax withheld"),
    "house": _("The mall's own share"),
    "own_goods": _("Cost of own goods"),
    "issued": _("Points and coins issued"),
}

AWARD_STATES = {
    "frozen": (_("Frozen"), "info"),
    "released": (_("Released"), "good"),
    "void": (_("Cancelled"), ""),
    "clawed_back": (_("Taken back"), "bad"),
}

WITHDRAWAL_STATES = {
    "requested": (_("To be reviewed"), "warn"),
    "approved": (_("To be transferred"), "info"),
    "paid": (_("Paid"), "good"),
    "rejected": (_("Rejected"), "bad"),
    "cancelled": (_("Cancelled by the member"), ""),
}

PAYMENT_METHODS = {
    "native": _("WeChat Pay by QR code"),
    "jsapi": _("WeChat Pay inside WeChat"),
    "h5": _("WeChat Pay in a phone's browser"),
}

PAYMENT_STATES = {
    "created": (_("Begun"), ""),
    "pending": (_("To be paid"), "warn"),
    "paid": (_("Paid"), "good"),
    "closed": (_("Closed"), ""),
    "failed": (_("Failed"), "bad"),
}

CHECKS = {
    "merchant_id": _("Merchant number"),
    "app_id": _("App id"),
    "private_key": _("Merchant private key"),
    "certificate": _("Merchant certificate"),
    "api_key": _("APIv3 key"),
    "platform_key_id": _("Id of WeChat Pay's public key"),
    "platform_key": _("WeChat Pay's public key"),
    "app_secret": _("App secret"),
}

PAYEE_KINDS = {
    "member": _("Members"),
    "store": _("Stores"),
    "accrual": _("Set aside for period awards"),
}

PERIOD_STATES = {
    "served": (_("served"), "good"),
    "held": (_("postponed"), "bad"),
    "empty": (_("nobody to pay"), ""),
    "postponed": (_("waits for growth"), "warn"),
    "liquidated": (_("liquidated"), "bad"),
}

COHORT_STATES = {
    "pending": (_("waits for its first period"), "warn"),
    "active": (_("running"), "good"),
    "out_multiple": (_("left at its multiple"), "info"),
    "out_period": (_("left after its last period"), ""),
    "out_liquidated": (_("left by liquidation"), "bad"),
}

SIDE_STATES = {"buyer": (_("buyer"), ""), "merchant": (_("seller"), "")}

ACTION_KIND_STATES = {
    "transfer": (_("Put money of the mall into the pool"), "info"),
    "withdrawal": (_("Take surplus out of the pool"), "warn"),
    "liquidation": (_("Liquidate the pool"), "bad"),
}

ACTION_STATES = {
    "prepared": (_("Waits for a second person"), "warn"),
    "done": (_("Done"), "good"),
    "refused": (_("Refused"), ""),
}
