"""The product form: texts, options and the SKU grid as the page posts them, turned into a ProductDraft."""

import json
import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from saas.kernel.money import format_yuan, parse_yuan
from tenant_apps.catalog.models import Brand, Category, Offer, Product, Sku
from tenant_apps.catalog.rules import SELF_OPERATED, Option, PriceTerms, ProductDraft, SkuDraft, price_terms
from tenant_apps.orders import selectors as orders
from tenant_apps.sellers import selectors as sellers


class ProductForm(forms.Form):
    """`grid` is JSON made by product.js: {"options": [{name, values}], "skus": [{values, ulid, price, supply, stock, …}]}."""

    title = forms.CharField(label=_("Title"), max_length=80)
    subtitle = forms.CharField(label=_("Selling point"), max_length=120, required=False)
    category = forms.ChoiceField(label=_("Category"), required=False)
    brand = forms.ChoiceField(label=_("Brand"), required=False)
    seller = forms.ChoiceField(label=_("Sold by"), required=False)
    tags = forms.CharField(label=_("Tags, separated by commas"), max_length=1300, required=False)
    freight_template = forms.ChoiceField(
        label=_("Freight template"),
        required=False,
        help_text=_("Empty: the mall's own freight terms."),
    )
    free_shipping = forms.BooleanField(label=_("Free shipping"), required=False)
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
        brands = Brand.objects.order_by("position", "name").values_list("slug", "name")
        self.fields["brand"].choices = [("", _("No brand")), *brands]  # type: ignore[attr-defined]
        templates = [(row.ulid, row.name) for row in orders.freight_templates()]
        self.fields["freight_template"].choices = [("", "–"), *templates]  # type: ignore[attr-defined]
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
            brand_slug=self.cleaned_data["brand"] or None,
            tags=tuple(one.strip() for one in _COMMAS.split(self.cleaned_data["tags"]) if one.strip()),
            freight_template=self.cleaned_data["freight_template"].strip(),
            free_shipping=self.cleaned_data["free_shipping"],
            options=options,
            skus=skus,
        )


_COMMAS = re.compile(r"[,，、]")


def _sku(cell: dict[str, Any]) -> SkuDraft:
    named = " · ".join(str(value) for value in cell["values"])
    try:
        partner, tiers = _yuan(cell, "partner"), _tiers(str(cell.get("tiers") or ""))
        return SkuDraft(
            values=tuple(str(value).strip() for value in cell["values"]),
            price_amount=parse_yuan(str(cell["price"])),
            supply_amount=_yuan(cell, "supply"),
            compare_amount=_yuan(cell, "compare"),
            stock=int(str(cell.get("stock") or "0").strip()),
            stock_seen=int(cell["seen"]) if str(cell.get("seen", "")).isdigit() else None,
            code=str(cell.get("code") or "")[:40],
            barcode=str(cell.get("barcode") or "")[:40],
            weight_grams=int(str(cell.get("weight") or "0").strip()),
            ulid=str(cell.get("ulid") or ""),
            terms=PriceTerms((("partner", partner),) if partner else (), tiers) if "partner" in cell else None,
        )
    except ValueError:
        text = _(
            "Please check the figures of {name}: amounts like 12.50, stock and weight whole numbers, tiers 10:9.50;50:9."
        )
        raise forms.ValidationError(str(text).format(name=named or _("this product"))) from None


def _yuan(cell: dict[str, Any], name: str) -> int | None:
    text = str(cell.get(name) or "").strip()
    return parse_yuan(text) if text else None


def _tiers(text: str) -> tuple[tuple[int, int], ...]:
    """`10:9.50;50:9` → pieces and fen."""
    parts = [part.partition(":") for part in re.split(r"[;；]", text.replace("：", ":")) if part.strip()]
    return tuple((int(qty), parse_yuan(price.strip())) for qty, _colon, price in parts)


def initial_of(product: Product) -> dict[str, Any]:
    """What the form shows of a stored product."""
    skus = Sku.objects.filter(product=product, is_active=True).order_by("position", "pk")
    terms = dict(Offer.objects.filter(sku__in=skus, zone__key=SELF_OPERATED).values_list("sku_id", "terms"))
    grid = {"options": product.options, "skus": [_cell(sku, price_terms(terms.get(sku.pk))) for sku in skus]}
    return {
        "title": product.title,
        "subtitle": product.subtitle,
        "category": product.category.slug if product.category else "",
        "seller": product.seller_ulid,
        "brand": product.brand.slug if product.brand else "",
        "tags": ", ".join(product.tags),
        "freight_template": product.freight_template,
        "free_shipping": product.free_shipping,
        "description_html": product.description_html,
        "grid": json.dumps(grid, ensure_ascii=False),
    }


def _cell(sku: Sku, terms: PriceTerms) -> dict[str, Any]:
    partner = dict(terms.levels).get("partner")
    amounts = {"supply": sku.supply_amount, "compare": sku.compare_amount, "partner": partner}
    return {
        "values": sku.option_values,
        "ulid": sku.ulid,
        "price": format_yuan(sku.price_amount),
        **{name: "" if amount is None else format_yuan(amount) for name, amount in amounts.items()},
        "tiers": ";".join(f"{qty}:{format_yuan(price)}" for qty, price in terms.tiers),
        "stock": sku.stock,
        "seen": sku.stock,
        "weight": sku.weight_grams or "",
        "code": sku.code,
        "barcode": sku.barcode,
    }


NEW = {"grid": json.dumps({"options": [], "skus": [{"values": [], "price": "", "supply": "", "stock": 0, "code": ""}]})}
