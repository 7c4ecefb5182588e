"""Flash sales in a purchase: which pieces have the price, taken when it is placed, returned when it is given up."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from saas.kernel.errors import DomainError
from tenant_apps.catalog.rules import ProductKind
from tenant_apps.members import services as members
from tenant_apps.members.models import Member
from tenant_apps.modes.contract import SellerKind
from tenant_apps.orders import selectors as orders
from tenant_apps.orders.pricing import Discount, Funder
from tenant_apps.orders.services.quoted import QuotedLine
from tenant_apps.promotions import selectors
from tenant_apps.promotions import services as promotions
from tenant_apps.promotions.models import Coupon

PREFIX = orders.FLASH
RISEN = "flash_rise:"  # what the seller bears of a sale of the mall, because his usual price has risen since
_SETS_ITS_PRICE = (SellerKind.COMMISSION, SellerKind.CONCESSION)
_SINCE = dt.timedelta(days=1)  # a sale that was over for longer is not what a shopper speaks of


class FlashLimit(DomainError):
    """More pieces at a flash sale's price than one person may have."""

    code = "flash_limit"
    message = _("“{title}” is limited to {limit} a person at the flash sale's price; you have {bought} already.")  # type: ignore[assignment]


class FlashOver(DomainError):
    """The flash sale that the shopper saw is over, sold out, or he has had his share; the page shows what holds now."""

    code = "flash_over"
    message = _("The flash sale “{title}” is over, sold out, or you have had all that one person may have: the order below is at today's price.")  # type: ignore[assignment]  # fmt: skip


def discounts(lines: Sequence[QuotedLine], rows: Iterable[Coupon], *, member_ulid: str) -> tuple[Discount, ...]:
    """What running flash sales (`rows`) take off (one statement where the member could have bought of one before)."""
    running = selectors.flash_sales(rows)
    here = {line.offer.key: running[line.offer.key] for line in lines if line.offer.key in running}
    if not here:
        return ()
    bought = orders.flash_pieces_bought(member_ulid, here.values()) if member_ulid else {}
    found = []
    for line in lines:
        sale = here.get(line.offer.key)
        if sale is None or line.offer.kind != ProductKind.GOODS:
            continue
        pieces = sale.pieces(line.qty, unit_amount=line.unit_amount, bought=bought.get(sale.ulid, 0))
        if pieces:
            risen = sale.risen(line.unit_amount, sold_by_others=line.seller.kind in _SETS_ITS_PRICE)
            off, keys = pieces * (line.unit_amount - risen - sale.price_amount), (line.offer.key,)
            found.append(Discount(f"{PREFIX}{sale.ulid}", sale.title, sale.funder, off, keys, pieces))
            if risen:
                found.append(Discount(f"{RISEN}{sale.ulid}", sale.title, Funder.SELLER, pieces * risen, keys))
    return tuple(found)


def is_flash(line: QuotedLine) -> bool:
    """Whether a line of a quote has a flash sale's price."""
    return any(share.discount.source.startswith(PREFIX) for share in line.shares)


def check(lines: Sequence[QuotedLine], member: Member) -> None:
    """Raise FlashLimit where an order that is being placed passes a person's limit; looked at under the member's lock."""
    wanted = _wanted(lines)
    if not wanted:
        return
    members.lock_member(member_ulid=member.ulid)
    sales = {row.ulid: row for row in selectors.flash_rows().filter(ulid__in=list(wanted))}
    bought = orders.flash_pieces_bought(member.ulid, [selectors.as_flash(row) for row in sales.values()])
    for ulid, discount in wanted.items():
        limit = sales[ulid].person_limit
        if bought.get(ulid, 0) + discount.pieces > limit:
            raise FlashLimit(title=discount.title, limit=limit, bought=bought.get(ulid, 0))


def take(lines: Sequence[QuotedLine], *, now: dt.datetime) -> None:
    """Take the pieces of an order that is being placed. Raises promotions.FlashSoldOut; without flash sales no statement."""
    if wanted := _wanted(lines):
        promotions.take_pieces({ulid: discount.pieces for ulid, discount in wanted.items()}, now=now)


def give_up(discounts_of_lines: Iterable[Sequence[Mapping[str, Any]]]) -> None:
    """Return the pieces of orders that are given up unpaid; the lines say in `discounts` what they took."""
    back: dict[str, int] = {}
    for one in (one for of_line in discounts_of_lines for one in of_line):
        if one["source"].startswith(PREFIX):
            ulid = one["source"].removeprefix(PREFIX)
            back[ulid] = back.get(ulid, 0) + one["pieces"]
    promotions.return_pieces(back)


def require_running(lines: Sequence[QuotedLine], *, now: dt.datetime) -> None:
    """A total differs from the agreed one: raise FlashOver where a flash sale of these goods may be the reason."""
    usual = [line.offer.key for line in lines if not is_flash(line) or _pieces(line) < line.qty]
    if found := selectors.flash_over(usual, since=now - _SINCE):
        raise FlashOver(title=found.title)


def _wanted(lines: Sequence[QuotedLine]) -> dict[str, Discount]:
    return {
        share.discount.source.removeprefix(PREFIX): share.discount
        for line in lines
        for share in line.shares
        if share.discount.source.startswith(PREFIX)
    }


def _pieces(line: QuotedLine) -> int:
    return sum(share.discount.pieces for share in line.shares)
