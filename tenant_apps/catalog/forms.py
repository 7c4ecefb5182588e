"""The product form of staff and of sellers: texts, options and the SKU grid as the page posts them, as a ProductDraft."""

import datetime as dt
import json
import re
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from saas.kernel.errors import InvalidInput
from saas.kernel.money import format_yuan, parse_yuan
from tenant_apps.catalog import drafts
from tenant_apps.catalog.models import Brand, Category, Product
from tenant_apps.catalog.rules import Option, PriceTerms, ProductDraft, SkuDraft


class ProductForm(forms.Form):
    """`grid` is JSON made by product.js: {"options": [{name, values}], "skus": [{values, ulid, price, supply, stock, …}]}."""

    title = forms.CharField(label=_("Title"), max_length=80)
    subtitle = forms.CharField(label=_("Selling point"), max_length=120, required=False)
    category = forms.ChoiceField(label=_("Category"), required=False)
    brand = forms.ChoiceField(label=_("Brand"), required=False)
    tags = forms.CharField(label=_("Tags, separated by commas"), max_length=1300, required=False)
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
            brand_slug=self.cleaned_data["brand"] or None,
            tags=tuple(one.strip() for one in _COMMAS.split(self.cleaned_data["tags"]) if one.strip()),
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


def initial_of_draft(draft: ProductDraft, *, stock: dict[str, int]) -> dict[str, Any]:
    """What the form shows of a draft; `stock`: pieces of the SKUs that are there, by ULID."""
    grid = {
        "options": [{"name": one.name, "values": list(one.values)} for one in draft.options],
        "skus": [_cell(sku, stock) for sku in draft.skus],
    }
    return {
        "title": draft.title,
        "subtitle": draft.subtitle,
        "category": draft.category_slug or "",
        "brand": draft.brand_slug or "",
        "tags": ", ".join(draft.tags),
        "free_shipping": draft.free_shipping,
        "description_html": draft.description_html,
        "grid": json.dumps(grid, ensure_ascii=False),
    }


def initial_of(product: Product) -> dict[str, Any]:
    """What the form shows of a stored product."""
    draft = drafts.draft_of(product)
    return initial_of_draft(draft, stock={sku.ulid: sku.stock for sku in draft.skus})


def _cell(sku: SkuDraft, stock: dict[str, int]) -> dict[str, Any]:
    terms = sku.terms or PriceTerms()
    amounts = {
        "supply": sku.supply_amount,
        "compare": sku.compare_amount,
        "partner": dict(terms.levels).get("partner"),
    }
    cell = {
        "values": list(sku.values),
        "ulid": sku.ulid,
        "price": format_yuan(sku.price_amount),
        **{name: "" if amount is None else format_yuan(amount) for name, amount in amounts.items()},
        "tiers": ";".join(f"{qty}:{format_yuan(price)}" for qty, price in terms.tiers),
        "stock": stock.get(sku.ulid, sku.stock),
        "weight": sku.weight_grams or "",
        "code": sku.code,
        "barcode": sku.barcode,
    }
    return {**cell, "seen": stock[sku.ulid]} if sku.ulid in stock else cell


NEW = {"grid": json.dumps({"options": [], "skus": [{"values": [], "price": "", "supply": "", "stock": 0, "code": ""}]})}


def moment_of(text: str, field: str) -> dt.datetime | None:
    """What a field of date and time holds, in the reader's zone; None where it is empty. Raises InvalidInput naming the field."""
    if not text.strip():
        return None
    try:
        return timezone.make_aware(dt.datetime.fromisoformat(text.strip()[:16]))
    except ValueError:
        raise InvalidInput(gettext("Not a date and time."), field=field) from None
