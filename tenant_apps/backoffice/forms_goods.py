"""The product form of staff: that of the catalog, with who sells it and the freight template."""

import dataclasses
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tenant_apps.catalog import forms as catalog
from tenant_apps.catalog.models import Product
from tenant_apps.catalog.rules import ProductDraft
from tenant_apps.orders import selectors as orders
from tenant_apps.sellers import selectors as sellers

NEW = catalog.NEW


class ProductForm(catalog.ProductForm):
    """As staff enter a product."""

    seller = forms.ChoiceField(label=_("Sold by"), required=False)
    freight_template = forms.ChoiceField(
        label=_("Freight template"),
        required=False,
        help_text=_("Empty: the mall's own freight terms."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        templates = [(row.ulid, row.name) for row in orders.freight_templates()]
        self.fields["freight_template"].choices = [("", "–"), *templates]  # type: ignore[attr-defined]
        kept = sellers.names([str(self.initial.get("seller", ""))])  # a closed seller's product stays his
        self.fields["seller"].choices = [  # type: ignore[attr-defined]
            ("", _("The mall itself")),
            *({**kept, **dict(sellers.choices())}).items(),
        ]

    def draft(self) -> ProductDraft:
        """The product as entered; only for a valid form."""
        return dataclasses.replace(
            super().draft(),
            seller_ulid=self.cleaned_data["seller"],
            freight_template=self.cleaned_data["freight_template"].strip(),
        )


def initial_of(product: Product) -> dict[str, Any]:
    """What the form shows of a stored product."""
    return {
        **catalog.initial_of(product),
        "seller": product.seller_ulid,
        "freight_template": product.freight_template,
    }
