"""Words for the codes that staff meet: ledger families, states."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from saas.kernel.money import display_yuan
from tenant_apps.modes import sentences
from tenant_apps.modes.contract import Sentence
from tenant_apps.modes.registry import MODES

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

STANDING_STATES = {
    "on": (_("On"), "good"),
    "off": (_("Off"), ""),
    "stopped": (_("Stopped by the platform"), "bad"),
    "needs_approval": (_("Needs approval"), "warn"),
    "not_in_plan": (_("Not in the plan"), ""),
}

PREPARED_STATES = {
    "open": (_("Waits for a second person"), "warn"),
    "approved": (_("Approved and carried out"), "good"),
    "refused": (_("Refused by the second person"), "bad"),
    "withdrawn": (_("Withdrawn"), ""),
    "expired": (_("Not decided in time"), ""),
}

ENFORCEMENT_STATES = {
    "block": (_("Blocked"), "bad"),
    "warning": (_("Caution"), "warn"),
    "alarm": (_("Alarm"), "warn"),
    "disclosure": (_("Disclosed"), "info"),
}

CONTRACT_STATES = {
    "applied": (_("Applied"), "warn"),
    "approved": (_("To be signed"), "info"),
    "active": (_("Runs"), "good"),
    "ended": (_("Ended"), ""),
    "refused": (_("Refused"), "bad"),
}

ASKED_STATES = {
    "deposit": (_("Deposit"), "info"),
    "join_fee": (_("Joining fee"), "info"),
}

SELLER_STATES = {
    "active": (_("Sells"), "good"),
    "paused": (_("Paused"), "warn"),
    "closing": (_("Is leaving"), "warn"),
    "closed": (_("Closed"), ""),
    "left": (_("Has left"), ""),
}

APPLICATION_STATES = {
    "submitted": (_("Waits for the mall"), "warn"),
    "returned": (_("Given back"), "info"),
    "approved": (_("Contract to be accepted"), "info"),
    "accepted": (_("Deposit to be paid"), "info"),
    "active": (_("Shop is open"), "good"),
    "refused": (_("Refused"), "bad"),
    "withdrawn": (_("Withdrawn"), ""),
}

FORM_STATES = {"company": (_("Company"), ""), "sole_trader": (_("Sole trader"), "")}

PAPER_STATES = {
    "licence": (_("Business licence"), ""),
    "category": (_("Licence for a category of goods"), ""),
    "identity": (_("Identity card of whoever signs"), ""),
    "other": (_("Something else"), ""),
}

DEDUCTION_STATES = {
    "announced": (_("Announced"), "info"),
    "disputed": (_("Disputed"), "bad"),
    "taken": (_("Taken"), ""),
    "dropped": (_("Not taken"), "good"),
}

SELLER_KIND_STATES = {"merchant": (_("Merchant"), ""), "store": (_("Store"), "info")}

SETTLEMENT_KIND_STATES = {
    "supplier": (_("Supply price"), ""),
    "commission": (_("Commission"), ""),
    "concession": (_("Concession"), ""),
}

STATEMENT_STATES = {
    "draft": (_("To be confirmed"), "warn"),
    "disputed": (_("Disputed"), "bad"),
    "confirmed": (_("To be paid out"), "info"),
    "paid": (_("Paid"), "good"),
}

LINE_KINDS = {
    "sale": _("Sale"),
    "refund": _("Refund"),
    "award": _("Store income"),
    "fee": _("Yearly service fee"),
    "deduction": _("Deduction"),
    "correction": _("Correction"),
}
LINE_STATES = {kind: (text, "") for kind, text in LINE_KINDS.items()}

PRODUCT_STATES = {
    "draft": (_("Draft"), ""),
    "on_shelf": (_("On shelf"), "good"),
    "off_shelf": (_("Off shelf"), "warn"),
    "recycled": (_("In the bin"), "bad"),
}

ORDER_STATES = {
    "pending_payment": (_("To be paid"), "warn"),
    "paid": (_("To ship"), "info"),
    "shipped": (_("Shipped"), "info"),
    "received": (_("Received"), "info"),
    "completed": (_("Completed"), "good"),
    "cancelled": (_("Cancelled"), ""),
    "refunded": (_("Refunded"), "bad"),
}

TRACKING_STATES = {
    "collected": (_("Collected"), ""),
    "moving": (_("On its way"), "info"),
    "delivering": (_("Being delivered"), "info"),
    "delivered": (_("Delivered"), "good"),
    "trouble": (_("Trouble on the way"), "bad"),
}

WATCH_STATES = {
    "asking": (pgettext_lazy("tracking", "the service is being asked"), "info"),
    "followed": (pgettext_lazy("tracking", "followed"), "good"),
    "refused": (pgettext_lazy("tracking", "not followed"), "bad"),
    "over": (pgettext_lazy("tracking", "followed to its end"), ""),
}

REFUND_STATES = {
    "requested": (_("To be decided"), "warn"),
    "approved": (_("Money on its way back"), "info"),
    "refused": (_("Refused"), ""),
    "withdrawn": (_("Withdrawn by the shopper"), ""),
    "refunded": (_("Refunded"), "good"),
    "exchanged": (_("Exchanged"), "good"),
}

TURN_STATES = {
    "open": (_("Chat"), ""),
    "seller": (_("The seller answers"), "warn"),
    "mall": (_("The mall decides"), "bad"),
    "closed": (_("Closed"), ""),
}

BUYER_INVOICE_STATES = {
    "requested": (_("To be issued"), "warn"),
    "issued": (_("Issued"), "good"),
    "red_due": (_("Red letter due"), "bad"),
    "reversed": (_("Reversed"), ""),
    "refused": (_("Refused"), ""),
    "withdrawn": (_("Request withdrawn"), ""),
}

STAGE_STATES = {
    "mall": (_("The mall decides"), "bad"),
    "seller": (_("The seller answers"), "warn"),
    "returned": (_("Goods come back to be checked"), "warn"),
    "declined": (_("Declined by the seller"), ""),
    "returning": (_("The shopper sends back"), "info"),
    "replaced": (_("Replacement on its way"), "info"),
    "done": (_("Done"), "good"),
    "closed": (_("Closed"), ""),
}

SERVICE_STATES = {
    "refund_only": (_("Refund only"), ""),
    "return_refund": (_("Return and refund"), ""),
    "exchange": (_("Exchange"), ""),
}

BEARER_STATES = {
    "shopper": (_("the shopper"), ""),
    "seller": (_("the seller"), ""),
    "mall": (_("the mall"), ""),
}

AWARD_STATES = {
    "frozen": (_("Frozen"), "info"),
    "released": (_("Released"), "good"),
    "void": (_("Cancelled"), ""),
    "clawed_back": (_("Taken back"), "bad"),
}

PROMOTER_STATES = {
    "none": (_("Not a promoter"), ""),
    "applied": (_("Asks to promote"), "warn"),
    "approved": (_("Promoter"), "good"),
    "rejected": (_("Rejected"), "bad"),
}

LEVEL_WORDS = {"ordinary": _("Ordinary"), "partner": _("Partner")}
RANK_WORDS = {"0": _("No rank"), "1": "V1", "2": "V2", "3": "V3"}
GROUND_WORDS = {"turnover": _("turnover"), "gift_pack": _("gift pack"), "staff": _("by hand")}

WITHDRAWAL_STATES = {
    "requested": (_("To be reviewed"), "warn"),
    "approved": (_("To be transferred"), "info"),
    "paid": (_("Paid"), "good"),
    "rejected": (_("Rejected"), "bad"),
    "cancelled": (_("Cancelled by the member"), ""),
}

HISTORY_ACTIONS = {
    "placed": _("Placed"),
    "paid": _("Paid"),
    "parcel_sent": _("A parcel was sent"),
    "assigned": _("A store brings it"),
    "shipped": _("Shipped"),
    "received": _("Received"),
    "completed": _("Completed"),
    "cancelled": _("Cancelled"),
    "refunded": _("Refunded"),
    "address_changed": _("Delivery address changed"),
    "refund_requested": _("Refund asked for"),
    "refund_approved": _("Refund approved"),
    "refund_refused": _("Refund refused"),
    "refund_withdrawn": _("Refund withdrawn"),
    "refund_arrived": _("Refund arrived"),
    "case_opened": _("Request sent"),
    "invoice_asked": _("Invoice asked for"),
    "invoice_issued": _("Invoice issued"),
    "invoice_red_issued": _("Red letter issued"),
    "invoice_refused": _("Invoice refused"),
    "case_agreed": _("Agreed: the goods are to be sent back"),
    "case_declined": _("Declined by the seller"),
    "case_appealed": _("The mall was called"),
    "case_ruled": _("The mall has decided"),
    "goods_sent_back": _("Goods sent back"),
    "replacement_sent": _("Replacement sent"),
    "exchanged": _("Exchanged"),
    "payment_returned": _("A payment was sent back"),
    "payment_return_arrived": _("The payment sent back has arrived"),
}

LISTING_FIELDS = {
    "title": _("Title"),
    "subtitle": _("Selling point"),
    "category": _("Category"),
    "brand": _("Brand"),
    "tags": _("Tags"),
    "free_shipping": _("Free shipping"),
    "description_html": _("Description"),
    "options": _("Options"),
    "sku_added": _("New SKU"),
    "sku_gone": _("SKU that goes"),
    "sku_name": _("Name of a SKU"),
    "price_amount": _("Price"),
    "supply_amount": _("Supply price"),
    "compare_amount": _("Price before"),
    "code": _("Article number"),
    "barcode": _("Barcode"),
    "weight_grams": _("Weight, g"),
    "terms": _("Member and quantity prices"),
}

STORE_OFFERS = {
    "offered": (_("Asked to bring it"), "warn"),
    "accepted": (_("Brings it"), "good"),
    "declined": (_("Does not bring it"), "bad"),
    "expired": (_("No answer in time"), ""),
    "withdrawn": (_("Asked no more: another address"), ""),
}

APPLICATION_CHANGES = {
    "application.created": _("Begun"),
    "application.submitted": _("Sent to the mall"),
    "application.returned": _("Given back"),
    "application.approved": _("Approved"),
    "application.accepted": _("Contract accepted"),
    "application.active": _("The shop opened"),
    "application.refused": _("Refused"),
    "application.withdrawn": _("Withdrawn"),
}

SELLER_CHANGES = {
    "seller.categories_limited": _("Categories changed"),
    "seller.paper_added": _("Paper added"),
    "seller.profile": _("Shop settings changed"),
    "seller.logo": _("Logo changed"),
    "seller.payee_asked": _("The owner asked for another account"),
    "seller.payee_withdrawn": _("The owner asks for another account no longer"),
    "seller.payee_changed": _("Account changed"),
    "seller.payee_refused": _("Another account was refused"),
    "seller.own_terms": _("Own commission and coins changed"),
    "seller.product_answered": _("The mall answered about a product"),
    "seller.staff_invited": _("The owner invited somebody to work there"),
    "seller.staff_joined": _("An invitation to work there was accepted"),
    "seller.staff_declined": _("An invitation to work there was declined"),
    "seller.staff_roles": _("Roles of somebody of the shop changed"),
    "seller.staff_removed": _("Somebody was removed from the shop"),
    "seller.staff_left": _("Somebody left the shop"),
    "seller.paper_checked": _("Paper checked"),
    "seller.paper_removed": _("Paper removed"),
    "seller.papers_warned": _("Warned: a licence runs out"),
    "seller.closing": _("Leaves the mall"),
    "seller.left": _("Has left"),
    "seller.deduction_announced": _("Deduction from the deposit announced"),
    "seller.deduction_disputed": _("Deduction disputed by the seller"),
    "seller.deduction_taken": _("Deducted from the deposit"),
    "seller.deduction_dropped": _("Deduction not taken"),
    "seller.created": _("Entered"),
    "seller.changed": _("Terms changed"),
    "seller.active": _("Opened"),
    "seller.paused": _("Paused"),
    "seller.reported": _("A shopper reported the shop"),
    "seller.closed": _("Closed for good"),
    "seller.handover": _("Pickup and delivery changed"),
    "store.credit_limited": _("Limit of goods on credit changed"),
    "store.credit_moved": _("Goods on credit moved"),
    "store.credit_counted": _("Goods on credit counted"),
    "store.described": _("Hours and services changed"),
    "store.franchise_filed": _("Franchise checklist changed"),
    "seller.level": _("Level of the shop changed"),
    "seller.adjusted": _("Deduction or correction booked"),
    "seller.fee_charged": _("Yearly service fee charged"),
    "seller.deposit_asked": _("Asked to pay a deposit"),
    "seller.deposit_withdrawn": _("The deposit is asked no longer"),
    "seller.deposit_deducted": _("Deducted from the deposit"),
    "seller.join_fee_asked": _("Asked to pay the joining fee"),
    "seller.join_fee_withdrawn": _("The joining fee is asked no longer"),
    "seller.voucher_terms_signed": _("Has signed the voucher terms"),
    "seller.voucher_terms_ended": _("Takes vouchers no longer"),
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

MODE_STANDINGS = {
    "on": (_("On"), "good"),
    "off": (_("Off"), ""),
    "stopped": (_("Stopped by the platform"), "bad"),
    "needs_approval": (_("Needs approval"), "warn"),
    "not_in_plan": (_("Not in your plan"), "info"),
}

TERMS_TITLES = {
    "settlement": _("Settlement terms"),
    "orders": _("Freight and checkout"),
}


def mode_title(mode: str) -> str:
    """What a mode, or the terms beside the modes, is called."""
    return sentences.render(Sentence(MODES[mode].label)) if mode in MODES else str(TERMS_TITLES.get(mode, mode))


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

JOB_KINDS = {
    "import_xlsx": _("Import of a sheet"),
    "import_shopify": _("Import of a Shopify file"),
    "export_xlsx": _("Export as a sheet"),
    "export_shopify": _("Export for Shopify"),
    "edit": _("Bulk edit"),
}
JOB_STATES = {
    "reading": (_("Under way"), "info"),
    "checked": (_("Checked: nothing changed yet"), "warn"),
    "applying": (_("Being applied"), "info"),
    "done": (_("Done"), "good"),
    "failed": (_("Failed"), "bad"),
    "discarded": (_("Discarded"), ""),
    "undoing": (_("Being undone"), "info"),
    "undone": (_("Undone"), ""),
}
ROW_STATES = {
    "ready": (_("Ready"), "info"),
    "faulty": (_("Cannot be applied"), "bad"),
    "chosen": (_("Chosen"), "info"),
    "applied": (_("Has been applied"), "good"),
    "refused": (_("Refused"), "bad"),
    "undone": (_("Undone"), ""),
    "kept": (_("Changed since"), "warn"),
    "missing": (_("Picture missing"), "warn"),
}
EDIT_KINDS = {
    "price_percent": _("Price by percent"),
    "price_amount": _("Price by amount"),
    "category": _("Category"),
    "brand": _("Brand"),
    "shelf": _("On or off the shelf"),
    "freight": _("Freight template"),
    "free_shipping": _("Free shipping"),
    "tag_add": _("Add a tag"),
    "tag_remove": _("Remove a tag"),
}


def change_words(data: dict[str, Any]) -> list[tuple[str, str]]:
    """Before and after of a bulk edit, as people read them."""
    before, after = data.get("before", {}), data.get("after", {})
    if "prices" in before:
        return [
            (display_yuan(amount), display_yuan(after["prices"].get(sku, amount)))
            for sku, amount in before["prices"].items()
        ]
    return [(_word(before.get(name)), _word(after.get(name))) for name in before]


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return str(_("Yes") if value else _("No"))
    if isinstance(value, list):
        return ", ".join(value) or "–"
    return str(PRODUCT_STATES.get(str(value), (value or "–", ""))[0])
