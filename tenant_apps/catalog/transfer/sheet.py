"""Our own sheet: a row a SKU, the product's cells in its first row. Headings in Chinese or English, in any order."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from saas.kernel.money import format_yuan
from tenant_apps.catalog.rules import MAX_TAG_LENGTH
from tenant_apps.catalog.transfer.incoming import MISSING, NO_COST, Cells, Incoming, noop, whole

# key → (中文, English); the first names stand in files that we write.
NAMES: dict[str, tuple[str, str]] = {
    "handle": ("商品编号", "Product key"),
    "title": ("商品名称", "Title"),
    "subtitle": ("卖点", "Selling point"),
    "brand": ("品牌", "Brand"),
    "category": ("分类", "Category"),
    "tags": ("标签", "Tags"),
    "status": ("状态", "State"),
    "free": ("包邮", "Free shipping"),
    "template": ("运费模板", "Freight template"),
    "option1": ("规格1名称", "Option 1"),
    "value1": ("规格1", "Value 1"),
    "option2": ("规格2名称", "Option 2"),
    "value2": ("规格2", "Value 2"),
    "option3": ("规格3名称", "Option 3"),
    "value3": ("规格3", "Value 3"),
    "code": ("货号", "Article number"),
    "barcode": ("条码", "Barcode"),
    "price": ("售价", "Price"),
    "compare": ("划线价", "Price before"),
    "supply": ("供货价", "Supply price"),
    "partner": ("会员价", "Member price"),
    "tiers": ("阶梯价", "Quantity prices"),
    "stock": ("库存", "Stock"),
    "weight": ("重量(克)", "Weight (g)"),
    "pictures": ("图片", "Pictures"),
    "html": ("详情", "Description"),
}
HEADING = [names[0] for names in NAMES.values()]
REQUIRED = tuple(NAMES[key] for key in ("handle", "title", "price"))
STATES = {
    "上架": "on_shelf",
    "下架": "off_shelf",
    "草稿": "draft",
    "on_shelf": "on_shelf",
    "off_shelf": "off_shelf",
    "draft": "draft",
}
_SHOWN = {"on_shelf": "上架", "off_shelf": "下架", "draft": "草稿"}
_YES = {"是": True, "1": True, "yes": True, "true": True, "否": False, "0": False, "no": False, "false": False}
_BAD_STATE = noop("Unknown state: 上架, 下架 or 草稿 (on_shelf, off_shelf, draft).")
_BAD_YES = noop("Yes or no (是, 否).")
_BAD_TIERS = noop("Quantity prices read like 10:9.50;50:9.00.")
_TOO_DEEP = noop("A category has at most two levels: 水果/苹果.")
_OPTION_TWICE = noop("Two rows have the same option values.")


def products(rows: Iterable[tuple[int, Mapping[str, str]]]) -> Iterator[Incoming]:
    """The products of rows: a row with an empty key, or the key of the row before, belongs to the product before."""
    known = {name: names[0] for names in NAMES.values() for name in names}
    group: list[Cells] = []
    for number, cells in rows:
        row = Cells(number, {known.get(name, name): text for name, text in cells.items()})
        if not any(row.cells.values()):
            continue
        key = _at(row, "handle")
        if group and key and key != _at(group[0], "handle"):
            yield _product(group)
            group = []
        group.append(row)
    if group:
        yield _product(group)


def _at(row: Cells, key: str) -> str:
    return row.raw(NAMES[key][0]).strip()


def _product(rows: Sequence[Cells]) -> Incoming:
    first = rows[0]
    made = Incoming(key=_at(first, "handle")[:255], row=first.number)

    def text(key: str, most: int | None = None, row: Cells = first) -> str:
        return row.text(made, NAMES[key][0], most)

    for key in ("handle", "title"):
        if not text(key):
            made.refuse(first.number, NAMES[key][0], MISSING)
    made.title, made.subtitle, made.html = text("title", 80), text("subtitle", 120), text("html")
    made.brand = text("brand", 40)
    made.category = [part.strip()[:30] for part in text("category").split("/") if part.strip()]
    if len(made.category) > 2:
        made.refuse(first.number, NAMES["category"][0], _TOO_DEEP, text("category"))
    tags = text("tags").replace("，", ",").replace("、", ",").split(",")
    made.tags = list(dict.fromkeys(tag.strip()[:MAX_TAG_LENGTH] for tag in tags if tag.strip()))
    made.wanted = _choice(first, made, "status", STATES, _BAD_STATE) or ""
    made.free_shipping = _choice(first, made, "free", _YES, _BAD_YES)
    made.freight_template = text("template", 26)
    names = [text(f"option{number}", 40) for number in (1, 2, 3)]
    used = [number for number in (1, 2, 3) if names[number - 1]]
    made.skus = [_sku(row, made, used) for row in rows]
    made.options = [
        {"name": names[number - 1], "values": list(dict.fromkeys(sku["values"][place] for sku in made.skus))}
        for place, number in enumerate(used)
    ]
    if len({tuple(sku["values"]) for sku in made.skus}) < len(made.skus):
        made.refuse(first.number, NAMES["value1"][0], _OPTION_TWICE)
    addresses = [one.strip()[:500] for one in text("pictures").replace("\n", ";").split(";") if one.strip()]
    made.images = [{"src": one, "position": place, "alt": ""} for place, one in enumerate(addresses, start=1)]
    return made


def _choice(row: Cells, made: Incoming, key: str, known: Mapping[str, Any], reason: str) -> Any:
    found = row.text(made, NAMES[key][0]).lower()
    if found and found not in known:
        made.refuse(row.number, NAMES[key][0], reason, found)
    return known.get(found)


def _sku(row: Cells, made: Incoming, used: Sequence[int]) -> dict[str, Any]:
    def amount(key: str) -> int | None:
        return row.amount(made, NAMES[key][0])

    price, supply, partner = amount("price"), amount("supply"), amount("partner")
    if not price:
        made.refuse(row.number, NAMES["price"][0], MISSING)
    if supply is None and made.wanted == "on_shelf":
        made.warn(row.number, NAMES["supply"][0], NO_COST)
    values = [row.text(made, NAMES[f"value{number}"][0], 60) for number in used]
    for number, value in zip(used, values, strict=True):
        if not value:
            made.refuse(row.number, NAMES[f"value{number}"][0], MISSING)
    return {
        "values": values,
        "price": price,
        "compare": amount("compare"),
        "supply": supply,
        "stock": row.stock(made, NAMES["stock"][0]),
        "code": row.text(made, NAMES["code"][0], 40),
        "barcode": row.text(made, NAMES["barcode"][0], 40),
        "weight": row.whole(made, NAMES["weight"][0]) or 0,
        "levels": {"partner": partner} if partner else {},
        "tiers": _tiers(row, made),
        "row": row.number,
    }


def _tiers(row: Cells, made: Incoming) -> list[list[int]]:
    text = row.text(made, NAMES["tiers"][0])
    found: list[list[int]] = []
    for part in text.replace("；", ";").replace("：", ":").split(";"):
        if not part.strip():
            continue
        qty, _, price = part.partition(":")
        probe = Incoming(key="", row=row.number)
        amount = Cells(row.number, {"x": price}).amount(probe, "x")
        pieces = whole(qty)
        if probe.faults or not amount or not pieces:
            made.refuse(row.number, NAMES["tiers"][0], _BAD_TIERS, text)
            return []
        found.append([pieces, amount])
    return found


def rows_of(product: Mapping[str, Any]) -> list[list[Any]]:
    """A product as rows under HEADING. Amounts are texts with two decimals: a sheet may add them, and reads them back."""
    rows = []
    for place, sku in enumerate(product["skus"] or [None]):
        cells: dict[str, Any] = {"handle": product["handle"]}
        if place == 0:
            cells |= {
                "title": product["title"],
                "subtitle": product["subtitle"],
                "brand": product["brand"],
                "category": product["category_path"],
                "tags": ",".join(product["tags"]),
                "status": _SHOWN.get(product["status"], ""),
                "free": "是" if product["free_shipping"] else "否",
                "template": product["freight_template"],
                "pictures": ";".join(image["src"] for image in product["images"]),
                "html": product["html"],
            }
            cells |= {f"option{number}": one["name"] for number, one in enumerate(product["options"], start=1)}
        if sku:
            cells |= {f"value{number}": value for number, value in enumerate(sku["values"], start=1)}
            cells |= {name: sku[name] for name in ("code", "barcode", "stock", "weight")}
            cells |= {name: format_yuan(sku[name]) for name in ("price", "compare", "supply") if sku[name] is not None}
            if sku["partner"]:
                cells["partner"] = format_yuan(sku["partner"])
            cells["tiers"] = ";".join(f"{qty}:{format_yuan(price)}" for qty, price in sku["tiers"])
        rows.append([cells.get(key, "") for key in NAMES])
    return rows
