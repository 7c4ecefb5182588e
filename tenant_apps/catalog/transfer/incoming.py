"""A product as a file tells it, and what is wrong with it, by row and column. Both are plain data, kept in a job's row."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from saas.kernel.money import parse_yuan
from tenant_apps.catalog.rules import MAX_STOCK, Option, PriceTerms, SkuDraft

FORMULA = "\x02"  # stands before a cell that was a formula: it is never worked out
_SIGNS = "=+-@\t\r"


def noop(text: str) -> str:
    """Mark a reason for translation: pages translate it when they show it."""
    return text


NOT_AN_AMOUNT = noop("Not an amount in yuan with at most two decimals.")
NOT_WHOLE = noop("Not a whole number.")
IS_FORMULA = noop("A formula: formulas are never worked out. Put its value into the cell.")
TOO_LONG = noop("The text is too long.")
MISSING = noop("This cell may not be empty.")
BELOW_ZERO = noop("Below zero: it is taken as 0.")
NO_COST = noop("Without a supply price it cannot be sold: it stays off the shelf.")


@dataclass
class Incoming:
    """One product of a file. `faults` keep it out; `warnings` only tell. `skus` and `images` are plain dicts."""

    key: str
    row: int
    title: str = ""
    subtitle: str = ""
    html: str = ""
    brand: str = ""
    category: list[str] = field(default_factory=list)  # names, top first
    tags: list[str] = field(default_factory=list)
    wanted: str = ""  # on_shelf, off_shelf, draft; empty: as it is
    options: list[dict[str, Any]] = field(default_factory=list)
    skus: list[dict[str, Any]] = field(default_factory=list)
    images: list[dict[str, Any]] = field(default_factory=list)
    free_shipping: bool | None = None
    freight_template: str | None = None
    source: dict[str, Any] | None = None
    faults: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[dict[str, Any]] = field(default_factory=list)

    def refuse(self, row: int, column: str, reason: str, value: str = "") -> None:
        """Name what keeps this product out."""
        self.faults.append({"row": row, "column": column, "reason": reason, "value": value[:80]})

    def warn(self, row: int, column: str, reason: str, value: str = "") -> None:
        """Name what a person should know, and what keeps nothing out."""
        self.warnings.append({"row": row, "column": column, "reason": reason, "value": value[:80]})


class Cells:
    """One row of a file by column. Reads name what is wrong in the product they read for."""

    def __init__(self, number: int, cells: Mapping[str, str]) -> None:
        self.number, self.cells = number, cells

    def raw(self, column: str) -> str:
        """The cell as it stands, without the mark that an export puts before a sign."""
        text = self.cells.get(column, "")
        return text[1:] if len(text) > 1 and text[0] == "'" and text[1] in _SIGNS else text

    def text(self, into: Incoming, column: str, most: int | None = None) -> str:
        """The cell, trimmed."""
        found = self.raw(column)
        if found.startswith(FORMULA):
            into.refuse(self.number, column, IS_FORMULA, found[1:])
            return ""
        found = found.strip()
        if most is not None and len(found) > most:
            into.refuse(self.number, column, TOO_LONG, found)
            return found[:most]
        return found

    def amount(self, into: Incoming, column: str) -> int | None:
        """Fen, or None for an empty cell."""
        text = self.text(into, column)
        if not text:
            return None
        try:
            found = parse_yuan(text)
        except ValueError:
            into.refuse(self.number, column, NOT_AN_AMOUNT, text)
            return None
        return found

    def whole(self, into: Incoming, column: str) -> int | None:
        """A whole number (spreadsheets write 12.0), or None for an empty cell."""
        text = self.text(into, column)
        if not text:
            return None
        found = whole(text)
        if found is None:
            into.refuse(self.number, column, NOT_WHOLE, text)
        return found

    def stock(self, into: Incoming, column: str) -> int | None:
        """Pieces; below zero (sold before they came) counts as none and is said."""
        found = self.whole(into, column)
        if found is not None and found < 0:
            into.warn(self.number, column, BELOW_ZERO, str(found))
            return 0
        if found is not None and found > MAX_STOCK:
            into.refuse(self.number, column, TOO_LONG, str(found))
        return found


def whole(text: str) -> int | None:
    """12 of `12` and `12.0`; None for anything else."""
    head, _, tail = text.strip().partition(".")
    if tail.strip("0") or not head.lstrip("-").isdigit() or len(head) > 12:
        return None
    return int(head)


def safe_cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula; numbers stay numbers."""
    if text and text[0] in _SIGNS:
        number = text[1:] if text[0] in "+-" else ""
        if not number or not number.replace(".", "", 1).isdigit():
            return f"'{text}"
    return text


def sku_draft(sku: Mapping[str, Any], *, seen: int | None = None) -> SkuDraft:
    """A SKU of a file as the catalog takes it; `seen` is the stock of the SKU that it changes."""
    levels, tiers = sku.get("levels"), sku.get("tiers")
    terms = None
    if levels is not None or tiers is not None:
        terms = PriceTerms(
            tuple(sorted((levels or {}).items())), tuple((int(qty), int(price)) for qty, price in tiers or ())
        )
    stock = sku.get("stock")
    return SkuDraft(
        values=tuple(sku["values"]),
        price_amount=sku.get("price") or 0,
        supply_amount=sku.get("supply"),
        stock=stock if stock is not None else (seen or 0),
        stock_seen=seen,
        compare_amount=sku.get("compare") or None,
        code=sku.get("code", ""),
        barcode=sku.get("barcode", ""),
        weight_grams=sku.get("weight") or 0,
        terms=terms,
        source=sku.get("source"),
    )


def options_of(incoming: Mapping[str, Any]) -> tuple[Option, ...]:
    """The options of a kept product."""
    return tuple(Option(one["name"], tuple(one["values"])) for one in incoming["options"])
