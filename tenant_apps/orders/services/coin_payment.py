"""Shopping coins in payment (MODES 11b): how much of which line they may pay, set aside, spent, free again — and booked.

In the book coins of an unpaid order lie in the order's escrow, asset COIN; paid, they return to where they were issued.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from saas.kernel.errors import DomainError
from saas.ledger import services as ledger
from saas.ledger.services import Move
from tenant_apps.modes import quoting
from tenant_apps.modes import selectors as modes
from tenant_apps.modes.coins import mode as coins
from tenant_apps.modes.coins import services as coin_lots
from tenant_apps.modes.coins.rules import COIN
from tenant_apps.modes.selectors import Pinned
from tenant_apps.orders.models import Order
from tenant_apps.orders.services.quoted import QuotedLine

MODE = "coins"


class CoinsNotTaken(DomainError):
    """More than coins may pay of these goods; `limit` is how many they may."""

    code = "coins_not_taken"
    http_status = 422
    message = _("{limit} coins at most may be used for this order.")  # type: ignore[assignment]


@dataclass(frozen=True)
class CoinTerms:
    """What coins may pay here: by line the part (ppm) and whether its seller bears it, and what a coin is worth (fen)."""

    rates: tuple[int, ...]
    by_seller: tuple[bool, ...]
    coin_fen: int

    @property
    def taken(self) -> bool:
        return any(self.rates)


def terms(lines: Sequence[QuotedLine], pinned: Mapping[str, Pinned]) -> CoinTerms:
    """The terms of these lines under the settings in force: of the line's zone, else of the mall."""
    if not any(one.mode == MODE for one in pinned.values()):
        return CoinTerms((0,) * len(lines), (False,) * len(lines), 1)
    rates, by_seller = [], []
    for line in lines:
        here = modes.of_zone(pinned, line.offer.zone).get(MODE)
        rates.append(coins.part_of(here.values, quoting.facts_of(line.offer)) if here else 0)
        by_seller.append(here is not None and coins.borne_by_seller(here.values, line.seller.kind))
    return CoinTerms(tuple(rates), tuple(by_seller), coins.coin_fen(pinned))


def check(wanted: int, limit: int) -> None:
    """Raise CoinsNotTaken unless so many coins are within `limit`."""
    if not 0 <= wanted <= limit:
        raise CoinsNotTaken(limit=limit, field="coins")


def reserve(order: Order, *, member_ulid: str, now: dt.datetime) -> None:
    """Set the coins of an order that is being placed aside. Raises CoinsShort."""
    if order.coin_count:
        coin_lots.reserve(member_ulid=member_ulid, order_ulid=order.ulid, coins=order.coin_count, now=now)
        wallet = f"member.wallet.{member_ulid}"
        _post(order, "reserved", Move(wallet, _escrow(order), order.coin_count, COIN), now)


def spend(order: Order, now: dt.datetime) -> None:
    """The order is paid: its coins are gone."""
    if order.coin_count:
        coin_lots.mark_spent(order_ulid=order.ulid)
        _post(order, "spent", Move(_escrow(order), "issued", order.coin_count, COIN), now)


def release(order: Order, now: dt.datetime) -> None:
    """The order was given up before it was paid: its coins are the member's again."""
    if order.coin_count:
        owner, number = coin_lots.release(order_ulid=order.ulid)
        if number:
            _post(order, "released", Move(_escrow(order), f"member.wallet.{owner}", number, COIN), now)


def _escrow(order: Order) -> str:
    return f"order.escrow.{order.ulid}"


def _post(order: Order, what: str, move: Move, now: dt.datetime) -> None:
    ledger.post_entry(
        key=f"coins.{what}:{order.ulid}",
        kind=f"coins.{what}",
        moves=[move],
        document=f"order:{order.ulid}",
        occurred_at=now,
    )
