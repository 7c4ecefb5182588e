"""Shopify's product CSV, as its export writes it: rows of variants and pictures, held together by the handle.

What we have no field for (tags of a search engine, tax codes, prices of markets) is kept as it stands and written again,
so that a shop's file comes back row by row. A cell that says the same as our field is written as it was read.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from saas.kernel.money import format_yuan, parse_yuan
from tenant_apps.catalog.rules import MAX_TAG_LENGTH, MAX_TAGS
from tenant_apps.catalog.transfer.incoming import MISSING, NO_COST, Cells, Incoming, noop, safe_cell, whole

HANDLE = "Handle"
COLUMNS = (
    "Handle", "Title", "Body (HTML)", "Vendor", "Product Category", "Type", "Tags", "Published",
    "Option1 Name", "Option1 Value", "Option1 Linked To", "Option2 Name", "Option2 Value", "Option2 Linked To",
    "Option3 Name", "Option3 Value", "Option3 Linked To", "Variant SKU", "Variant Grams", "Variant Inventory Tracker",
    "Variant Inventory Qty", "Variant Inventory Policy", "Variant Fulfillment Service", "Variant Price",
    "Variant Compare At Price", "Variant Requires Shipping", "Variant Taxable", "Variant Barcode",
    "Image Src", "Image Position", "Image Alt Text", "Gift Card", "SEO Title", "SEO Description",
    "Variant Image", "Variant Weight Unit", "Variant Tax Code", "Cost per item", "Status",
)  # fmt: skip
REQUIRED = (("Handle",), ("Title",), ("Variant Price",))
# What a shop elsewhere is told of goods that were never there.
_NEW_VARIANT = {
    "Variant Inventory Tracker": "shopify", "Variant Inventory Policy": "deny", "Variant Fulfillment Service": "manual",
    "Variant Requires Shipping": "true", "Variant Taxable": "true", "Variant Weight Unit": "g",
}  # fmt: skip
_NEW_PRODUCT = {"Gift Card": "false"}
_OF_VARIANTS = ("Variant ", "Cost per item", "Price /", "Compare At Price /", "Unit Price")
_PICTURES = ("Image Src", "Image Position", "Image Alt Text")
_STATUS = {"active": "on_shelf", "draft": "draft", "archived": "off_shelf"}
_NO_VARIANT = noop("The product has no variant with a price.")
_UNKNOWN_STATUS = noop("Unknown status: active, draft or archived.")
_OPTION_TWICE = noop("Two variants have the same option values.")


def products(rows: Iterable[tuple[int, Mapping[str, str]]]) -> Iterator[Incoming]:
    """The products of rows (number in the file, cells), each as soon as its last row has been read."""
    group: list[Cells] = []
    key = ""
    for number, cells in rows:
        row = Cells(number, cells)
        handle = row.raw(HANDLE).strip()[:255]
        if group and handle != key:
            yield _product(key, group)
            group = []
        key = handle
        group.append(row)
    if group:
        yield _product(key, group)


def _product(key: str, rows: Sequence[Cells]) -> Incoming:
    first = rows[0]
    made = Incoming(key=key, row=first.number)
    if not key:
        made.refuse(first.number, HANDLE, MISSING)
    made.title = first.text(made, "Title", 80)
    if not made.title:
        made.refuse(first.number, "Title", MISSING)
    made.html = first.text(made, "Body (HTML)")
    made.brand = first.text(made, "Vendor", 40)
    made.category = _category(first, made)
    made.tags = _tags(first, made)
    made.wanted = _wanted(first, made)
    names = [first.text(made, f"Option{number} Name", 40) for number in (1, 2, 3)]
    variants = [row for row in rows if row.raw("Variant Price").strip() or row.raw("Option1 Value").strip()]
    is_single = names[0] in ("Title", "") and [row.raw("Option1 Value") for row in variants] in (
        ["Default Title"],
        [""],
    )
    used = [] if is_single else [number for number in (1, 2, 3) if names[number - 1]]
    made.skus = [_sku(row, made, used) for row in variants]
    made.options = [
        {"name": names[number - 1], "values": list(dict.fromkeys(sku["values"][place] for sku in made.skus))}
        for place, number in enumerate(used)
    ]
    if not made.skus:
        made.refuse(first.number, "Variant Price", _NO_VARIANT)
    if len({tuple(sku["values"]) for sku in made.skus}) < len(made.skus):
        made.refuse(first.number, "Option1 Value", _OPTION_TWICE)
    made.images = [one for row in rows if (one := _image(row, made))]
    made.source = {name: text for name, text in first.cells.items() if text and not _is_modelled(name)}
    return made


def _is_modelled(name: str) -> bool:
    return name.startswith((*_OF_VARIANTS, "Option1 V", "Option2 V", "Option3 V")) or name in (
        HANDLE,
        "Title",
        "Body (HTML)",
        "Vendor",
        *_PICTURES,
    )


def _category(row: Cells, made: Incoming) -> list[str]:
    own = row.text(made, "Type")
    path = [part.strip() for part in row.text(made, "Product Category").split(">") if part.strip()]
    return [(own or path[-1])[:30]] if own or path else []


def _tags(row: Cells, made: Incoming) -> list[str]:
    tags = [tag.strip()[:MAX_TAG_LENGTH] for tag in row.text(made, "Tags").split(",")]
    return list(dict.fromkeys(tag for tag in tags if tag))[:MAX_TAGS]


def _wanted(row: Cells, made: Incoming) -> str:
    status = row.text(made, "Status").lower()
    if status and status not in _STATUS:
        made.refuse(row.number, "Status", _UNKNOWN_STATUS, status)
        return ""
    if row.text(made, "Published").lower() == "false" and status in ("", "active"):
        return "off_shelf"
    return _STATUS.get(status, "on_shelf" if row.text(made, "Published").lower() == "true" else "draft")


def _sku(row: Cells, made: Incoming, used: Sequence[int]) -> dict[str, Any]:
    price = row.amount(made, "Variant Price")
    if price is None and not made.faults:
        made.refuse(row.number, "Variant Price", MISSING)
    values = [row.text(made, f"Option{number} Value", 60) for number in used]
    for number, value in zip(used, values, strict=True):
        if not value:
            made.refuse(row.number, f"Option{number} Value", MISSING)
    supply = row.amount(made, "Cost per item")
    if supply is None and made.wanted == "on_shelf":
        made.warn(row.number, "Cost per item", NO_COST)
    grams = row.text(made, "Variant Grams")
    weight = _grams(grams)
    if weight is None:
        made.refuse(row.number, "Variant Grams", noop("Not a weight in grams."), grams)
    return {
        "values": values,
        "price": price,
        "compare": row.amount(made, "Variant Compare At Price"),
        "supply": supply,
        "stock": row.stock(made, "Variant Inventory Qty"),
        "code": row.text(made, "Variant SKU", 40),
        "barcode": row.text(made, "Variant Barcode", 40),
        "weight": weight or 0,
        "source": {name: text for name, text in row.cells.items() if text and name.startswith(_OF_VARIANTS)},
        "row": row.number,
    }


def _grams(text: str) -> int | None:
    if not text:
        return 0
    try:
        found = round(float(text))
    except (ValueError, OverflowError):
        return None
    return found if 0 <= found <= 1_000_000 else None


def _image(row: Cells, made: Incoming) -> dict[str, Any] | None:
    src = row.text(made, "Image Src", 500)
    if not src:
        return None
    position = row.whole(made, "Image Position")
    return {"src": src, "position": position or len(made.images) + 1, "alt": row.text(made, "Image Alt Text")[:200]}


# -- the way back ------------------------------------------------------------------------------------------------------


def heading(extra: Iterable[str]) -> list[str]:
    """The columns of a file: Shopify's own order, what else the goods carry before the status."""
    more = [name for name in dict.fromkeys(extra) if name not in COLUMNS]
    return [*COLUMNS[:-1], *more, COLUMNS[-1]]


def rows_of(product: Mapping[str, Any]) -> list[dict[str, str]]:
    """A product as rows: variant and picture side by side, the product's own cells in the first.

    `product` is what services.exporting reads: handle, title, html, brand, category, tags, status, options, skus,
    images, source.
    """
    source: Mapping[str, str] = product["source"]
    skus, images = product["skus"], product["images"]
    rows = []
    for place in range(max(len(skus), len(images), 1)):
        row = {HANDLE: product["handle"]}
        if place == 0:
            row |= _own_cells(product, source)
        if place < len(skus):
            row |= _variant_cells(skus[place], len(product["options"]), first=place == 0)
        if place < len(images):
            image = images[place]
            row |= {
                "Image Src": image["src"],
                "Image Position": str(image["position"]),
                "Image Alt Text": image["alt"],
            }
        rows.append({name: text for name, text in row.items() if text})
    return rows


def _own_cells(product: Mapping[str, Any], source: Mapping[str, str]) -> dict[str, str]:
    row = {**_NEW_PRODUCT, **source} if source else dict(_NEW_PRODUCT)
    if source and "Gift Card" not in source:
        row.pop("Gift Card")
    options = product["options"] or [{"name": "Title"}]
    row |= {f"Option{number} Name": one["name"] for number, one in enumerate(options, start=1)}
    same_place = source.get("Type", "") or (source.get("Product Category", "").rpartition(">")[2].strip())
    if same_place[:30] != product["category"]:
        row |= {"Product Category": "", "Type": product["category"]}
    row |= {
        "Title": product["title"],
        "Body (HTML)": product["html"],
        "Vendor": product["brand"],
        "Tags": _as_read(
            source.get("Tags", ""), product["tags"], lambda text: _split(text), ", ".join(product["tags"])
        ),
    }
    published, status = {"on_shelf": ("true", "active"), "draft": ("false", "draft")}.get(
        product["status"], ("false", "archived")
    )
    if _wanted_of(source) == product["status"] or (
        product["status"] == "draft" and _wanted_of(source) == "on_shelf" and product["lacks_cost"]
    ):
        published, status = source.get("Published", ""), source.get("Status", "")
    row |= {"Published": published, "Status": status}
    return row


def _wanted_of(source: Mapping[str, str]) -> str:
    if not source:
        return ""
    return _wanted(Cells(0, source), Incoming(key="", row=0))


def _split(text: str) -> list[str]:
    return _tags(Cells(0, {"Tags": text}), Incoming(key="", row=0))


def _variant_cells(sku: Mapping[str, Any], options: int, *, first: bool) -> dict[str, str]:
    source: Mapping[str, str] = sku["source"]
    row = dict(source) if source else dict(_NEW_VARIANT)
    values = sku["values"] if options else ["Default Title"]
    row |= {f"Option{number} Value": value for number, value in enumerate(values, start=1)}
    amounts = (("Variant Price", "price"), ("Variant Compare At Price", "compare"), ("Cost per item", "supply"))
    for column, name in amounts:
        amount = sku[name]
        row[column] = _as_read(source.get(column, ""), amount, _fen, "" if amount is None else format_yuan(amount))
    for column, name, meaning in (("Variant Inventory Qty", "stock", _pieces), ("Variant Grams", "weight", _grams)):
        was_empty = bool(source) and column not in source and not sku[name]
        row[column] = "" if was_empty else _as_read(source.get(column, ""), sku[name], meaning, str(sku[name]))
    row["Variant SKU"] = _as_read(source.get("Variant SKU", ""), sku["code"], _plain, safe_cell(sku["code"]))
    row["Variant Barcode"] = _as_read(
        source.get("Variant Barcode", ""), sku["barcode"], _plain, safe_cell(sku["barcode"])
    )
    return row


def _plain(text: str) -> str:
    return Cells(0, {"x": text}).raw("x").strip()


def _fen(text: str) -> int | None:
    try:
        return parse_yuan(text) if text else None
    except ValueError:
        return None


def _pieces(text: str) -> int | None:
    found = whole(text)
    return 0 if found is None else max(0, found)


def _as_read(raw: str, value: Any, meaning: Callable[[str], Any], ours: str) -> str:
    """The cell as it was read as long as it still means what we hold, else ours."""
    return raw if raw and meaning(raw) == value else ours
