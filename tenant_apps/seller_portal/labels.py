"""Words of states and kinds on sellers' pages."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FORMS: dict[str, str | Promise] = {"company": _("Company"), "sole_trader": _("Sole trader")}

PAPER_KINDS: dict[str, str | Promise] = {
    "licence": _("Business licence"),
    "category": _("Licence for a category of goods"),
    "identity": _("Identity card of whoever signs"),
    "other": _("Something else"),
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
