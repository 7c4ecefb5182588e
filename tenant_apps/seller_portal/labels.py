"""Words of states and kinds on sellers' pages."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tenant_apps.sellers.staffing import ShopRole

ROLES: dict[ShopRole, str | Promise] = {
    ShopRole.OWNER: _("Owner"),
    ShopRole.GOODS: _("Goods"),
    ShopRole.ORDERS: _("Orders"),
    ShopRole.SERVICE: _("Service"),
    ShopRole.MONEY: _("Money"),
}
ROLE_TEXTS: dict[ShopRole, str | Promise] = {
    ShopRole.GOODS: _("products, stock, coupons"),
    ShopRole.ORDERS: _("orders, parcels, pickups, till"),
    ShopRole.SERVICE: _("after-sales, messages, reviews"),
    ShopRole.MONEY: _("statements, income, invoices"),
}

FORMS: dict[str, str | Promise] = {"company": _("Company"), "sole_trader": _("Sole trader")}

PAPER_KINDS: dict[str, str | Promise] = {
    "licence": _("Business licence"),
    "category": _("Licence for a category of goods"),
    "identity": _("Identity card of whoever signs"),
    "other": _("Something else"),
}

# States of a shop's products, as tabs; the empty one is all of them.
PRODUCT_TABS: dict[str, str | Promise] = {
    "": _("All"),
    "on_shelf": _("On sale"),
    "off_shelf": _("Off sale"),
    "draft": _("Not on sale yet"),
    "waiting": _("Waits for the mall"),
    "returned": _("Given back by the mall"),
}

# States of orders that a seller sees, as tabs; the empty one is all of them.
ORDER_TABS: dict[str, str | Promise] = {
    "": _("All"),
    "paid": _("To ship"),
    "shipped": _("On the way"),
    "received": _("Received"),
    "completed": _("Completed"),
    "refunded": _("Refunded"),
}

STAGES: dict[str, str | Promise] = {
    "seller": _("Waits for your answer"),
    "returned": _("Goods come back: check them"),
    "mall": _("The mall decides"),
    "declined": _("You declined"),
    "returning": _("The shopper sends back"),
    "replaced": _("Replacement on its way"),
    "done": _("Done"),
    "closed": _("Closed"),
}
