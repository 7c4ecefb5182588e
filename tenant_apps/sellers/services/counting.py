"""Stock and prices of many SKUs of a shop by one list: looked at row by row first, then done product by product."""

import dataclasses
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext

from saas.kernel.errors import DomainError
from saas.kernel.money import format_yuan, parse_yuan
from tenant_apps.catalog import drafts
from tenant_apps.catalog import services as catalog
from tenant_apps.catalog.models import Product, Sku
from tenant_apps.catalog.rules import MAX_AMOUNT, MAX_STOCK, ReviewState
from tenant_apps.sellers import goods_of
from tenant_apps.sellers.listing import ListingRule
from tenant_apps.sellers.services.listing import change_listing

COLUMNS = 8  # SKU, product, option, article number, price, new price, stock, new stock
MAX_ROWS = 2_000


@dataclass(frozen=True)
class CountRow:
    """What one row asks: another price (fen) or none, and pieces more or fewer."""

    row: int
    sku: str
    price_amount: int | None
    delta: int


@dataclass(frozen=True)
class CountFault:
    """Why a row is not done, and in which column: `sku`, `price` or `stock`."""

    row: int
    column: str
    reason: str


@dataclass(frozen=True)
class CountPlan:
    """What a list does; rows that ask nothing are in neither. `waiting`: rows whose price the mall looks at first."""

    good: tuple[CountRow, ...]
    faults: tuple[CountFault, ...]
    waiting: int = 0


def plan_counts(*, seller_ulid: str, rows: Sequence[tuple[int, list[str]]], rule: ListingRule) -> CountPlan:
    """Look at every row and change nothing (one statement)."""
    known = {sku.ulid: sku for sku in goods_of.skus_of_seller(seller_ulid)}
    good: list[CountRow] = []
    faults: list[CountFault] = []
    seen: set[str] = set()
    for number, cells in rows:
        found = _read(number, cells, known, seen, rule)
        seen.add(cells[0])
        if isinstance(found, CountFault):
            faults.append(found)
        elif found.price_amount is not None or found.delta:
            good.append(found)
    return CountPlan(tuple(good), tuple(faults))


def apply_counts(
    *, seller_ulid: str, rows: Sequence[CountRow], rule: ListingRule, actor: str, now: dt.datetime
) -> CountPlan:
    """Do what was looked at, product by product: what has changed since is a fault of that product's rows alone."""
    own = {sku.ulid: sku for sku in goods_of.skus_of_seller(seller_ulid)}
    by_product: dict[int, list[CountRow]] = {}
    faults = [CountFault(one.row, "sku", _unknown()) for one in rows if one.sku not in own]
    for one in rows:
        if one.sku in own:
            by_product.setdefault(own[one.sku].product_id, []).append(one)
    good: list[CountRow] = []
    waiting = 0
    for asked in by_product.values():
        product = own[asked[0].sku].product
        try:
            waiting += _of_product(seller_ulid, product, asked, rule, actor, now)
        except DomainError as error:
            column = "price" if error.field in ("price_amount", "level_prices", "tiers") else "stock"
            faults += [CountFault(one.row, column, error.text) for one in asked]
        else:
            good += asked
    return CountPlan(tuple(good), tuple(sorted(faults, key=lambda one: one.row)), waiting)


def _of_product(
    seller_ulid: str, product: Product, asked: Sequence[CountRow], rule: ListingRule, actor: str, now: dt.datetime
) -> int:
    """How many of the rows wait for the mall."""
    with transaction.atomic():
        for one in asked:
            if one.delta:
                catalog.change_stock(
                    sku_ulid=one.sku, delta=one.delta, reason=gettext("counted by the seller"), actor=actor, now=now
                )
        prices = {one.sku: one.price_amount for one in asked if one.price_amount is not None}
        if not prices:
            return 0
        stored = (product.review or {}).get("draft") if product.review_state == ReviewState.WAITING else None
        draft = drafts.from_json(stored, seller_ulid=seller_ulid) if stored else drafts.draft_of(product)
        skus = tuple(
            dataclasses.replace(sku, price_amount=prices.get(sku.ulid, sku.price_amount), stock_seen=None)
            for sku in draft.skus
        )
        waits = change_listing(
            seller_ulid=seller_ulid,
            product_ulid=product.ulid,
            draft=dataclasses.replace(draft, skus=skus),
            rule=rule,
            actor=actor,
            now=now,
        )
        return len(prices) if waits else 0


def _read(
    number: int, cells: list[str], known: dict[str, Sku], seen: set[str], rule: ListingRule
) -> CountRow | CountFault:
    ulid, price, stock_was, stock = cells[0], cells[5], cells[6], cells[7]
    if ulid not in known:
        return CountFault(number, "sku", _unknown())
    if ulid in seen:
        return CountFault(number, "sku", gettext("This SKU stands in the list twice."))
    amount: int | None = None
    if price:
        try:
            amount = parse_yuan(price)
        except ValueError:
            return CountFault(number, "price", gettext("Give a price in yuan, such as 99 or 99.50."))
        if not rule.price_min_amount <= amount <= MAX_AMOUNT:
            return CountFault(
                number,
                "price",
                gettext("No price here is below {price} yuan.").format(price=format_yuan(rule.price_min_amount)),
            )
        amount = None if amount == known[ulid].price_amount else amount
    if not stock:
        return CountRow(number, ulid, amount, 0)
    if not (stock.isdigit() and stock_was.isdigit() and int(stock) <= MAX_STOCK):
        return CountFault(
            number, "stock", gettext("Stock is a whole number; leave the column with the old one as it is.")
        )
    return CountRow(number, ulid, amount, int(stock) - int(stock_was))


def _unknown() -> str:
    return gettext("Your shop has no such SKU. Save the list anew and leave its first column as it is.")
