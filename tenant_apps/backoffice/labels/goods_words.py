"""Words for products, listings and bulk work."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from saas.kernel.money import display_yuan

PRODUCT_STATES = {
    "draft": (_("Draft"), ""),
    "on_shelf": (_("On shelf"), "good"),
    "off_shelf": (_("Off shelf"), "warn"),
    "recycled": (_("In the bin"), "bad"),
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
