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
