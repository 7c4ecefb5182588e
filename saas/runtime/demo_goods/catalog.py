"""Turns the tables into product drafts: options and prices parsed, cost and stock derived, a description written."""

import hashlib
import itertools
from dataclasses import dataclass
from types import ModuleType

from saas.kernel.money import parse_yuan, pct
from saas.runtime.demo_goods import beauty, grocery
from tenant_apps.catalog.rules import Option, ProductDraft, SkuDraft

TABLES: dict[str, ModuleType] = {"grocery": grocery, "beauty": beauty}
_COST_PPM = (420_000, 600_000)


@dataclass(frozen=True)
class Item:
    """One product of a table, with what its picture needs."""

    shape: str
    hue: int
    draft: ProductDraft


def parse(kind: str) -> list[Item]:
    """Every product of a mall's table, in order; the same each time."""
    return parse_rows(kind, TABLES[kind].PRODUCTS)


def parse_rows(kind: str, text: str, *, seller_ulid: str = "") -> list[Item]:
    """The products of such a table, of one seller (empty: the mall's own)."""
    rows = [line.split("|") for line in text.strip().splitlines()]
    return [_item(kind, seller_ulid, *row) for row in rows]


def number(text: str, low: int, high: int) -> int:
    """A number from `low` to `high` that depends on the text alone."""
    digest = int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big")
    return low + digest % (high - low + 1)


def _item(
    kind: str, seller: str, category: str, shape: str, hue: str, title: str, subtitle: str, options: str, origin: str
) -> Item:
    axes, prices = _axes(options)
    skus = []
    for values in itertools.product(*(axis.values for axis in axes)):
        price = next(prices[value] for value in values if value in prices)
        name = f"{title} {values}"
        cost = pct(price, number(name, *_COST_PPM)) // 10 * 10
        skus.append(SkuDraft(values, price, supply_amount=cost, stock=number(name + "stock", 60, 480)))
    draft = ProductDraft(
        title=title,
        subtitle=subtitle,
        description_html=_description(kind, title, subtitle, origin, axes),
        category_slug=category,
        options=axes,
        skus=tuple(skus),
        seller_ulid=seller,
    )
    return Item(shape, int(hue), draft)


def _axes(options: str) -> tuple[tuple[Option, ...], dict[str, int]]:
    """`色号=01,02;规格=30ml:99` → both axes; prices stand on the values of one of them."""
    axes, prices = [], {}
    for axis in options.split(";"):
        name, _, texts = axis.partition("=")
        values = []
        for text in texts.split(","):
            value, _, price = text.partition(":")
            values.append(value)
            if price:
                prices[value] = parse_yuan(price)
        axes.append(Option(name, tuple(values)))
    return tuple(axes), prices


def _description(kind: str, title: str, subtitle: str, origin: str, axes: tuple[Option, ...]) -> str:
    sizes = "、".join(axes[-1].values)
    if kind == "grocery":
        rows = (
            ("产地", origin),
            ("规格", sizes),
            ("储存", "阴凉干燥或按包装标示冷藏"),
            ("发货", "48小时内由产地仓发出"),
        )
        text = f"<p>{title}来自{origin}，{subtitle}。产地直采，逐批留样检测，到货有损按比例赔付。</p>"
        tips = ("收货后请尽快开箱检查", "生鲜请按包装提示冷藏", "如有坏果请在24小时内拍照联系我们")
    else:
        rows = (("适用", origin), ("规格", sizes), ("保质期", "未开封3年，开封后12个月"), ("执行标准", "见外包装"))
        text = f"<p>{title}，{subtitle}，适合{origin}。成分表完整标注，使用前请先在耳后试用。</p>"
        tips = ("取适量于掌心，轻按至吸收", "如有不适请停用并咨询医生", "请避免阳光直射，置于儿童不易触及处")
    table = "".join(f"<tr><th>{name}</th><td>{value}</td></tr>" for name, value in rows)
    advice = "".join(f"<li>{tip}</li>" for tip in tips)
    return f"{text}<table>{table}</table><h3>温馨提示</h3><ul>{advice}</ul>"
