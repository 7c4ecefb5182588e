"""The product form: texts, options and the SKU grid as the page posts them, turned into a ProductDraft."""

import json
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from saas.kernel.money import format_yuan, parse_yuan
from tenant_apps.catalog.models import Category, Product, Sku
from tenant_apps.catalog.rules import Option, ProductDraft, SkuDraft
from tenant_apps.sellers import selectors as sellers


class ProductForm(forms.Form):
    """`grid` is JSON made by product.js: {"options": [{name, values}], "skus": [{values, price, supply, stock, code}]}."""

    title = forms.CharField(label=_("Title"), max_length=80)
    subtitle = forms.CharField(label=_("Selling point"), max_length=120, required=False)
    category = forms.ChoiceField(label=_("Category"), required=False)
    seller = forms.ChoiceField(label=_("Sold by"), required=False)
    description_html = forms.CharField(
        label=_("Description"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("Plain text or simple HTML (paragraphs, lists, tables, pictures of this mall)."),
    )
    grid = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Category.objects.select_related("parent").order_by("parent__position", "position", "pk")
        choices = [(row.slug, f"{row.parent} / {row}" if row.parent else str(row)) for row in rows]
        self.fields["category"].choices = [("", _("No category")), *choices]  # type: ignore[attr-defined]
        kept = sellers.names([str(self.initial.get("seller", ""))])  # a closed seller's product stays his
        self.fields["seller"].choices = [  # type: ignore[attr-defined]
            ("", _("The mall itself")),
            *({**kept, **dict(sellers.choices())}).items(),
        ]

    def clean_grid(self) -> tuple[tuple[Option, ...], tuple[SkuDraft, ...]]:
        """Options and SKUs; amounts as people type them."""
        try:
            data = json.loads(self.cleaned_data["grid"])
            options = tuple(
                Option(str(one["name"]).strip(), tuple(str(value).strip() for value in one["values"]))
                for one in data["options"]
            )
            return options, tuple(_sku(one) for one in data["skus"])
        except (KeyError, TypeError, json.JSONDecodeError):
            raise forms.ValidationError(_("The grid of SKUs could not be read. Please load the page again.")) from None

    def draft(self) -> ProductDraft:
        """The product as entered; only for a valid form."""
        options, skus = self.cleaned_data["grid"]
        text = self.cleaned_data["description_html"]
        if text and "<" not in text:
            text = "".join(f"<p>{line}</p>" for line in text.splitlines() if line.strip())
        return ProductDraft(
            title=self.cleaned_data["title"],
            subtitle=self.cleaned_data["subtitle"],
            description_html=text,
            category_slug=self.cleaned_data["category"] or None,
            seller_ulid=self.cleaned_data["seller"],
            options=options,
            skus=skus,
        )


def _sku(cell: dict[str, Any]) -> SkuDraft:
    named = " · ".join(str(value) for value in cell["values"])
    try:
        stock = str(cell.get("stock") or "0").strip()
        supply = str(cell.get("supply") or "").strip()
        return SkuDraft(
            values=tuple(str(value).strip() for value in cell["values"]),
            price_amount=parse_yuan(str(cell["price"])),
            supply_amount=parse_yuan(supply) if supply else None,
            stock=int(stock),
            code=str(cell.get("code") or "")[:40],
        )
    except ValueError:
        text = _("Please check price, supply price and stock of {name}: amounts like 12.50, stock a whole number.")
        raise forms.ValidationError(str(text).format(name=named or _("this product"))) from None


def initial_of(product: Product) -> dict[str, str]:
    """What the form shows of a stored product."""
    skus = Sku.objects.filter(product=product, is_active=True).order_by("position", "pk")
    grid = {
        "options": product.options,
        "skus": [
            {
                "values": sku.option_values,
                "price": format_yuan(sku.price_amount),
                "supply": "" if sku.supply_amount is None else format_yuan(sku.supply_amount),
                "stock": sku.stock,
                "code": sku.code,
                "known": True,
            }
            for sku in skus
        ],
    }
    return {
        "title": product.title,
        "subtitle": product.subtitle,
        "category": product.category.slug if product.category else "",
        "seller": product.seller_ulid,
        "description_html": product.description_html,
        "grid": json.dumps(grid, ensure_ascii=False),
    }


NEW = {"grid": json.dumps({"options": [], "skus": [{"values": [], "price": "", "supply": "", "stock": 0, "code": ""}]})}
